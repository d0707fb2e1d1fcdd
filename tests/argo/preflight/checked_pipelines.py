"""Pipelines for the tests of the preflight, sound unless broken on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo import (
    ArgoConfig,
    ArgoNode,
    check_pipeline,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext.findings import Finding


MACHINES = {"small": {"mem": 4, "cpu": 1}, "large": {"mem": 60, "cpu": 15.5}}


def take(*values: Any) -> Any:
    """Take anything, give it back."""
    return values


def fit(table: Any, model: Any) -> Any:
    """Take a table and a model."""
    return table, model


def stored(path: str, **more: Any) -> dict[str, Any]:
    """Write an entry of a class that is never instantiated."""
    return {"type": "kedro.io.core.AbstractDataset", "filepath": path, **more}


def chain(**arguments: Any) -> Pipeline:
    """Make two nodes, `raw` to `a` to `b`; the first takes what else is given."""
    return Pipeline([ArgoNode(take, "raw", "a", name="one", **arguments), Node(take, "a", "b", name="two")])


SOUND = {name: stored(f"s3://bucket/{name}") for name in ("raw", "a", "b")}


def check(
    pipeline: Pipeline | None = None,
    *,
    catalog: dict[str, Any] | None = None,
    argo: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    **options: Any,
) -> list[Finding]:
    """Check a pipeline, by default a sound one; what is given breaks it."""
    entries = DataCatalog.from_config({**SOUND, **(catalog or {})})
    for name, value in (parameters or {}).items():
        entries[f"params:{name}"] = MemoryDataset(value)
    if parameters is not None:
        entries["parameters"] = MemoryDataset(parameters)
    sections = {"deployment": {"image": "shop"}, "machine_types": MACHINES, "default_machine_type": "small"}
    config = ArgoConfig.model_validate({**sections, **(argo or {})})
    checked = check_pipeline(pipeline or chain(), config=config, catalog=entries, **options)
    return list(checked.findings)


def codes(findings: Iterable[Finding]) -> list[str]:
    """List the codes of findings, each once."""
    return sorted({found.code for found in findings})

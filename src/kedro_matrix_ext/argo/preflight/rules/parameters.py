"""Parameters: those that are missing, and the objects they declare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.injected_objects import check_objects_injected
from kedro_matrix_ext.catalog.parameter_names import (
    ALL_PARAMETERS,
    PARAMETER_PREFIX,
    check_parameters_used,
    named_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro.io import DataCatalog

    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_injected_objects", "find_missing_parameters", "read_parameters"]


def read_parameters(subject: CheckContext) -> dict[str, Any]:
    """Read the parameters of the environment out of its catalog, where Kedro puts them.

    Args:
        subject: What is checked.

    Returns:
        All of them as one tree; where the catalog has no such tree, those with a name of their own.
    """
    catalog = subject.catalog
    if catalog is None:
        return {}
    known = set(catalog.keys())
    if ALL_PARAMETERS in known:
        return dict(_load(catalog, ALL_PARAMETERS) or {})
    named = sorted(name for name in known if name.startswith(PARAMETER_PREFIX))
    return {name.removeprefix(PARAMETER_PREFIX): _load(catalog, name) for name in named}


def _load(catalog: DataCatalog, parameter: str) -> Any:
    """Load a parameter without a line in the log, of which there would be hundreds."""
    dataset = catalog.get(parameter)
    return None if dataset is None else dataset.load()


def find_missing_parameters(subject: CheckContext) -> Iterator[Finding]:
    """Report parameters that nodes use and nobody declares."""
    if subject.catalog is None:
        return
    names = subject.catalog.keys()
    known = {name.removeprefix(PARAMETER_PREFIX) for name in names if name.startswith(PARAMETER_PREFIX)}
    known |= dict(named_parameters(subject.given)).keys()
    uses = subject.parameters_used
    found = check_parameters_used(
        {name: used[0].node for name, used in uses.items()}, known, locate=subject.parameter_place
    )
    for each in found:
        yield replace(each, task=uses[str(each.dataset)][0].task)


def find_injected_objects(subject: CheckContext) -> Iterator[Finding]:
    """Report objects that parameters declare and that nodes could not be given; nothing is called."""
    if subject.catalog is None:
        return
    used = subject.parameters_used.keys() & set(subject.catalog.keys())
    values = {name: _load(subject.catalog, name) for name in used}
    seen: set[str] = set()
    for node in subject.nodes:
        for found in check_objects_injected(node, values, locate=subject.parameter_place):
            if (identity := f"{found.location.config_path} {found.message}") not in seen:
                seen.add(identity)
                yield replace(found, task=subject.task_of[node.name])

"""Parameters: those that are missing, and the objects they declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.findings import finding
from kedro_matrix_ext.injection import check_injected_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro.io import DataCatalog

    from kedro_matrix_ext.argo.preflight.subject import Subject
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_injected_objects", "find_missing_parameters", "read_parameters"]

_PREFIX = "params:"
_ALL = "parameters"


def read_parameters(subject: Subject) -> dict[str, Any]:
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
    if _ALL in known:
        return dict(_load(catalog, _ALL) or {})
    return {
        name.removeprefix(_PREFIX): _load(catalog, name) for name in sorted(known) if name.startswith(_PREFIX)
    }


def _load(catalog: DataCatalog, parameter: str) -> Any:  # noqa: ANN401  parameters may be anything
    """Load a parameter without a line in the log, of which there would be hundreds."""
    dataset = catalog.get(parameter)
    return None if dataset is None else dataset.load()


def find_missing_parameters(subject: Subject) -> Iterator[Finding]:
    """Report parameters that nodes use and nobody declares."""
    if subject.catalog is None:
        return
    known = {name for name in subject.catalog.keys() if name.startswith(_PREFIX)}  # noqa: SIM118  not a dict
    known |= {f"{_PREFIX}{name}" for name in _name_all(subject.given)}
    for parameter, uses in subject.parameters_used.items():
        if parameter == _ALL or parameter in known:
            continue
        name = parameter.removeprefix(_PREFIX)
        hint = did_you_mean(name, (other.removeprefix(_PREFIX) for other in known))
        yield finding(
            "missing-parameter",
            f"node {uses[0].node!r} uses parameter {name!r}, which environment {subject.plan.env!r} has not",
            fix=f"Declare {name!r} in the parameters, or correct the name. {hint}".rstrip(),
            location=subject.parameter_place(name.split(".")),
            task=uses[0].task,
            node=uses[0].node,
            dataset=parameter,
        )


def _name_all(tree: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Name parameters as Kedro does: each key by its path from the top."""
    for key, value in tree.items():
        yield f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _name_all(value, f"{above}{key}.")


def find_injected_objects(subject: Subject) -> Iterator[Finding]:
    """Report objects that used parameters declare and that cannot be made; nothing is called."""
    seen: set[str] = set()
    known = set() if subject.catalog is None else set(subject.catalog.keys())
    for parameter in sorted(subject.parameters_used):
        if parameter not in known or subject.catalog is None:
            continue
        use = subject.parameters_used[parameter][0]
        keys = parameter.removeprefix(_PREFIX).split(".") if parameter != _ALL else []
        value = _load(subject.catalog, parameter)
        for found in check_injected_objects(value, keys=keys, locate=subject.parameter_place):
            if (identity := f"{found.location.config_path} {found.message}") not in seen:
                seen.add(identity)
                yield replace(found, task=use.task, node=use.node, dataset=parameter)

"""Parameters: those that are missing, and the objects they declare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.parameters import (
    ALL_PARAMETERS,
    PARAMETER_PREFIX,
    check_parameters_used,
    name_parameters,
)
from kedro_matrix_ext.injection import check_injected_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro.io import DataCatalog

    from kedro_matrix_ext.argo.preflight.subject import Subject
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_injected_objects", "find_missing_parameters", "read_parameters"]


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
    if ALL_PARAMETERS in known:
        return dict(_load(catalog, ALL_PARAMETERS) or {})
    named = sorted(name for name in known if name.startswith(PARAMETER_PREFIX))
    return {name.removeprefix(PARAMETER_PREFIX): _load(catalog, name) for name in named}


def _load(catalog: DataCatalog, parameter: str) -> Any:  # noqa: ANN401  parameters may be anything
    """Load a parameter without a line in the log, of which there would be hundreds."""
    dataset = catalog.get(parameter)
    return None if dataset is None else dataset.load()


def find_missing_parameters(subject: Subject) -> Iterator[Finding]:
    """Report parameters that nodes use and nobody declares."""
    if subject.catalog is None:
        return
    names = subject.catalog.keys()
    known = {name.removeprefix(PARAMETER_PREFIX) for name in names if name.startswith(PARAMETER_PREFIX)}
    known |= set(name_parameters(subject.given))
    uses = subject.parameters_used
    found = check_parameters_used(
        {name: used[0].node for name, used in uses.items()}, known, locate=subject.parameter_place
    )
    for each in found:
        yield replace(each, task=uses[str(each.dataset)][0].task)


def find_injected_objects(subject: Subject) -> Iterator[Finding]:
    """Report objects that used parameters declare and that cannot be made; nothing is called."""
    seen: set[str] = set()
    known = set() if subject.catalog is None else set(subject.catalog.keys())
    for parameter in sorted(subject.parameters_used):
        if parameter not in known or subject.catalog is None:
            continue
        use = subject.parameters_used[parameter][0]
        keys = parameter.removeprefix(PARAMETER_PREFIX).split(".") if parameter != ALL_PARAMETERS else []
        value = _load(subject.catalog, parameter)
        for found in check_injected_objects(value, keys=keys, locate=subject.parameter_place):
            if (identity := f"{found.location.config_path} {found.message}") not in seen:
                seen.add(identity)
                yield replace(found, task=use.task, node=use.node, dataset=parameter)

"""Parameters as datasets of nodes: their names, and those that nodes use but nothing declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.findings import Finding, Location, finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from kedro.pipeline.node import Node

__all__ = [
    "ALL_PARAMETERS",
    "PARAMETER_PREFIX",
    "check_data_named_as_parameters",
    "check_parameters_used",
    "is_parameter",
    "named_parameters",
]

ALL_PARAMETERS = "parameters"
PARAMETER_PREFIX = "params:"


def is_parameter(dataset: str) -> bool:
    """Return whether a dataset name is a parameter: ``parameters`` or ``params:<name>``.

    Examples:
        >>> is_parameter("params:depth"), is_parameter("cars")
        (True, False)
    """
    return dataset == ALL_PARAMETERS or dataset.startswith(PARAMETER_PREFIX)


def named_parameters(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the names and values of parameters as Kedro names them, those of mappings too.

    Examples:
        >>> list(named_parameters({"model": {"depth": 3}}))
        [('model', {'depth': 3}), ('model.depth', 3)]
    """
    for key, value in tree.items():
        yield f"{above}{key}", value
        if isinstance(value, dict):
            yield from named_parameters(value, f"{above}{key}.")


def check_parameters_used(
    used: Mapping[str, str],
    known: Collection[str],
    *,
    locate: Callable[[Sequence[str]], Location],
    find_entry: Callable[[str], str | None] = lambda _: None,
) -> Iterator[Finding]:
    """Yield a finding ``missing-parameter`` for each parameter that a node uses and nothing declares.

    ``find_entry`` names the entry or pattern of the catalog that Kedro would load in its place.
    """
    for parameter, node in used.items():
        name = parameter.removeprefix(PARAMETER_PREFIX)
        if parameter == ALL_PARAMETERS or name in known:
            continue
        hint = did_you_mean(name, known)
        entry = find_entry(parameter)
        answered = "" if entry is None else f"; Kedro would load it as data, through the catalog's {entry!r}"
        yield finding(
            "missing-parameter",
            f"node {node!r} uses parameter {name!r}, which is not declared in this environment{answered}",
            fix=f"Declare {name!r} in the parameters, or correct the name. {hint}".rstrip(),
            location=locate(name.split(".")),
            node=node,
            dataset=parameter,
        )


def check_data_named_as_parameters(
    nodes: Iterable[Node], entries: Iterable[str], *, locate: Callable[[str], Location]
) -> Iterator[Finding]:
    """Yield a finding ``data-named-as-parameter`` per node output and catalog entry named like a parameter.

    A run takes their values as data and builds no objects of them.
    """
    for node in nodes:
        for output in filter(is_parameter, node.outputs):
            yield finding(
                "data-named-as-parameter",
                f"node {node.name!r} writes {output!r}, which is the name of a parameter",
                node=node.name,
                dataset=output,
            )
    for entry in filter(is_parameter, entries):
        yield finding(
            "data-named-as-parameter",
            f"the catalog has an entry {entry!r}, which is the name of a parameter",
            location=locate(entry),
            dataset=entry,
        )

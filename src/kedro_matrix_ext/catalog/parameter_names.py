"""Parameters as the datasets they are to nodes: which are used and declared nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.findings import Finding, Location, finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

__all__ = [
    "ALL_PARAMETERS",
    "PARAMETER_PREFIX",
    "check_parameters_used",
    "is_parameter",
    "named_parameters",
]

ALL_PARAMETERS = "parameters"
PARAMETER_PREFIX = "params:"


def is_parameter(dataset: str) -> bool:
    """Tell a parameter from other datasets.

    Args:
        dataset: The name a node uses.

    Returns:
        True for ``parameters`` and names such as ``params:model.depth``.

    Examples:
        >>> is_parameter("params:depth"), is_parameter("cars")
        (True, False)
    """
    return dataset == ALL_PARAMETERS or dataset.startswith(PARAMETER_PREFIX)


def named_parameters(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Name parameters as Kedro does: each key by its path from the top.

    Args:
        tree: Parameters.
        above: The path to the tree, with the dot behind it.

    Yields:
        Names and values, those of mappings too.

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
) -> Iterator[Finding]:
    """Report parameters that nodes use and nothing declares.

    Args:
        used: Per parameter, as ``params:model.depth`` or ``parameters``, a node that uses it.
        known: The names of the parameters there are, as ``model.depth``.
        locate: Tells where a parameter of that key path is written, or would be.

    Yields:
        A finding ``missing-parameter`` for each.
    """
    for parameter, node in used.items():
        name = parameter.removeprefix(PARAMETER_PREFIX)
        if parameter == ALL_PARAMETERS or name in known:
            continue
        hint = did_you_mean(name, known)
        yield finding(
            "missing-parameter",
            f"node {node!r} uses parameter {name!r}, which this environment has not",
            fix=f"Declare {name!r} in the parameters, or correct the name. {hint}".rstrip(),
            location=locate(name.split(".")),
            node=node,
            dataset=parameter,
        )

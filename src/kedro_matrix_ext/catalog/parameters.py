"""Parameters as the datasets they are to nodes: which are used and declared nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._node_copies import input_arguments
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.injection.calls import UNKNOWN, Call, Given
from kedro_matrix_ext.injection.checks import check_call

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kedro.pipeline.node import Node

__all__ = [
    "ALL_PARAMETERS",
    "PARAMETER_PREFIX",
    "check_objects_injected",
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


def check_objects_injected(
    node: Node,
    parameters: Mapping[str, Any],
    *,
    locate: Callable[[Sequence[Any]], Location],
) -> Iterator[Finding]:
    """Report objects that parameters declare and that a node's decorators could not make of them.

    Args:
        node: The node.
        parameters: Per parameter, as ``params:model.depth`` or ``parameters``, its value.
        locate: Tells where a value is written, by its key path.

    Yields:
        A finding ``injected-object`` for each, with the node and the parameter; nothing for what the node is
        handed as it is.
    """

    def give(name: str) -> Given:
        if name not in parameters:
            return UNKNOWN
        keys = () if name == ALL_PARAMETERS else tuple(name.removeprefix(PARAMETER_PREFIX).split("."))
        return Given(parameters[name], name, keys)

    args, kwargs = input_arguments(node)
    call = Call(tuple(map(give, args)), {argument: give(name) for argument, name in kwargs.items()})
    for found in check_call(node.func, call, locate=locate):
        yield replace(found, node=node.name)

"""Check the objects that parameters declare, as the nodes that use them would build them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._node_copies import input_arguments
from kedro_matrix_ext.catalog.parameter_names import ALL_PARAMETERS, PARAMETER_PREFIX
from kedro_matrix_ext.injection.checks import check_call, list_blocks, list_targets
from kedro_matrix_ext.injection.decorators.calls import UNKNOWN, Call, Given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kedro.pipeline.node import Node

    from kedro_matrix_ext.findings import Finding, Location
    from kedro_matrix_ext.injection.checks import Targets
    from kedro_matrix_ext.injection.objects.blocks import Block
    from kedro_matrix_ext.injection.objects.instantiation import Place

__all__ = ["check_objects_injected", "list_blocks_injected", "list_targets_injected"]


def check_objects_injected(
    node: Node,
    parameters: Mapping[str, Any],
    *,
    locate: Callable[[Sequence[Any]], Location],
) -> Iterator[Finding]:
    """Yield a finding ``injected-object`` for each object that a node's decorators could not build."""
    for found in check_call(node.func, _read_call(node, parameters), locate=locate):
        yield replace(found, node=node.name)


def list_targets_injected(node: Node, parameters: Mapping[str, Any]) -> Targets:
    """List the targets that a node's decorators would use."""
    return list_targets(node.func, _read_call(node, parameters))


def list_blocks_injected(node: Node, parameters: Mapping[str, Any]) -> Iterator[tuple[Block, Place]]:
    """List the blocks that a node's decorators would build, outer ones first; nothing is imported."""
    return list_blocks(node.func, _read_call(node, parameters))


def _read_call(node: Node, parameters: Mapping[str, Any]) -> Call:
    """Return the call that a run makes of a node's function, as far as parameters are its arguments."""

    def give(name: str) -> Given:
        if name not in parameters:
            return UNKNOWN
        keys = () if name == ALL_PARAMETERS else tuple(name.removeprefix(PARAMETER_PREFIX).split("."))
        return Given(parameters[name], name, keys)

    args, kwargs = input_arguments(node)
    return Call(tuple(map(give, args)), {argument: give(name) for argument, name in kwargs.items()})

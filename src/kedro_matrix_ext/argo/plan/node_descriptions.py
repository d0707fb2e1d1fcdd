"""Nodes as plain data, for tools that read a plan and do not import the project."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.parameter_names import is_parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.plan.node_graph import NodeGraph

__all__ = ["describe_nodes"]


def describe_nodes(graph: NodeGraph) -> dict[str, dict[str, Any]]:
    """Return, for each node, its function by full name, inputs, outputs, parameters, namespace and tags."""
    return {name: _describe(node) for name, node in zip(graph.names, graph.nodes, strict=True)}


def _describe(node: Node) -> dict[str, Any]:
    names = list(node.inputs)
    return {
        "function": _full_name(node.func),
        "inputs": [name for name in names if not is_parameter(name)],
        "outputs": list(node.outputs),
        "parameters": [name for name in names if is_parameter(name)],
        "namespace": node.namespace,
        "tags": sorted(node.tags),
    }


def _full_name(function: Callable[..., Any]) -> str:
    """Return ``package.module.name``; of a partial that of its function, of an object that of its class."""
    while isinstance(function, partial):
        function = function.func
    named: Any = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"

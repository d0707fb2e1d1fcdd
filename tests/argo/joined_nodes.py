"""Nodes named after their outputs, and plans made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo import ArgoNode

if TYPE_CHECKING:
    from kedro_matrix_ext.argo import Plan

__all__ = ["join", "list_nodes", "make_node"]


def join(*parts: Any) -> Any:
    """Take anything, give anything."""
    return parts


def make_node(inputs: str, output: str, **options: Any) -> ArgoNode:
    """Make a node named after what it makes, in the namespace that the name begins with."""
    namespace, _, name = output.rpartition(".")
    return ArgoNode(join, inputs.split(), output, name=name, namespace=namespace or None, **options)


def list_nodes(plan: Plan) -> dict[str, list[str]]:
    """List the nodes of each task."""
    return {task.name: list(task.nodes) for task in plan.tasks}

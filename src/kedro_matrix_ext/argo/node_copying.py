"""How a Kedro node is copied: the one place that knows what a node keeps and under which private names.

Kedro has no public way to copy a node into another class, or to change its tags otherwise than by adding to
them: ``Node.tag`` goes through ``Node._copy``, which always makes a plain ``Node``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro.pipeline import Node

__all__ = ["copy_as", "kept_attributes", "replace_tags"]

NodeT = TypeVar("NodeT", bound="Node")


def kept_attributes(node: Node) -> dict[str, Any]:
    """List what a node keeps, by attribute: what its class and subclasses set, and what they have cached.

    Args:
        node: Any node.

    Returns:
        A new dictionary.
    """
    return dict(vars(node))


def copy_as(node_class: type[NodeT], node: Node, **attributes: Any) -> NodeT:  # noqa: ANN401  any attribute
    """Copy a node into a class without validating it again.

    Args:
        node_class: The class of the copy.
        node: What to copy; its name, function, inputs, outputs and all else stay as they are.
        attributes: What the copy keeps beyond that, by attribute.

    Returns:
        The copy, equal to the node.
    """
    copy = node_class.__new__(node_class)
    vars(copy).update(kept_attributes(node), **attributes)
    return copy


def replace_tags(node: NodeT, tags: Iterable[str]) -> NodeT:
    """Copy a node into its own class, with exactly these tags.

    Args:
        node: Any node, of a subclass too.
        tags: The tags of the copy.

    Returns:
        The copy, equal to the node.
    """
    return copy_as(type(node), node, _tags=set(tags))

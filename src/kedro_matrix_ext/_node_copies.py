"""Copies of nodes: under other names, in another class, with other tags; and which argument is which input.

The one place that reads Kedro's private node attributes. Kedro has no public way to say which argument an
input is given to, to rename what a node reads and writes, to copy a node into another class, or to change its
tags otherwise than by adding to them. ``Node._copy`` is how Kedro itself does it when it builds a namespaced
pipeline, and what a subclass overrides to carry its own attributes along; the declarations (``_inputs``,
``_outputs``, ``_confirms``) are needed because the public properties flatten them.
"""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from kedro.pipeline.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "copy_as",
    "copy_node",
    "dataset_names",
    "input_arguments",
    "kept_attributes",
    "output_keys",
    "replace_tags",
]

Declaration = str | list[str] | dict[str, str] | None
NodeT = TypeVar("NodeT", bound=Node)


def kept_attributes(node: Node) -> dict[str, Any]:
    """List what a node keeps, by attribute: what its class and subclasses set, and what they have cached."""
    return dict(vars(node))


def copy_as(node_class: type[NodeT], node: Node, **attributes: Any) -> NodeT:
    """Copy a node into a class without validating it again."""
    copied = node_class.__new__(node_class)
    vars(copied).update(kept_attributes(node), **attributes)
    return copied


def replace_tags(node: NodeT, tags: Iterable[str]) -> NodeT:
    """Copy a node into its own class, with exactly these tags."""
    return copy_as(type(node), node, _tags=set(tags))


def dataset_names(node: Node) -> set[str]:
    """List every dataset and parameter that a node names."""
    return {*node.inputs, *node.outputs, *node.confirms}


def input_arguments(node: Node) -> tuple[list[str], dict[str, str]]:
    """Return how a node's inputs are passed to its function.

    Examples:
        >>> def show(table, depth=1):
        ...     print(table, depth)
        >>> input_arguments(Node(show, ["cars", "params:depth"], None, name="show"))
        (['cars', 'params:depth'], {})
        >>> input_arguments(Node(show, {"table": "cars"}, None, name="show"))
        ([], {'table': 'cars'})
    """
    declared: Declaration = node._inputs  # noqa: SLF001  see the module's docstring
    if isinstance(declared, dict):
        return [], dict(declared)
    return [declared] if isinstance(declared, str) else list(declared or ()), {}


def copy_node(node: Node, *, renamed: Mapping[str, str], namespace: str, tags: Iterable[str]) -> Node:
    """Copy a node into a namespace."""
    copied = node._copy(  # noqa: SLF001  see the module's docstring
        inputs=_rename(node._inputs, renamed),  # noqa: SLF001
        outputs=_rename(node._outputs, renamed),  # noqa: SLF001
        confirms=_rename(node._confirms, renamed),  # noqa: SLF001
        namespace=f"{namespace}.{node.namespace}" if node.namespace else namespace,
        tags=node.tags | set(tags),
    )
    return _with_everything_of(node, copied)


def _rename(declared: Declaration, renamed: Mapping[str, str]) -> Declaration:
    if isinstance(declared, str):
        return renamed[declared]
    if isinstance(declared, list):
        return [renamed[name] for name in declared]
    if isinstance(declared, dict):
        return {argument: renamed[name] for argument, name in declared.items()}
    return None


def _with_everything_of(node: Node, copied: Node) -> Node:
    """Give the copy the class and attributes that a ``_copy`` which was not overridden leaves behind."""
    if type(copied) is type(node) and vars(node).keys() - _CACHED_BY_KEDRO <= vars(copied).keys():
        return copied
    whole = copy.copy(node)
    for name in _cached_names(type(node)):
        vars(whole).pop(name, None)
    vars(whole).update(vars(copied))
    return whole


def _cached_names(node_class: type) -> frozenset[str]:
    """Name what a node computes from its names, which must not be carried over to others."""
    return frozenset(
        name
        for base in node_class.__mro__
        for name, attribute in vars(base).items()
        if isinstance(attribute, cached_property)
    )


_CACHED_BY_KEDRO = _cached_names(Node)


def output_keys(node: Node) -> dict[str, str]:
    """Return which dataset each key of the dictionary that a node's function returns is saved to."""
    declared: Declaration = node._outputs  # noqa: SLF001  see the module's docstring
    return dict(declared) if isinstance(declared, dict) else {}

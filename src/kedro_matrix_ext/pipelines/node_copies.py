"""Copies of nodes under other names; the one place that reads Kedro's private node attributes.

Kedro has no public way to rename what a node reads and writes. ``Node._copy`` is how Kedro itself does it
when it builds a namespaced pipeline, and what a subclass overrides to carry its own attributes along; the
declarations (``_inputs``, ``_outputs``, ``_confirms``) are needed because the public properties flatten them.
"""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING

from kedro.pipeline.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["copy_node", "dataset_names"]

Declaration = str | list[str] | dict[str, str] | None


def dataset_names(node: Node) -> set[str]:
    """List every dataset and parameter that a node names.

    Args:
        node: Any node.

    Returns:
        Inputs, outputs and confirmed datasets.
    """
    return {*node.inputs, *node.outputs, *node.confirms}


def copy_node(node: Node, *, renamed: Mapping[str, str], namespace: str, tags: Iterable[str]) -> Node:
    """Copy a node into a namespace.

    Args:
        node: The node; it stays as it is.
        renamed: The new name of each of its :func:`dataset_names`.
        namespace: What to put before the node's own namespace.
        tags: What to add to the node's own tags.

    Returns:
        A node of the same class with the same attributes, apart from what was asked for.
    """
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

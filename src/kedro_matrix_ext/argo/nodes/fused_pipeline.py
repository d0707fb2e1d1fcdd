"""Nodes that share one task: the fused pipeline, and the tags with the same meaning."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kedro.pipeline import Node as KedroNode
from kedro.pipeline import Pipeline

from kedro_matrix_ext._node_copies import replace_tags
from kedro_matrix_ext.argo.nodes.node import ArgoNode, FuseGroup, check_resources
from kedro_matrix_ext.errors import NodeDefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

__all__ = ["FUSE_TAG", "FusedPipeline", "read_group", "read_machine_type", "read_template"]

FUSE_TAG = "argowf.fuse"
_GROUP_TAG = "argowf.fuse-group."
_TEMPLATE_TAG = "argowf.template-"
# Further tags for nodes of other classes; argo-kedro has no such tags.
_DEPTH_TAG = "argowf.fuse-depth."
_MACHINE_TAG = "argowf.machine-type."

_NAME = re.compile(r"[\w.-]+")


class FusedPipeline(Pipeline):
    """A pipeline whose nodes run in one task. Locally it is a pipeline like any other.

    The group is stored in the nodes, so it survives tags, namespaces, ``filter``, ``only_nodes`` and ``sum``.
    Groups of one name in one namespace are one group; a fused pipeline inside another joins the outer one.

    Args:
        nodes: Nodes and pipelines, as for Kedro's ``Pipeline``; plain nodes become equal ``ArgoNode``s; nodes
            of other classes keep their class and carry the group as tags.
        name: The group's name, of letters, digits, ``-``, ``_`` and ``.``.
        argo_config: The resources of the group, taken whole; or pass ``machine_type``. Without either, they
            are the field-wise maximum over its nodes.
        machine_type: The name of a machine type in ``argo.yml``, taken whole.
        template: The name of a template in ``argo.yml`` to run in.
        tags: Tags for all nodes.

    Raises:
        NodeDefinitionError: If a name is malformed, or both ``argo_config`` and ``machine_type`` are given.

    Examples:
        >>> fused = FusedPipeline([KedroNode(len, "a", "b", name="count")], name="preprocess")
        >>> [(node.name, node.fuse_group.name) for node in fused.nodes]
        [('count', 'preprocess')]
    """

    def __init__(  # noqa: PLR0913  one per attribute of a group
        self,
        nodes: Iterable[KedroNode | Pipeline] | Pipeline,
        name: str,
        *,
        argo_config: ArgoResourceConfig | None = None,
        machine_type: str | None = None,
        template: str | None = None,
        tags: str | Iterable[str] | None = None,
    ) -> None:
        _check_name("name", name)
        for what, value in (("machine_type", machine_type), ("template", template)):
            if value is not None:
                _check_name(what, value)
        check_resources(f"fused pipeline {name!r}", argo_config, machine_type)
        group = FuseGroup(name=name, argo_config=argo_config, machine_type=machine_type, template=template)
        super().__init__([_join(node, group) for node in _flatten(nodes)], tags=tags)


def read_group(node: KedroNode) -> FuseGroup | None:
    """Return the fused group of a node, from the node itself or its tags.

    Raises:
        NodeDefinitionError: If its tags name two groups.

    Examples:
        >>> read_group(KedroNode(len, "a", "b", tags="argowf.fuse-group.pre-process")).name
        'pre-process'
    """
    if isinstance(node, ArgoNode) and node.fuse_group is not None:
        return node.fuse_group
    name = _read_tag(node, _GROUP_TAG)
    depth = _read_tag(node, _DEPTH_TAG)
    return None if name is None else FuseGroup(name=name, depth=int(depth or 0))


def read_template(node: KedroNode) -> str | None:
    """Return the template that a node requests, from the node itself or its tags.

    Raises:
        NodeDefinitionError: If its tags name two templates.
    """
    if isinstance(node, ArgoNode) and node.template is not None:
        return node.template
    return _read_tag(node, _TEMPLATE_TAG)


def read_machine_type(node: KedroNode) -> str | None:
    """Return the machine type that a node requests, from the node itself or its tags.

    Raises:
        NodeDefinitionError: If its tags name two machine types.
    """
    if isinstance(node, ArgoNode):
        return node.machine_type
    return _read_tag(node, _MACHINE_TAG)


def _read_tag(node: KedroNode, prefix: str) -> str | None:
    """Return the rest of the one tag that starts with the prefix."""
    tags = node.tags
    if not tags:
        return None
    values = sorted(tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix))
    if len(values) > 1:
        raise NodeDefinitionError(
            f"node {node.name!r} carries tags {' and '.join(repr(prefix + value) for value in values)}",
            hint="Keep one of them.",
        )
    return values[0] if values else None


def _flatten(nodes: Iterable[KedroNode | Pipeline] | Pipeline) -> list[KedroNode]:
    parts = nodes.nodes if isinstance(nodes, Pipeline) else nodes
    return [node for part in parts for node in (part.nodes if isinstance(part, Pipeline) else [part])]


def _join(node: KedroNode, group: FuseGroup) -> KedroNode:
    """Copy a node into a group; a plain Kedro node becomes an ArgoNode."""
    inside = replace(group, depth=len(node.namespace.split(".")) if node.namespace else 0)
    if isinstance(node, ArgoNode):
        return node.in_group(inside)
    if type(node) is KedroNode:
        return ArgoNode.from_node(node).in_group(inside)
    return _tag_with_group(node, inside)


def _tag_with_group(node: KedroNode, group: FuseGroup) -> KedroNode:
    """Copy a node of another class, with the group written into its tags."""
    if group.argo_config is not None:
        raise NodeDefinitionError(
            f"fused pipeline {group.name!r} has an argo_config, which node {node.name!r}, a "
            f"{type(node).__name__}, cannot carry",
            hint="Pass a machine_type of argo.yml to the fused pipeline instead.",
        )
    written = {_GROUP_TAG: group.name, _DEPTH_TAG: str(group.depth) if group.depth else None}
    chosen = {_MACHINE_TAG: group.machine_type, _TEMPLATE_TAG: group.template}
    written.update({prefix: value for prefix, value in chosen.items() if value is not None})
    kept = {tag for tag in node.tags if not tag.startswith(tuple(written))}
    return replace_tags(
        node, kept | {prefix + value for prefix, value in written.items() if value is not None}
    )


def _check_name(what: str, name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NodeDefinitionError(
            f"{what} {name!r} of a fused pipeline is not a name",
            hint="Use letters, digits, '-', '_' and '.', as in the names of nodes.",
        )

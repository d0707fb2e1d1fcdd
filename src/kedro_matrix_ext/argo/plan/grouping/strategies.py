"""The grouping strategies, each a function from a graph to the group of every node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.nodes.fused_pipeline import FUSE_TAG
from kedro_matrix_ext.argo.plan.graph_algorithms import join_connected
from kedro_matrix_ext.argo.plan.grouping.connected import group_by_branch, group_by_chain, group_by_memory
from kedro_matrix_ext.argo.plan.grouping.context import refuse_argument
from kedro_matrix_ext.argo.plan.grouping.splitting import GroupKey
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.plan.grouping.context import GroupingContext, Keys
    from kedro_matrix_ext.argo.plan.node_graph import NodeGraph

__all__ = ["STRATEGIES", "GroupBy", "find_fused", "find_ungrouped", "group_nodes", "name_grouping"]

_BY_NAME = ("namespace", "tag", "pipeline")

if TYPE_CHECKING:
    GroupBy = str | Callable[[Node], "str | None"]


def group_nodes(
    graph: NodeGraph, fused: Sequence[GroupKey], group_by: GroupBy, context: GroupingContext
) -> list[GroupKey]:
    """Return the group of every node.

    Raises:
        ArgoError: If there is no such strategy, or it cannot decide on a node's group.
    """
    if callable(group_by):
        keys = _call(graph, group_by)
    else:
        name, _, argument = group_by.partition(":")
        if name not in STRATEGIES:
            raise ArgoError(
                f"there is no grouping {name!r}",
                hint=did_you_mean(name, STRATEGIES) or f"Groupings are: {', '.join(STRATEGIES)}.",
            )
        keys = STRATEGIES[name](graph, fused, argument, context)
    return [key or alone for key, alone in zip(keys, fused, strict=True)]


def find_ungrouped(graph: NodeGraph, keys: Sequence[GroupKey], group_by: GroupBy) -> tuple[str, ...]:
    """Return the nodes in no group of a grouping by names: tags, namespaces, pipelines, a function."""
    if isinstance(group_by, str) and group_by.partition(":")[0] not in _BY_NAME:
        return ()
    return tuple(name for name, key in zip(graph.names, keys, strict=True) if key.kind == "node")


def name_grouping(group_by: GroupBy) -> str:
    """Return a strategy as written, or the name of a grouping function."""
    return group_by if isinstance(group_by, str) else getattr(group_by, "__name__", type(group_by).__name__)


def find_fused(graph: NodeGraph) -> list[GroupKey]:
    """Group by fused pipelines and fuse tags; a node without either is its own group."""
    groups = graph.groups
    tagged = [
        group is None and FUSE_TAG in node.tags for node, group in zip(graph.nodes, groups, strict=True)
    ]
    edges = ((parent, child) for child, parents in enumerate(graph.parents) for parent in parents)
    connected = join_connected(
        len(graph.nodes), ((parent, child) for parent, child in edges if tagged[parent] and tagged[child])
    )
    keys = []
    for position, (node, group) in enumerate(zip(graph.nodes, groups, strict=True)):
        if group is not None:
            namespaces = (node.namespace or "").split(".")
            outside = namespaces[: len(namespaces) - group.depth] if node.namespace else []
            keys.append(GroupKey("fused", ".".join([*outside, group.name])))
        elif tagged[position]:
            keys.append(GroupKey("fused", graph.names[connected[position]]))
        else:
            keys.append(GroupKey("node", graph.names[position]))
    return keys


def _call(graph: NodeGraph, function: Callable[[Node], str | None]) -> Keys:
    keys: Keys = []
    for node, name in zip(graph.nodes, graph.names, strict=True):
        label = function(node)
        if label is not None and not isinstance(label, str):
            raise ArgoError(
                f"{name_grouping(function)!r} returned {label!r} for node {name!r}",
                hint="A grouping function returns the name of the node's group, or None.",
            )
        keys.append(GroupKey("group", label) if label else None)
    return keys


def _by_node(graph: NodeGraph, _fused: Sequence[GroupKey], argument: str, _context: GroupingContext) -> Keys:
    refuse_argument("node", argument)
    return [None] * len(graph.nodes)


def _by_pipeline_as_a_whole(
    graph: NodeGraph, _fused: Sequence[GroupKey], argument: str, context: GroupingContext
) -> Keys:
    refuse_argument("single", argument)
    return [GroupKey("single", context.pipeline)] * len(graph.nodes)


def _by_namespace(
    graph: NodeGraph, _fused: Sequence[GroupKey], argument: str, _context: GroupingContext
) -> Keys:
    depth = int(argument) if argument.isdecimal() else 0
    if argument and depth < 1:
        raise ArgoError(
            f"grouping 'namespace:{argument}' has no depth",
            hint="Write 'namespace', or 'namespace:2' for two levels.",
        )
    prefixes = [".".join((node.namespace or "").split(".")[: depth or 1]) for node in graph.nodes]
    return [GroupKey("namespace", prefix) if prefix else None for prefix in prefixes]


def _by_tag(graph: NodeGraph, _fused: Sequence[GroupKey], argument: str, _context: GroupingContext) -> Keys:
    """Group by the one listed tag of each node; ``team-*``, or a text that is not a tag, is a prefix."""
    items = [item.strip() for item in argument.split(",") if item.strip()]
    known = set().union(*(node.tags for node in graph.nodes))
    prefixes = tuple(item.rstrip("*") for item in items if item.endswith("*") or item not in known)
    missing = [prefix for prefix in prefixes if not any(tag.startswith(prefix) for tag in known)]
    if not items or missing:
        raise ArgoError(
            f"no node carries tag {missing[0]!r}" if missing else "grouping 'tag' names no tags",
            hint=(did_you_mean(missing[0], known) if missing else "")
            or "Write 'tag:one,two', or 'tag:team-*'.",
        )
    wanted = {tag for tag in known if tag in items or (prefixes and tag.startswith(prefixes))}
    return [_tag_of(node, wanted) for node in graph.nodes]


def _tag_of(node: Node, wanted: set[str]) -> GroupKey | None:
    tags = sorted(node.tags & wanted)
    if len(tags) > 1:
        raise ArgoError(
            f"node {node.name!r} carries tags {' and '.join(map(repr, tags))}, so it belongs to two groups",
            hint="Group by tags of which each node carries one.",
        )
    return GroupKey("tag", tags[0]) if tags else None


def _by_registered_pipeline(
    graph: NodeGraph, _fused: Sequence[GroupKey], argument: str, context: GroupingContext
) -> Keys:
    refuse_argument("pipeline", argument)
    if context.choice is None:
        raise ArgoError("grouping 'pipeline' needs the registered pipelines", hint="Pass registry=pipelines.")
    names = [context.choice.narrowest(node) for node in graph.nodes]
    return [GroupKey("pipeline", name) if name else None for name in names]


STRATEGIES: dict[str, Callable[[NodeGraph, Sequence[GroupKey], str, GroupingContext], Keys]] = {
    "node": _by_node,
    "single": _by_pipeline_as_a_whole,
    "namespace": _by_namespace,
    "tag": _by_tag,
    "pipeline": _by_registered_pipeline,
    "memory": group_by_memory,
    "chain": group_by_chain,
    "branch": group_by_branch,
}
"""The strategies by name; a colon separates the name from an argument."""

"""Which nodes share a task: one function per strategy, from a graph to a group for every node."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.nodes.fused_pipeline import FUSE_TAG
from kedro_matrix_ext.argo.plan.node_graph import base_name, find_components, join_connected
from kedro_matrix_ext.argo.plan.placement import place_task
from kedro_matrix_ext.argo.plan.grouping.splitting import GroupKey
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.plan.node_graph import NodeGraph
    from kedro_matrix_ext.argo.plan.placement import Placement
    from kedro_matrix_ext.argo.registry.pipeline_cover import PipelineChoice
    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

__all__ = ["STRATEGIES", "GroupBy", "GroupingContext", "group_nodes", "name_grouping"]

if TYPE_CHECKING:
    GroupBy = str | Callable[[Node], "str | None"]


@dataclass(frozen=True, kw_only=True)
class GroupingContext:
    """What strategies look at beside the graph.

    Attributes:
        pipeline: The pipeline's name.
        placements: What each node runs on.
        view: The catalog.
        choice: The registered pipelines, if known.
    """

    pipeline: str
    placements: Sequence[Placement]
    view: CatalogView
    choice: PipelineChoice | None = None


def group_nodes(graph: NodeGraph, group_by: GroupBy, context: GroupingContext) -> list[GroupKey]:
    """Give every node its group.

    Args:
        graph: The pipeline.
        group_by: A strategy as written, such as ``namespace:2``; or a function from a node to the name of its
            group, or to nothing where the strategy leaves it alone.
        context: What strategies look at.

    Returns:
        A group per node; nodes that the strategy leaves alone are in their fused group, else on their own.

    Raises:
        ArgoError: If there is no such strategy, or it cannot say where a node belongs.
    """
    fused = _find_fused(graph)
    if callable(group_by):
        keys = _call(graph, group_by)
    else:
        name, _, argument = group_by.partition(":")
        if name not in STRATEGIES:
            raise ArgoError(
                f"there is no grouping {name!r}",
                hint=did_you_mean(name, STRATEGIES) or f"There are: {', '.join(STRATEGIES)}.",
            )
        keys = STRATEGIES[name](graph, fused, argument, context)
    return [key or alone for key, alone in zip(keys, fused, strict=True)]


def name_grouping(group_by: GroupBy) -> str:
    """Name a grouping as it was written.

    Args:
        group_by: A strategy, or a function.

    Returns:
        The strategy, or the function's name.
    """
    return group_by if isinstance(group_by, str) else getattr(group_by, "__name__", type(group_by).__name__)


Keys = list["GroupKey | None"]


def _find_fused(graph: NodeGraph) -> list[GroupKey]:
    """Group as fused pipelines and fuse tags say; a node without either is a group of its own."""
    groups = graph.groups
    tagged = [
        group is None and FUSE_TAG in node.tags for node, group in zip(graph.nodes, groups, strict=True)
    ]
    connected = _connect(graph, lambda parent, child: tagged[parent] and tagged[child])
    keys = []
    for position, (node, group) in enumerate(zip(graph.nodes, groups, strict=True)):
        if group is not None:
            around = (node.namespace or "").split(".")
            outside = around[: len(around) - group.depth] if node.namespace else []
            keys.append(GroupKey("fused", ".".join([*outside, group.name])))
        elif tagged[position]:
            keys.append(GroupKey("fused", graph.names[connected[position]]))
        else:
            keys.append(GroupKey("node", graph.names[position]))
    return keys


def _connect(graph: NodeGraph, joins: Callable[[int, int], bool]) -> list[int]:
    pairs = ((parent, child) for child, parents in enumerate(graph.parents) for parent in parents)
    return join_connected(len(graph.nodes), (pair for pair in pairs if joins(*pair)))


def _call(graph: NodeGraph, function: Callable[[Node], str | None]) -> Keys:
    keys: Keys = []
    for node, name in zip(graph.nodes, graph.names, strict=True):
        label = function(node)
        if label is not None and not isinstance(label, str):
            raise ArgoError(
                f"{name_grouping(function)!r} gave {label!r} for node {name!r}",
                hint="A grouping function gives the name of the node's group, or None.",
            )
        keys.append(GroupKey("group", label) if label else None)
    return keys


def _by_node(graph: NodeGraph, _fused: Sequence[GroupKey], argument: str, _context: GroupingContext) -> Keys:
    _refuse_argument("node", argument)
    return [None] * len(graph.nodes)


def _by_pipeline_as_a_whole(
    graph: NodeGraph, _fused: Sequence[GroupKey], argument: str, context: GroupingContext
) -> Keys:
    _refuse_argument("single", argument)
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
    """Group by the one tag of a list that a node carries; ``team-*``, or a text no tag is, means a prefix."""
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
    _refuse_argument("pipeline", argument)
    if context.choice is None:
        raise ArgoError("grouping 'pipeline' needs the registered pipelines", hint="Pass registry=pipelines.")
    names = [context.choice.narrowest(node) for node in graph.nodes]
    return [GroupKey("pipeline", name) if name else None for name in names]


def _by_memory(graph: NodeGraph, fused: Sequence[GroupKey], argument: str, context: GroupingContext) -> Keys:
    """Join what is joined by in-memory datasets, and what would else lie between and wait for both ends."""
    _refuse_argument("memory", argument)
    first_of = _first_positions(fused)
    in_memory = [_makes_in_memory(node, context.view) for node in graph.nodes]
    users = [{base_name(dataset) for dataset in node.inputs} for node in graph.nodes]
    pairs = [
        (parent, child)
        for child, parents in enumerate(graph.parents)
        for parent in parents
        if not in_memory[parent].isdisjoint(users[child])
    ]
    joined = join_connected(len(graph.nodes), [*pairs, *enumerate(first_of[key] for key in fused)])
    enclosed = find_components(_contract(graph, joined))
    return _label_joined(graph, fused, [enclosed[group] for group in joined], "memory")


def _makes_in_memory(node: Node, view: CatalogView) -> frozenset[str]:
    return frozenset(base_name(dataset) for dataset in node.outputs if view.is_in_memory(dataset))


def _by_chain(graph: NodeGraph, fused: Sequence[GroupKey], argument: str, context: GroupingContext) -> Keys:
    """Join a unit to the next where each is the other's only neighbour and both run on the same."""
    _refuse_argument("chain", argument)
    first_of = _first_positions(fused)
    units = [first_of[key] for key in fused]
    children = _contract(graph, units)
    parents: dict[int, list[int]] = defaultdict(list)
    for unit, following in enumerate(children):
        for child in following:
            parents[child].append(unit)
    place = _place_units(graph, units, context)
    pairs = [
        (unit, following[0])
        for unit, following in enumerate(children)
        if len(following) == 1 and len(parents[following[0]]) == 1 and place[unit] == place[following[0]]
    ]
    joined = join_connected(len(graph.nodes), [*pairs, *enumerate(units)])
    return _label_joined(graph, fused, joined, "chain")


def _place_units(graph: NodeGraph, units: Sequence[int], context: GroupingContext) -> dict[int, Placement]:
    """Say what each fused group, or node on its own, runs on."""
    members: dict[int, list[int]] = defaultdict(list)
    for position, unit in enumerate(units):
        members[unit].append(position)
    return {
        unit: place_task(
            [graph.names[position] for position in positions],
            [context.placements[position] for position in positions],
        )
        for unit, positions in members.items()
    }


def _contract(graph: NodeGraph, group_of: Sequence[int]) -> list[list[int]]:
    """Draw each group together into its first node: per node the groups that depend on it."""
    following: list[dict[int, None]] = [{} for _ in graph.nodes]
    for parent, children in enumerate(graph.children):
        for child in children:
            if group_of[child] != group_of[parent]:
                following[group_of[parent]][group_of[child]] = None
    return [list(groups) for groups in following]


def _first_positions(keys: Iterable[GroupKey]) -> dict[GroupKey, int]:
    first: dict[GroupKey, int] = {}
    for position, key in enumerate(keys):
        first.setdefault(key, position)
    return first


def _label_joined(graph: NodeGraph, fused: Sequence[GroupKey], joined: Sequence[int], kind: str) -> Keys:
    """Name joined nodes after the first of them; leave alone what is no larger than it was."""
    parts: dict[int, set[GroupKey]] = defaultdict(set)
    for group, key in zip(joined, fused, strict=True):
        parts[group].add(key)
    first: dict[int, int] = {}
    for position, group in enumerate(joined):
        first.setdefault(group, position)
    return [GroupKey(kind, graph.names[first[group]]) if len(parts[group]) > 1 else None for group in joined]


def _refuse_argument(name: str, argument: str) -> None:
    if argument:
        raise ArgoError(f"grouping {name!r} takes no argument, so not {argument!r}", hint=f"Write '{name}'.")


STRATEGIES: dict[str, Callable[[NodeGraph, Sequence[GroupKey], str, GroupingContext], Keys]] = {
    "node": _by_node,
    "single": _by_pipeline_as_a_whole,
    "namespace": _by_namespace,
    "tag": _by_tag,
    "pipeline": _by_registered_pipeline,
    "memory": _by_memory,
    "chain": _by_chain,
}
"""The strategies by name; what follows a colon is their argument."""

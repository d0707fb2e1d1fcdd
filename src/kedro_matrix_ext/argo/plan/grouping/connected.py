"""Strategies that join nodes which depend on each other: ``memory``, ``chain`` and ``branch``."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.plan.graph_algorithms import find_strong_components, join_connected
from kedro_matrix_ext.argo.plan.grouping.context import refuse_argument
from kedro_matrix_ext.argo.plan.grouping.splitting import GroupKey, split_groups
from kedro_matrix_ext.argo.plan.placement import place_task
from kedro_matrix_ext.catalog.engine_names import strip_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.plan.grouping.context import GroupingContext, Keys
    from kedro_matrix_ext.argo.plan.grouping.splitting import GroupPart
    from kedro_matrix_ext.argo.plan.node_graph import NodeGraph
    from kedro_matrix_ext.argo.plan.placement import Placement
    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

__all__ = ["group_by_branch", "group_by_chain", "group_by_memory"]


def group_by_memory(
    graph: NodeGraph, fused: Sequence[GroupKey], argument: str, context: GroupingContext
) -> Keys:
    """Join nodes that exchange in-memory datasets, and the nodes on paths between joined nodes."""
    refuse_argument("memory", argument)
    first_of = _first_positions(fused)
    in_memory = [_makes_in_memory(node, context.view) for node in graph.nodes]
    used = [{strip_engine(dataset) for dataset in node.inputs} for node in graph.nodes]
    pairs = [
        (parent, child)
        for child, parents in enumerate(graph.parents)
        for parent in parents
        if not in_memory[parent].isdisjoint(used[child])
    ]
    joined = join_connected(len(graph.nodes), [*pairs, *enumerate(first_of[key] for key in fused)])
    enclosed = find_strong_components(_contract(graph, joined))
    groups = [enclosed[group] for group in joined]
    units: dict[int, set[GroupKey]] = defaultdict(set)
    for group, key in zip(groups, fused, strict=True):
        units[group].add(key)
    return [GroupKey("memory", graph.names[group]) if len(units[group]) > 1 else None for group in groups]


def _makes_in_memory(node: Node, view: CatalogView) -> frozenset[str]:
    return frozenset(strip_engine(dataset) for dataset in node.outputs if view.is_in_memory(dataset))


def _contract(graph: NodeGraph, group_of: Sequence[int]) -> list[list[int]]:
    """Return the groups that depend on each group; groups are numbered by their first node."""
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


def group_by_chain(
    graph: NodeGraph, fused: Sequence[GroupKey], argument: str, context: GroupingContext
) -> Keys:
    """Join a unit to its child where the unit has no other child, the child no other parent, placed alike."""
    refuse_argument("chain", argument)
    units = _Units.order(graph, fused, context, grouping="chain")
    pairs = [
        (parents[0], child)
        for child, parents in enumerate(units.parents)
        if len(parents) == 1 and len(units.children[parents[0]]) == 1
    ]
    return units.join(graph, pairs, "chain")


def group_by_branch(
    graph: NodeGraph, fused: Sequence[GroupKey], argument: str, context: GroupingContext
) -> Keys:
    """Join units as far as possible while any two that could run at the same time still can.

    A unit joins its last parent where all its other ancestors are ancestors of that parent, all other
    descendants of the parent are descendants of it, and both are placed alike. So whatever is outside of a
    group comes before its first unit, after its last one, or is independent of all of them.
    """
    refuse_argument("branch", argument)
    units = _Units.order(graph, fused, context, grouping="branch")
    before, after = _list_ancestors(units.parents), _list_descendants(units.children)
    pairs = [
        (parent, child)
        for child, parents in enumerate(units.parents)
        for parent in parents[-1:]  # in topological order, so all other parents can be its ancestors
        if before[child] == before[parent] | 1 << parent and after[parent] == after[child] | 1 << child
    ]
    return units.join(graph, pairs, "branch")


def _list_ancestors(parents: Sequence[Sequence[int]]) -> list[int]:
    """Return the ancestors of each vertex as a bit set, given vertices in topological order."""
    before: list[int] = []
    for direct in parents:
        bits = 0
        for parent in direct:
            bits |= before[parent] | 1 << parent
        before.append(bits)
    return before


def _list_descendants(children: Sequence[Sequence[int]]) -> list[int]:
    """Return the descendants of each vertex as a bit set, given vertices in topological order."""
    after = [0] * len(children)
    for vertex in reversed(range(len(children))):
        for child in children[vertex]:
            after[vertex] |= after[child] | 1 << child
    return after


@dataclass(frozen=True)
class _Units:
    """The graph of fused groups and of nodes outside of one, in topological order.

    Attributes:
        parts: The nodes of each unit.
        parents: The units that each unit directly depends on, ascending.
        children: The units that directly depend on each unit, ascending.
        places: What each unit runs on; none where it is a part of a group that had to be split.
    """

    parts: list[GroupPart]
    parents: list[list[int]]
    children: list[list[int]]
    places: list[Placement | None]

    @classmethod
    def order(
        cls, graph: NodeGraph, fused: Sequence[GroupKey], context: GroupingContext, *, grouping: str
    ) -> _Units:
        """Order units; fused groups that wait for each other are refused, or split where that is allowed."""
        parts = split_groups(graph, fused, grouping=grouping, split=context.split)
        unit_of = {member: unit for unit, part in enumerate(parts) for member in part.members}
        parents: list[list[int]] = []
        children: list[list[int]] = [[] for _ in parts]
        for unit, part in enumerate(parts):
            direct = {unit_of[parent] for member in part.members for parent in graph.parents[member]}
            parents.append(sorted(direct - {unit}))
            for parent in parents[unit]:
                children[parent].append(unit)
        split = {key for key, count in Counter(part.key for part in parts).items() if count > 1}
        places = [None if part.key in split else _place(graph, part, context) for part in parts]
        return cls(parts, parents, children, places)

    def join(self, graph: NodeGraph, pairs: Iterable[tuple[int, int]], kind: str) -> Keys:
        """Return the groups of nodes after joining pairs of units that are placed alike."""
        alike = (
            (left, right)
            for left, right in pairs
            if self.places[left] is not None and self.places[left] == self.places[right]
        )
        groups: dict[int, list[int]] = defaultdict(list)
        for unit, group in enumerate(join_connected(len(self.parts), alike)):
            groups[group].append(unit)
        joined = [self._members(units) for units in groups.values() if len(units) > 1]
        keys: Keys = [None] * len(graph.nodes)
        for members, label in zip(joined, _label(graph, joined), strict=True):
            for member in members:
                keys[member] = GroupKey(kind, label)
        return keys

    def _members(self, units: Sequence[int]) -> list[int]:
        return sorted(member for unit in units for member in self.parts[unit].members)


def _place(graph: NodeGraph, part: GroupPart, context: GroupingContext) -> Placement:
    return place_task(
        [graph.names[member] for member in part.members],
        [context.placements[member] for member in part.members],
    )


def _label(graph: NodeGraph, groups: Sequence[Sequence[int]]) -> Iterator[str]:
    """Name each group after the namespace that only its nodes share, else after its first node."""
    shared = [_shared_namespace(graph, members) for members in groups]
    counts = Counter(shared)
    taken = {graph.names[members[0]] for members in groups}
    for members, namespace in zip(groups, shared, strict=True):
        own = namespace and counts[namespace] == 1 and namespace not in taken
        yield namespace if own else graph.names[members[0]]


def _shared_namespace(graph: NodeGraph, members: Sequence[int]) -> str:
    namespaces = [(graph.nodes[member].namespace or "").split(".") for member in members]
    shared = takewhile(lambda levels: len(set(levels)) == 1, zip(*namespaces, strict=False))
    return ".".join(levels[0] for levels in shared)

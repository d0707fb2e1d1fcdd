"""Strategies that join dependent nodes: ``memory`` and ``chain``."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.plan.graph_algorithms import find_strong_components, join_connected
from kedro_matrix_ext.argo.plan.grouping.context import refuse_argument
from kedro_matrix_ext.argo.plan.grouping.splitting import GroupKey
from kedro_matrix_ext.argo.plan.placement import place_task
from kedro_matrix_ext.catalog.engine_names import strip_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.plan.grouping.context import GroupingContext, Keys
    from kedro_matrix_ext.argo.plan.node_graph import NodeGraph
    from kedro_matrix_ext.argo.plan.placement import Placement
    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

__all__ = ["group_by_chain", "group_by_memory"]


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
    return _label_joined(graph, fused, [enclosed[group] for group in joined], "memory")


def _makes_in_memory(node: Node, view: CatalogView) -> frozenset[str]:
    return frozenset(strip_engine(dataset) for dataset in node.outputs if view.is_in_memory(dataset))


def group_by_chain(
    graph: NodeGraph, fused: Sequence[GroupKey], argument: str, context: GroupingContext
) -> Keys:
    """Join a unit to its child where the unit has no other child, the child no other parent, placed alike."""
    refuse_argument("chain", argument)
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
    """Return the placement of each fused group and of each node outside of one."""
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


def _label_joined(graph: NodeGraph, fused: Sequence[GroupKey], joined: Sequence[int], kind: str) -> Keys:
    """Name joined nodes after the first of them; return none for units that were joined to no other."""
    units: dict[int, set[GroupKey]] = defaultdict(set)
    for group, key in zip(joined, fused, strict=True):
        units[group].add(key)
    first: dict[int, int] = {}
    for position, group in enumerate(joined):
        first.setdefault(group, position)
    return [GroupKey(kind, graph.names[first[group]]) if len(units[group]) > 1 else None for group in joined]

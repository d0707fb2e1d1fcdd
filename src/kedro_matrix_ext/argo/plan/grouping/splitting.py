"""Ordering groups so that each can run, reporting a cycle of groups, and splitting groups to remove it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from kedro_matrix_ext.errors import GroupingCycleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.plan.node_graph import NodeGraph

__all__ = ["GroupKey", "GroupPart", "split_groups"]


class GroupKey(NamedTuple):
    """The identity of a group of nodes.

    Attributes:
        kind: What the nodes have in common: ``node``, ``fused``, ``namespace``, ``tag``, ...
        label: The name of that node, fused group, namespace or tag.
    """

    kind: str
    label: str


@dataclass(frozen=True)
class GroupPart:
    """Nodes that run together: a group, or a part of a group that had to be split.

    Attributes:
        key: The group.
        number: The number of the part, from 1.
        members: The positions of its nodes in the graph, ascending.
    """

    key: GroupKey
    number: int
    members: tuple[int, ...]


def split_groups(
    graph: NodeGraph, keys: Sequence[GroupKey], *, grouping: str, split: bool = False
) -> list[GroupPart]:
    """Order groups so that each can run after the groups it depends on. Linear in nodes and dependencies.

    Nodes are visited in a topological order that finishes a group whenever it can. Every run of nodes of one
    group is a part, so parts never wait for each other.

    Raises:
        GroupingCycleError: If groups wait for each other and ``split`` is false.
    """
    number_of: dict[GroupKey, int] = {}
    groups = [number_of.setdefault(key, len(number_of)) for key in keys]
    labels = list(number_of)
    progress = _Progress(graph, groups, len(labels))
    parts: list[GroupPart] = []
    counts = [0] * len(labels)
    while (choice := progress.choose()) is not None:
        group, blocked = choice
        if blocked and not split:
            raise _describe_cycle(graph, keys, progress.done, grouping)
        counts[group] += 1
        parts.append(GroupPart(labels[group], counts[group], progress.run(group)))
    return parts


class _Progress:
    """Which nodes have run, and how many dependencies each group still waits for."""

    def __init__(self, graph: NodeGraph, groups: Sequence[int], size: int) -> None:
        self.done = [False] * len(groups)
        self._groups = groups
        self._children = graph.children
        self._pending = [len(parents) for parents in graph.parents]
        self._left = [0] * size
        self._blocking = [0] * size
        self._ready: list[list[int]] = [[] for _ in range(size)]
        for node, (group, parents) in enumerate(zip(groups, graph.parents, strict=True)):
            self._left[group] += 1
            self._blocking[group] += sum(groups[parent] != group for parent in parents)
            if not parents:
                self._ready[group].append(node)
        self._choices = sorted(zip(self._blocking, range(size), strict=True))

    def choose(self) -> tuple[int, bool] | None:
        """Return the group that waits for the fewest dependencies, and whether it waits for any."""
        while self._choices:
            blocking, group = heappop(self._choices)
            if self._left[group] and self._ready[group] and blocking == self._blocking[group]:
                return group, bool(blocking)
        return None

    def run(self, group: int) -> tuple[int, ...]:
        """Run all nodes of a group that can run now."""
        ready, members = self._ready[group], []
        while ready:
            node = heappop(ready)
            members.append(node)
            self.done[node] = True
            for child in self._children[node]:
                self._release(child, group)
        self._left[group] -= len(members)
        return tuple(sorted(members))

    def _release(self, child: int, running: int) -> None:
        """Record that one of the nodes that a child waits for has run."""
        group = self._groups[child]
        self._pending[child] -= 1
        if not self._pending[child]:
            heappush(self._ready[group], child)
        if group != running:
            self._blocking[group] -= 1
            if self._ready[group]:
                heappush(self._choices, (self._blocking[group], group))


def _describe_cycle(
    graph: NodeGraph, keys: Sequence[GroupKey], done: Sequence[bool], grouping: str
) -> GroupingCycleError:
    edges = _find_cycle(_list_waits(graph, keys, done))
    links = [(parent, child, graph.shared_datasets(parent, child)[0]) for parent, child in edges]
    lines = [
        f"    {keys[parent].label!r} (node {graph.names[parent]!r}) makes {dataset!r} for "
        f"{keys[child].label!r} (node {graph.names[child]!r})"
        for parent, child, dataset in links
    ]
    return GroupingCycleError(
        f"grouping {grouping!r} makes tasks that wait for each other:\n" + "\n".join(lines),
        hint="Use another grouping, or split groups where needed: on_cycle='split', or --on-cycle split.",
        nodes=tuple(
            dict.fromkeys(graph.names[node] for parent, child, _ in links for node in (parent, child))
        ),
        datasets=tuple(dataset for _, _, dataset in links),
    )


_Waits = dict["GroupKey", dict["GroupKey", tuple[int, int]]]


def _list_waits(graph: NodeGraph, keys: Sequence[GroupKey], done: Sequence[bool]) -> _Waits:
    """Return, for each group that has not run, the groups it waits for with one dependency for each."""
    waits: _Waits = {}
    for child, parents in enumerate(graph.parents):
        if not done[child]:
            found = waits.setdefault(keys[child], {})
            for parent in parents:
                if not done[parent] and keys[parent] != keys[child]:
                    found.setdefault(keys[parent], (parent, child))
    return waits


def _find_cycle(waits: _Waits) -> list[tuple[int, int]]:
    """Return a shortest cycle through some group, as dependencies in the direction of the data."""
    seen: set[GroupKey] = set()
    start = next(iter(waits))
    while start not in seen:
        seen.add(start)
        start = next(iter(waits[start]))
    reached: dict[GroupKey, tuple[GroupKey, tuple[int, int]]] = {}
    queue = deque([start])
    while start not in reached:
        key = queue.popleft()
        for other, edge in waits[key].items():
            if other not in reached:
                reached[other] = (key, edge)
                queue.append(other)
    edges: list[tuple[int, int]] = []
    key = start
    while not edges or key != start:
        key, edge = reached[key]
        edges.append(edge)
    return edges

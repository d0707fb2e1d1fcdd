"""From groups to tasks that can run: their order, the cycle where there is none, the cut that removes it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from kedro_matrix_ext.errors import GroupingCycleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.graph import NodeGraph

__all__ = ["GroupKey", "Piece", "cut_into_pieces"]


class GroupKey(NamedTuple):
    """What the nodes of a group have in common.

    Attributes:
        kind: In what respect: ``node``, ``fused``, ``namespace``, ``tag``, ...
        label: The name in that respect.
    """

    kind: str
    label: str


@dataclass(frozen=True)
class Piece:
    """Nodes that run together.

    Attributes:
        key: The group they are of.
        number: Which piece of the group, from 1; groups that need no cut have one.
        members: Their positions in the graph, ascending.
    """

    key: GroupKey
    number: int
    members: tuple[int, ...]


def cut_into_pieces(
    graph: NodeGraph, keys: Sequence[GroupKey], *, grouping: str, split: bool = False
) -> list[Piece]:
    """Order groups so that each can run after those it needs.

    Nodes are run through in a topological order that finishes a group whenever it can: every run of nodes of
    one group is a piece, so the pieces never wait for each other. Linear in nodes and dependencies.

    Args:
        graph: The pipeline.
        keys: The group of each node.
        grouping: What to call the grouping in messages.
        split: Cut groups that wait for each other, instead of refusing them.

    Returns:
        The pieces in the order in which they can run; the order depends on names alone.

    Raises:
        GroupingCycleError: If groups wait for each other and may not be cut.
    """
    progress = _Progress(graph, keys)
    pieces: list[Piece] = []
    numbers: dict[GroupKey, int] = {}
    while (choice := progress.choose()) is not None:
        key, blocked = choice
        if blocked and not split:
            raise _describe_cycle(graph, keys, progress.placed, grouping)
        numbers[key] = numbers.get(key, 0) + 1
        pieces.append(Piece(key, numbers[key], progress.run(key)))
    return pieces


class _Progress:
    """What has run, and how many nodes each group still waits for."""

    def __init__(self, graph: NodeGraph, keys: Sequence[GroupKey]) -> None:
        self.placed = [False] * len(keys)
        self._graph = graph
        self._keys = keys
        self._pending = [len(parents) for parents in graph.parents]
        self._left: dict[GroupKey, int] = {}
        self._first: dict[GroupKey, int] = {}
        self._blocking: dict[GroupKey, int] = {}
        self._ready: dict[GroupKey, list[int]] = {}
        self._choices: list[tuple[int, int, GroupKey]] = []
        for node, key in enumerate(keys):
            self._left[key] = self._left.get(key, 0) + 1
            self._first.setdefault(key, node)
            outside = sum(keys[parent] != key for parent in graph.parents[node])
            self._blocking[key] = self._blocking.get(key, 0) + outside
            ready = self._ready.setdefault(key, [])
            if not graph.parents[node]:
                heappush(ready, node)
        for key in self._left:
            self._offer(key)

    def _offer(self, key: GroupKey) -> None:
        heappush(self._choices, (self._blocking[key], self._first[key], key))

    def choose(self) -> tuple[GroupKey, bool] | None:
        """Choose the group that waits for the least, and tell whether it waits for anything."""
        while self._choices:
            blocking, _, key = heappop(self._choices)
            if self._left[key] and self._ready[key] and blocking == self._blocking[key]:
                return key, bool(blocking)
        return None

    def run(self, key: GroupKey) -> tuple[int, ...]:
        """Run all nodes of a group that can run now."""
        ready, members = self._ready[key], []
        while ready:
            node = heappop(ready)
            members.append(node)
            self.placed[node] = True
            for child in self._graph.children[node]:
                self._release(child, outside=self._keys[child] != key)
        self._left[key] -= len(members)
        return tuple(sorted(members))

    def _release(self, child: int, *, outside: bool) -> None:
        """Note that one of the nodes a child waits for has run."""
        key = self._keys[child]
        self._pending[child] -= 1
        if not self._pending[child]:
            heappush(self._ready[key], child)
        if outside:
            self._blocking[key] -= 1
            self._offer(key)


def _describe_cycle(
    graph: NodeGraph, keys: Sequence[GroupKey], placed: Sequence[bool], grouping: str
) -> GroupingCycleError:
    edges = _find_cycle(_waiting_for(graph, keys, placed))
    links = [(parent, child, graph.shared_datasets(parent, child)[0]) for parent, child in edges]
    lines = [
        f"    {keys[parent].label!r} (node {graph.names[parent]!r}) makes {dataset!r} for "
        f"{keys[child].label!r} (node {graph.names[child]!r})"
        for parent, child, dataset in links
    ]
    return GroupingCycleError(
        f"grouping {grouping!r} makes tasks that wait for each other:\n" + "\n".join(lines),
        hint="Group differently, or have the groups cut where needed: on_cycle='split', or --on-cycle split.",
        nodes=tuple(
            dict.fromkeys(graph.names[node] for parent, child, _ in links for node in (parent, child))
        ),
        datasets=tuple(dataset for _, _, dataset in links),
    )


_Waits = dict["GroupKey", dict["GroupKey", tuple[int, int]]]


def _waiting_for(graph: NodeGraph, keys: Sequence[GroupKey], placed: Sequence[bool]) -> _Waits:
    """Per group that has not run: the other such groups it waits for, and by which dependency."""
    waits: _Waits = {}
    for child, parents in enumerate(graph.parents):
        if not placed[child]:
            found = waits.setdefault(keys[child], {})
            for parent in parents:
                if not placed[parent] and keys[parent] != keys[child]:
                    found.setdefault(keys[parent], (parent, child))
    return waits


def _find_cycle(waits: _Waits) -> list[tuple[int, int]]:
    """Find a shortest cycle through some group, as dependencies in the direction of the data."""
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

"""Cutting a large graph of tasks into parts, each of which becomes a DAG of its own.

A part starts when all parts it needs are done, so a cut may make tasks wait that need not (a barrier). A few
deterministic cuts are tried; the one with the shortest longest path wins, then the one that orders the fewest
pairs of tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.plan.nesting.task_graph import (
    TaskGraph,
    find_components,
    measure_levels,
    order_depth_first,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Partition", "partition_tasks"]

# How many levels to cut off at the beginning and at the end, in search of what the middle falls apart into.
_PEELS = (4, 2, 1)

# A part: the indices of its tasks, ascending in topological order.
Part = list[int]


@dataclass(frozen=True)
class Partition:
    """A graph in parts.

    Attributes:
        parts: Indices of tasks, in topological order inside each part; parts in topological order too.
        needs: Per part the parts that must be done before, without those that others of them imply.
        path: Tasks on the longest path, barriers included.
        shortest: Tasks on the longest path of the uncut graph.
    """

    parts: list[Part]
    needs: list[list[int]]
    path: int
    shortest: int


def partition_tasks(graph: TaskGraph, *, size: int, most: int) -> Partition | None:
    """Cut a graph into parts.

    Args:
        graph: The tasks, in topological order.
        size: How many tasks a part may have.
        most: How many parts there may be.

    Returns:
        The best of the cuts tried, or none where no cut has so few parts.
    """
    levels = measure_levels(graph)
    shortest = max(levels, default=0)
    best: tuple[tuple[int, int], Partition] | None = None
    for cut in _list_cuts(graph, levels, size):
        if len(cut) > most:
            continue
        partition, cost = _measure(graph, cut, shortest)
        if best is None or cost < best[0]:
            best = (cost, partition)
        if partition.path == shortest:
            break  # nothing on the longest path waits, and cuts that keep more apart come first
    return best[1] if best else None


def _list_cuts(graph: TaskGraph, levels: list[int], size: int) -> Iterator[list[Part]]:
    """Try the cuts, those that keep most apart first; each gives an acyclic graph of parts."""
    everything = list(range(len(graph)))
    components = find_components(graph, everything)
    depth_first = order_depth_first(graph)
    by_level = sorted(everything, key=lambda task: (levels[task], depth_first[task]))
    yield _pack(components, size, depth_first)
    yield from _list_peels(graph, levels, size, depth_first)
    rank = [0] * len(graph)
    for place, task in enumerate(by_level):
        rank[task] = place
    yield _pack(components, size, rank)
    yield _chunk(by_level, size)


def _pack(components: list[Part], size: int, order: list[int]) -> list[Part]:
    """Keep what is not connected apart: small components whole, several to a part; large ones in chunks."""
    parts: list[Part] = []
    shared: Part = []
    for component in components:
        if len(component) > size:
            parts += _chunk(sorted(component, key=order.__getitem__), size)
        elif len(shared) + len(component) <= size:
            shared += component
        else:
            parts.append(shared)
            shared = list(component)
    return [*parts, shared] if shared else parts


def _list_peels(graph: TaskGraph, levels: list[int], size: int, order: list[int]) -> Iterator[list[Part]]:
    """Cut off the first and the last levels, and keep what the middle falls apart into apart."""
    deepest = max(levels, default=0)
    for peel in _PEELS:
        if 2 * peel >= deepest:
            continue
        sections: tuple[Part, Part, Part] = ([], [], [])
        for task, level in enumerate(levels):
            sections[0 if level <= peel else 1 if level <= deepest - peel else 2].append(task)
        first, middle, last = sections
        components = find_components(graph, middle)
        if 2 * max(map(len, components)) > len(graph):
            return  # it hangs together, and does so all the more where less is cut off
        yield [
            *_pack(find_components(graph, first), size, order),
            *_pack(components, size, order),
            *_pack(find_components(graph, last), size, order),
        ]


def _chunk(tasks: list[int], size: int) -> list[Part]:
    return [tasks[start : start + size] for start in range(0, len(tasks), size)]


def _measure(graph: TaskGraph, cut: list[Part], shortest: int) -> tuple[Partition, tuple[int, int]]:
    """Order the parts, find what each needs, and measure the critical path and the pairs that are ordered."""
    part_of = [0] * len(graph)
    for number, part in enumerate(cut):
        for task in part:
            part_of[task] = number
    needs = _link(graph, part_of, len(cut))
    position = {number: place for place, number in enumerate(_sort(needs))}
    parts: list[Part] = [[] for _ in cut]
    for task, number in enumerate(part_of):
        parts[position[number]].append(task)
    ordered_needs = [sorted(position[need] for need in needs[number]) for number in position]
    reduced, above = _reduce(ordered_needs)
    sizes = [len(part) for part in parts]
    pairs = sum(sizes[number] * sizes[need] for number, bits in enumerate(above) for need in _bits(bits))
    path = _measure_path(graph, parts, reduced)
    return Partition(parts, reduced, path, shortest), (path, pairs)


def _link(graph: TaskGraph, part_of: list[int], count: int) -> list[set[int]]:
    needs: list[set[int]] = [set() for _ in range(count)]
    for mine, above in zip(part_of, graph.above, strict=True):
        for other in above:
            needs[mine].add(part_of[other])
    for number, need in enumerate(needs):
        need.discard(number)
    return needs


def _sort(needs: list[set[int]]) -> list[int]:
    from graphlib import TopologicalSorter

    return list(TopologicalSorter({number: sorted(need) for number, need in enumerate(needs)}).static_order())


def _reduce(needs: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    """Leave out what is implied; give all that is above each part as well, as bits."""
    above: list[int] = []
    reduced = []
    for need in needs:
        reached = 0
        kept = []
        for other in reversed(need):
            if not reached >> other & 1:
                kept.append(other)
                reached |= above[other] | 1 << other
        above.append(reached)
        reduced.append(kept[::-1])
    return reduced, above


def _bits(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _measure_path(graph: TaskGraph, parts: list[Part], needs: list[list[int]]) -> int:
    """Count the tasks on the longest path where each part waits for all of the parts it needs."""
    done: list[int] = []
    finish = [0] * len(graph)
    for part, need in zip(parts, needs, strict=True):
        start = latest = max((done[other] for other in need), default=0)
        for task in part:
            last = start  # no task of another part that is needed finishes later than this
            for other in graph.above[task]:
                last = max(last, finish[other])
            finish[task] = last + 1
            latest = max(latest, last + 1)
        done.append(latest)
    return max(done, default=0)

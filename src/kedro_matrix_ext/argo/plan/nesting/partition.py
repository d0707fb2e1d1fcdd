"""Splitting a large graph of tasks into parts, each of which becomes its own DAG.

A part starts once all parts it depends on are done, so a split may delay tasks (a barrier). A few
deterministic splits are tried. The one with the shortest longest path wins, then the one that orders the
fewest pairs of tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.plan.graph_algorithms import measure_longest_paths
from kedro_matrix_ext.argo.plan.nesting.task_graph import TaskGraph, find_components, order_depth_first

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Partition", "partition_tasks"]

# How many levels to take off at the start and at the end, to see whether the middle falls into components.
_END_LEVELS = (4, 2, 1)

# The numbers of a part's tasks, ascending, which is a topological order.
Part = list[int]


@dataclass(frozen=True)
class Partition:
    """A graph in parts.

    Attributes:
        parts: The numbers of each part's tasks; tasks and parts are in topological order.
        needs: For each part, the parts it depends on; those that others of them imply are left out.
        path: Tasks on the longest path, barriers included.
        shortest: Tasks on the longest path of the whole graph in one DAG.
    """

    parts: list[Part]
    needs: list[list[int]]
    path: int
    shortest: int


def partition_tasks(graph: TaskGraph, *, size: int, most: int) -> Partition | None:
    """Split a graph into at most ``most`` parts of at most ``size`` tasks."""
    levels = measure_longest_paths(graph.parents)
    shortest = max(levels, default=0)
    best: tuple[tuple[int, int], Partition] | None = None
    for split in _list_splits(graph, levels, size):
        if len(split) > most:
            continue
        partition, cost = _measure(graph, split, shortest)
        if best is None or cost < best[0]:
            best = (cost, partition)
        if partition.path == shortest:
            break  # no task on the longest path is delayed, and the most parallel splits come first
    return best[1] if best else None


def _list_splits(graph: TaskGraph, levels: list[int], size: int) -> Iterator[list[Part]]:
    """Return splits, the most parallel first; the parts of each form an acyclic graph."""
    everything = list(range(len(graph)))
    components = find_components(graph, everything)
    depth_first = order_depth_first(graph)
    by_level = sorted(everything, key=lambda task: (levels[task], depth_first[task]))
    yield _pack(components, size, depth_first)
    yield from _split_off_ends(graph, levels, size, depth_first)
    rank = [0] * len(graph)
    for position, task in enumerate(by_level):
        rank[task] = position
    yield _pack(components, size, rank)
    yield _chunk(by_level, size)


def _pack(components: list[Part], size: int, order: list[int]) -> list[Part]:
    """Put several small components into a part, and split large ones into chunks."""
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


def _split_off_ends(graph: TaskGraph, levels: list[int], size: int, order: list[int]) -> Iterator[list[Part]]:
    """Take off the first and last levels, and keep the components of the middle apart."""
    deepest = max(levels, default=0)
    for count in _END_LEVELS:
        if 2 * count >= deepest:
            continue
        sections: tuple[Part, Part, Part] = ([], [], [])
        for task, level in enumerate(levels):
            sections[0 if level <= count else 1 if level <= deepest - count else 2].append(task)
        first, middle, last = sections
        components = find_components(graph, middle)
        if 2 * max(map(len, components)) > len(graph):
            return  # one large component; it only grows where fewer levels are taken off
        yield [
            *_pack(find_components(graph, first), size, order),
            *_pack(components, size, order),
            *_pack(find_components(graph, last), size, order),
        ]


def _chunk(tasks: list[int], size: int) -> list[Part]:
    return [tasks[start : start + size] for start in range(0, len(tasks), size)]


def _measure(graph: TaskGraph, split: list[Part], shortest: int) -> tuple[Partition, tuple[int, int]]:
    """Order the parts, find their dependencies, and measure the longest path and the ordered pairs."""
    part_of = [0] * len(graph)
    for number, part in enumerate(split):
        for task in part:
            part_of[task] = number
    needs = _link(graph, part_of, len(split))
    position = {number: index for index, number in enumerate(_sort(needs))}
    parts: list[Part] = [[] for _ in split]
    for task, number in enumerate(part_of):
        parts[position[number]].append(task)
    ordered_needs = [sorted(position[need] for need in needs[number]) for number in position]
    reduced, ancestors = _reduce(ordered_needs)
    sizes = [len(part) for part in parts]
    pairs = sum(sizes[number] * sizes[need] for number, bits in enumerate(ancestors) for need in _bits(bits))
    path = _measure_path(graph, parts, reduced)
    return Partition(parts, reduced, path, shortest), (path, pairs)


def _link(graph: TaskGraph, part_of: list[int], count: int) -> list[set[int]]:
    needs: list[set[int]] = [set() for _ in range(count)]
    for part, parents in zip(part_of, graph.parents, strict=True):
        for parent in parents:
            needs[part].add(part_of[parent])
    for number, need in enumerate(needs):
        need.discard(number)
    return needs


def _sort(needs: list[set[int]]) -> list[int]:
    from graphlib import TopologicalSorter

    return list(TopologicalSorter({number: sorted(need) for number, need in enumerate(needs)}).static_order())


def _reduce(needs: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    """Return the transitive reduction, and the ancestors of each part as a bit set."""
    ancestors: list[int] = []
    reduced = []
    for need in needs:
        reached = 0
        kept = []
        for other in reversed(need):
            if not reached >> other & 1:
                kept.append(other)
                reached |= ancestors[other] | 1 << other
        ancestors.append(reached)
        reduced.append(kept[::-1])
    return reduced, ancestors


def _bits(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _measure_path(graph: TaskGraph, parts: list[Part], needs: list[list[int]]) -> int:
    """Return the number of tasks on the longest path where each part waits for all parts it depends on."""
    done: list[int] = []
    finish = [0] * len(graph)
    for part, need in zip(parts, needs, strict=True):
        start = latest = max((done[other] for other in need), default=0)
        for task in part:
            last = start  # no task of a part that this one depends on finishes later
            for parent in graph.parents[task]:
                last = max(last, finish[parent])
            finish[task] = last + 1
            latest = max(latest, last + 1)
        done.append(latest)
    return max(done, default=0)

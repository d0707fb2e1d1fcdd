"""Algorithms on graphs of numbered vertices: connected components, cycles, the longest path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["find_strong_components", "join_connected", "measure_longest_paths"]


def join_connected(size: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Return, for each number below ``size``, the smallest number it is connected to (union-find).

    Examples:
        >>> join_connected(4, [(3, 1), (1, 2)])
        [0, 1, 1, 1]
    """
    root = list(range(size))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for left, right in pairs:
        low, high = sorted((find(left), find(right)))
        root[high] = low
    return [find(number) for number in range(size)]


def find_strong_components(successors: Sequence[Iterable[int]]) -> list[int]:
    """Return, for each vertex, the smallest vertex on a common cycle (Tarjan's algorithm, iterative).

    Examples:
        >>> find_strong_components([[1], [2], [1, 3], []])
        [0, 1, 1, 3]
    """
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    component = [-1] * len(successors)
    for root in range(len(successors)):
        path = [] if root in order else [(root, iter(successors[root]))]
        if path:
            order[root] = low[root] = len(order)
            stack.append(root)
        while path:
            vertex, following = path[-1]
            successor = next(following, None)
            if successor is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[vertex])
                if low[vertex] == order[vertex]:
                    _pop_component(vertex, stack, component)
            elif successor not in order:
                order[successor] = low[successor] = len(order)
                stack.append(successor)
                path.append((successor, iter(successors[successor])))
            elif component[successor] == -1:
                low[vertex] = min(low[vertex], order[successor])
    return component


def _pop_component(root: int, stack: list[int], component: list[int]) -> None:
    """Remove a finished component from the stack and number it."""
    members = [stack.pop()]
    while members[-1] != root:
        members.append(stack.pop())
    first = min(members)
    for member in members:
        component[member] = first


def measure_longest_paths(
    parents: Sequence[Iterable[int]], lengths: Sequence[int] | None = None
) -> list[int]:
    """Return, for each vertex in topological order, the length of the longest path that ends with it.

    Examples:
        >>> measure_longest_paths([[], [0], [0, 1]]), measure_longest_paths([[], [0]], [2, 5])
        ([1, 2, 3], [2, 7])
    """
    ends: list[int] = []
    for vertex, before in enumerate(parents):
        length = 1 if lengths is None else lengths[vertex]
        ends.append(length + max((ends[parent] for parent in before), default=0))
    return ends

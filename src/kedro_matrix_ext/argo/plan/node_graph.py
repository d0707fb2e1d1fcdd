"""A pipeline as a graph of numbered nodes: what grouping and planning work on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.nodes.fused_pipeline import read_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kedro.pipeline import Node, Pipeline

    from kedro_matrix_ext.argo.nodes.node import FuseGroup

__all__ = ["NodeGraph", "base_name", "find_components", "join_connected"]


def base_name(dataset: str) -> str:
    """Strip the ``@engine`` from a dataset's name.

    Args:
        dataset: The name as a node uses it.

    Returns:
        The name of the data behind it.

    Examples:
        >>> base_name("features@spark")
        'features'
    """
    return dataset.partition("@")[0]


@dataclass(frozen=True)
class NodeGraph:
    """Nodes in topological order, and which depend on which, by position.

    Attributes:
        nodes: In Kedro's topological order, which depends on names alone.
        names: Their names.
        parents: Per node the positions of those it directly depends on, ascending.
    """

    nodes: tuple[Node, ...]
    names: tuple[str, ...]
    parents: tuple[tuple[int, ...], ...]

    @classmethod
    def from_pipeline(cls, pipeline: Pipeline) -> NodeGraph:
        """Number the nodes of a pipeline.

        Args:
            pipeline: Any pipeline.

        Returns:
            Its graph.
        """
        nodes = tuple(pipeline.nodes)
        position = {node: number for number, node in enumerate(nodes)}
        dependencies = pipeline.node_dependencies
        return cls(
            nodes=nodes,
            names=tuple(node.name for node in nodes),
            parents=tuple(tuple(sorted(position[parent] for parent in dependencies[node])) for node in nodes),
        )

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Per node the positions of those that directly depend on it, ascending."""
        children: list[list[int]] = [[] for _ in self.nodes]
        for child, parents in enumerate(self.parents):
            for parent in parents:
                children[parent].append(child)
        return tuple(map(tuple, children))

    @cached_property
    def groups(self) -> tuple[FuseGroup | None, ...]:
        """Per node the fused group it belongs to."""
        return tuple(map(read_group, self.nodes))

    def shared_datasets(self, parent: int, child: int) -> list[str]:
        """Name what one node makes and another uses.

        Args:
            parent: The position of the first.
            child: The position of the second.

        Returns:
            Dataset names as the first writes them, sorted.
        """
        used = {base_name(dataset) for dataset in self.nodes[child].inputs}
        return sorted(dataset for dataset in self.nodes[parent].outputs if base_name(dataset) in used)


def join_connected(size: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Join numbers into sets: union-find.

    Args:
        size: How many numbers there are, from 0.
        pairs: Which belong together.

    Returns:
        Per number the smallest one of its set.

    Examples:
        >>> join_connected(4, [(3, 1), (1, 2)])
        [0, 1, 1, 1]
    """
    first = list(range(size))

    def find(number: int) -> int:
        while first[number] != number:
            first[number] = first[first[number]]
            number = first[number]
        return number

    for left, right in pairs:
        low, high = sorted((find(left), find(right)))
        first[high] = low
    return [find(number) for number in range(size)]


def find_components(successors: Sequence[Iterable[int]]) -> list[int]:
    """Find what lies on cycles together: strongly connected components (Tarjan, without recursion).

    Args:
        successors: Per number those it leads to.

    Returns:
        Per number the smallest one of its component.

    Examples:
        >>> find_components([[1], [2], [1, 3], []])
        [0, 1, 1, 3]
    """
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    open_numbers: list[int] = []
    component = [-1] * len(successors)
    for root in range(len(successors)):
        trail = [] if root in order else [(root, iter(successors[root]))]
        if trail:
            order[root] = low[root] = len(order)
            open_numbers.append(root)
        while trail:
            number, following = trail[-1]
            successor = next(following, None)
            if successor is None:
                trail.pop()
                if trail:
                    low[trail[-1][0]] = min(low[trail[-1][0]], low[number])
                if low[number] == order[number]:
                    _close(number, open_numbers, component)
            elif successor not in order:
                order[successor] = low[successor] = len(order)
                open_numbers.append(successor)
                trail.append((successor, iter(successors[successor])))
            elif component[successor] == -1:
                low[number] = min(low[number], order[successor])
    return component


def _close(root: int, open_numbers: list[int], component: list[int]) -> None:
    """Take a finished component off the stack."""
    members = [open_numbers.pop()]
    while members[-1] != root:
        members.append(open_numbers.pop())
    first = min(members)
    for member in members:
        component[member] = first

"""A pipeline as a graph of numbered nodes, for grouping and planning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.nodes.fused_pipeline import read_group
from kedro_matrix_ext.catalog.engine_names import strip_engine

if TYPE_CHECKING:
    from kedro.pipeline import Node, Pipeline

    from kedro_matrix_ext.argo.nodes.node import FuseGroup

__all__ = ["NodeGraph"]


@dataclass(frozen=True)
class NodeGraph:
    """The nodes of a pipeline by number, and their dependencies.

    Attributes:
        nodes: In Kedro's topological order, which depends on names alone.
        names: Their names.
        parents: The positions of the nodes that each node directly depends on, ascending.
    """

    nodes: tuple[Node, ...]
    names: tuple[str, ...]
    parents: tuple[tuple[int, ...], ...]

    @classmethod
    def from_pipeline(cls, pipeline: Pipeline) -> NodeGraph:
        """Number the nodes of a pipeline."""
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
        """The positions of the nodes that directly depend on each node, ascending."""
        children: list[list[int]] = [[] for _ in self.nodes]
        for child, parents in enumerate(self.parents):
            for parent in parents:
                children[parent].append(child)
        return tuple(map(tuple, children))

    @cached_property
    def groups(self) -> tuple[FuseGroup | None, ...]:
        """The fused group of each node."""
        return tuple(map(read_group, self.nodes))

    def shared_datasets(self, parent: int, child: int) -> list[str]:
        """Return the datasets that one node makes and another uses, as the first names them, sorted."""
        used = {strip_engine(dataset) for dataset in self.nodes[child].inputs}
        return sorted(dataset for dataset in self.nodes[parent].outputs if strip_engine(dataset) in used)

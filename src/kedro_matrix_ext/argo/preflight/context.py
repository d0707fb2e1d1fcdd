"""What every rule looks at: the plan, and all it was made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.argo.plan.node_graph import base_name
from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView
from kedro_matrix_ext.catalog.parameter_names import is_parameter
from kedro_matrix_ext.findings import Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro.io import DataCatalog
    from kedro.pipeline import Node, Pipeline

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = ["CheckContext", "CrossTaskDataset", "Locate", "Use"]

# Per configuration type and key path, where it is written.
Locate = Callable[[str, Sequence[Any]], Location]


class Use(NamedTuple):
    """One node's use of one dataset."""

    task: str
    node: str
    dataset: str


class CrossTaskDataset(NamedTuple):
    """A dataset made in one task and read in others."""

    made: Use
    read: tuple[Use, ...]

    @property
    def names(self) -> list[str]:
        """Its name as written and as read, engines included, each once."""
        return list(dict.fromkeys([self.made.dataset, *(use.dataset for use in self.read)]))


@dataclass(frozen=True, kw_only=True)
class CheckContext:
    """What is checked.

    Attributes:
        plan: The plan.
        pipeline: The nodes it was made of.
        config: ``argo.yml``.
        catalog: The catalog of the environment, parameters included; none where it is not known.
        given: Parameters given at submit.
        tracking: The content of ``tracking.yml``, or of ``mlflow.yml``; empty where there is neither.
        replan: Plans the same nodes with another grouping; none where they cannot be grouped so.
        locate: Tells in which file and line a part of the configuration stands; none where that is not known.
    """

    plan: Plan
    pipeline: Pipeline
    config: ArgoConfig
    catalog: DataCatalog | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    tracking: Mapping[str, Any] = field(default_factory=dict)
    replan: Callable[[str], Plan | None] | None = None
    locate: Locate | None = None

    @cached_property
    def view(self) -> CatalogView:
        """The catalog, to be looked at."""
        return CatalogView(self.catalog)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes, in the order they run."""
        return tuple(self.pipeline.nodes)

    @cached_property
    def task_of(self) -> dict[str, str]:
        """Per node its task."""
        return {node: task.name for task in self.plan.tasks for node in task.nodes}

    @cached_property
    def outputs(self) -> dict[str, list[Use]]:
        """Per dataset, engines aside, who makes it."""
        found: dict[str, list[Use]] = defaultdict(list)
        for node in self.nodes:
            for dataset in node.outputs:
                found[base_name(dataset)].append(Use(self.task_of[node.name], node.name, dataset))
        return found

    @cached_property
    def inputs(self) -> dict[str, list[Use]]:
        """Per dataset, engines and parameters aside, who reads it."""
        found: dict[str, list[Use]] = defaultdict(list)
        for node in self.nodes:
            for dataset in node.inputs:
                if not is_parameter(dataset):
                    found[base_name(dataset)].append(Use(self.task_of[node.name], node.name, dataset))
        return found

    @cached_property
    def parameters_used(self) -> dict[str, list[Use]]:
        """Per parameter, as ``params:model.depth`` or ``parameters``, who uses it."""
        found: dict[str, list[Use]] = defaultdict(list)
        for node in self.nodes:
            for dataset in node.inputs:
                if is_parameter(dataset):
                    found[dataset].append(Use(self.task_of[node.name], node.name, dataset))
        return found

    @cached_property
    def crossings(self) -> tuple[CrossTaskDataset, ...]:
        """What is made in one task and read in another."""
        return tuple(self._find_crossings())

    def _find_crossings(self) -> Iterator[CrossTaskDataset]:
        for dataset, makers in self.outputs.items():
            for made in makers:
                read = tuple(use for use in self.inputs.get(dataset, ()) if use.task != made.task)
                if read:
                    yield CrossTaskDataset(made, read)

    def place(self, config_type: str, keys: Sequence[Any]) -> Location:
        """Say where a part of the configuration stands, or would.

        Args:
            config_type: ``argo``, ``catalog``, ``parameters``, ...
            keys: The key path in it.

        Returns:
            The place, with file and line where they are known.
        """
        known = self.locate(config_type, keys) if self.locate is not None else Location()
        return replace(known, config_path=render_config_path(config_type, keys), env=self.plan.env)

    def catalog_place(self, dataset: str) -> Location:
        """Say where a dataset's entry, or the pattern that gives it one, stands, or would."""
        return self.place("catalog", [self.view.entry_name(dataset) or dataset])

    def argo_place(self, *keys: str | int) -> Location:
        """Say where something stands in ``argo.yml``."""
        return self.place("argo", keys)

    def parameter_place(self, keys: Sequence[Any]) -> Location:
        """Say where a parameter stands, or would."""
        return self.place("parameters", keys)

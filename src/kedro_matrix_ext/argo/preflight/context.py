"""What every rule of the preflight reads: the plan, and everything it was made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.catalog.engine_names import strip_engine
from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView
from kedro_matrix_ext.catalog.parameter_names import is_parameter
from kedro_matrix_ext.findings import Location
from kedro_matrix_ext.resolvers.placeholders import Placeholders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kedro.io import DataCatalog
    from kedro.pipeline import Node, Pipeline

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = ["CheckContext", "CrossTaskDataset", "Locate", "ProjectFiles", "Use"]

# From a configuration type and a key path to file and line.
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
        """Its names as written and as read, engines included, each once."""
        return list(dict.fromkeys([self.made.dataset, *(use.dataset for use in self.read)]))


@dataclass(frozen=True, kw_only=True)
class ProjectFiles:
    """The files of the project that is checked.

    Attributes:
        project: The project's folder.
        conf_source: Its configuration folder; none where the configuration is in an archive or a bucket.
        layers: The environments that are merged, from the base to the one that is planned for.
        base_env: The base environment.
        default_env: The environment of a run that names none.
        package: The project's name in the store of code packages; none where the store is not asked.
    """

    project: Path
    conf_source: Path | None
    layers: tuple[str, ...]
    base_env: str
    default_env: str
    package: str | None = None

    @property
    def known_environments(self) -> list[str]:
        """The names of the environments with a folder, sorted."""
        folder = self.conf_source
        return sorted(each.name for each in folder.iterdir() if each.is_dir()) if folder else []

    def shorten(self, path: Path) -> str:
        """Return a path relative to the project where it is inside it."""
        inside = path.is_relative_to(self.project)
        return (path.relative_to(self.project) if inside else path).as_posix()


@dataclass(frozen=True, kw_only=True)
class CheckContext:
    """What is checked.

    Attributes:
        plan: The plan.
        pipeline: The nodes it was made from.
        config: The models of ``argo.yml``.
        catalog: The catalog of the environment, parameters included; none where it is not known.
        params: Parameters passed at submit.
        tracking: The content of ``tracking.yml`` or ``mlflow.yml``; empty where there is neither.
        replan: Plans the same nodes with another grouping; returns none where that fails.
        locate: Returns file and line of a part of the configuration; none where that is not known.
        files: The files of the project; none where only a pipeline is checked.
        placeholders: Placeholders in the configuration for values that only a pod has.
        run_id_entries: Names and patterns of catalog entries that contain the run's id.
        credential_uses: Per name of credentials the keys of the catalog that name it first.
        imports: Whether node modules, dataset types and injected objects are imported.
    """

    plan: Plan
    pipeline: Pipeline
    config: ArgoConfig
    catalog: DataCatalog | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    tracking: Mapping[str, Any] = field(default_factory=dict)
    replan: Callable[[str], Plan | None] | None = None
    locate: Locate | None = None
    files: ProjectFiles | None = None
    placeholders: Placeholders = field(default_factory=lambda: Placeholders(()))
    run_id_entries: frozenset[str] = frozenset()
    imports: bool = True
    credential_uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def view(self) -> CatalogView:
        """A view of the catalog that loads no dataset."""
        return CatalogView(self.catalog)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes, in the order they run."""
        return tuple(self.pipeline.nodes)

    @cached_property
    def task_of(self) -> dict[str, str]:
        """The task of each node."""
        return {node: task.name for task in self.plan.tasks for node in task.nodes}

    @cached_property
    def makers(self) -> dict[str, list[Use]]:
        """The uses that make each dataset; its name is without the engine."""
        found: dict[str, list[Use]] = defaultdict(list)
        for node in self.nodes:
            for dataset in node.outputs:
                found[strip_engine(dataset)].append(Use(self.task_of[node.name], node.name, dataset))
        return found

    @cached_property
    def readers(self) -> dict[str, list[Use]]:
        """The uses that read each dataset; its name is without the engine. Parameters are left out."""
        found: dict[str, list[Use]] = defaultdict(list)
        for node in self.nodes:
            for dataset in node.inputs:
                if not is_parameter(dataset):
                    found[strip_engine(dataset)].append(Use(self.task_of[node.name], node.name, dataset))
        return found

    @cached_property
    def parameters_used(self) -> dict[str, list[Use]]:
        """The uses of each parameter: ``params:model.depth``, or ``parameters`` for all."""
        found: dict[str, list[Use]] = defaultdict(list)
        for node in self.nodes:
            for dataset in node.inputs:
                if is_parameter(dataset):
                    found[dataset].append(Use(self.task_of[node.name], node.name, dataset))
        return found

    @cached_property
    def cross_task_datasets(self) -> tuple[CrossTaskDataset, ...]:
        """The datasets that are made in one task and read in another."""
        return tuple(self._find_cross_task_datasets())

    def _find_cross_task_datasets(self) -> Iterator[CrossTaskDataset]:
        for dataset, makers in self.makers.items():
            for made in makers:
                read = tuple(use for use in self.readers.get(dataset, ()) if use.task != made.task)
                if read:
                    yield CrossTaskDataset(made, read)

    def place(self, config_type: str, keys: Sequence[Any]) -> Location:
        """Return the location of a key path, or where it would be."""
        known = self.locate(config_type, keys) if self.locate is not None else Location()
        return replace(known, config_path=render_config_path(config_type, keys), env=self.plan.env)

    def catalog_place(self, dataset: str) -> Location:
        """Return the location of a dataset's entry or pattern, or where its entry would be."""
        return self.place("catalog", [self.view.entry_name(dataset) or dataset])

    def argo_place(self, *keys: str | int) -> Location:
        """Return the location of a key path in ``argo.yml``."""
        return self.place("argo", keys)

    def parameter_place(self, keys: Sequence[Any]) -> Location:
        """Return the location of a parameter, or where it would be."""
        return self.place("parameters", keys)

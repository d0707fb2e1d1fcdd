"""One MLflow run for one run of a pipeline, or for one workflow of many tasks."""

from __future__ import annotations

import atexit
import inspect
import logging
import multiprocessing
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework import project
from kedro.framework.hooks import hook_impl

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks.hook_config import name_environment, read_hook_config
from kedro_matrix_ext.hooks.overhead import hook_overhead
from kedro_matrix_ext.hooks.worker_state import attach_state, read_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node
    from mlflow.entities import Run

    from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

__all__ = ["MLFlowHooks", "MLflowHooks"]

logger = logging.getLogger(__name__)

_VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME")


@dataclass(frozen=True)
class _TrackedRun:
    """What a process must know to log to the run; pickled for the workers of a ``ParallelRunner``."""

    mlflow_run_id: str
    tracking_uri: str
    experiment_id: str
    metric_datasets: tuple[str, ...]
    metric_nodes: tuple[str, ...]
    required: bool


@dataclass(frozen=True)
class _OpenRun:
    """What the process that opened the run must do at its end."""

    tracked: _TrackedRun
    is_owned: bool
    variables: dict[str, str | None]
    process: int


class MLflowHooks:
    """Log each run of a pipeline to MLflow as ``tracking.yml`` says.

    With ``MLFLOW_RUN_ID`` set, or a run active already, that run is joined: it is added to, and neither ended
    nor changed. Otherwise a run is created, and ended with the pipeline. Meanwhile ``mlflow.log_metric`` and
    the like in nodes write to it, on any thread and in any worker process.

    Examples:
        >>> hooks = MLflowHooks()
    """

    def __init__(self) -> None:
        self._config: TrackingConfig | None = None
        self._env: str | None = None
        self._loader: Any = None
        self._open: dict[str, _OpenRun] = {}
        self._seen: dict[str, Run] = {}
        self._given_up: set[str] = set()
        self._watched: set[str] = set()

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Read and check ``tracking.yml``, so that mistakes in it are reported before anything runs."""
        from kedro_matrix_ext.hooks.mlflow.config import parse_tracking_config

        self._config = parse_tracking_config(read_hook_config(context.config_loader, "tracking"))
        self._env = name_environment(context)
        self._loader = context.config_loader

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
    ) -> None:
        """Open the run and log its tags and parameters."""
        if self._config is None:
            raise HookError(
                f"{type(self).__name__} heard of a run, but of no context before it",
                hint="Run pipelines by a KedroSession whose settings name the hook in HOOKS.",
            )
        run_id = str(run_params["run_id"])
        try:
            self._start(self._config, run_params, catalog)
            self._describe(
                self._config,
                self._open[run_id].tracked,
                run_params,
                _parameters(pipeline, catalog, self._loader),
            )
        except HookError as error:
            if self._config.required:
                self._finish(run_id, "FAILED")
                raise
            logger.warning("The run goes on without MLflow, or with part of what it should log: %s", error)

    @hook_impl
    def before_node_run(self, catalog: CatalogProtocol[Any, Any], run_id: str | None) -> None:
        """Make the run active where the node is about to run: on this thread, in this process."""
        tracked = self._find(run_id, catalog)
        if tracked is None:
            return
        if "mlflow" in sys.modules:
            with hook_overhead():
                self._activate(tracked)
        else:  # a new worker: the node may import MLflow, or not
            from kedro_matrix_ext.hooks.mlflow.active_run import call_after_import

            _name_store(tracked)
            call_after_import(lambda: self._activate(tracked))

    @hook_impl
    def after_node_run(
        self, node: Node, catalog: CatalogProtocol[Any, Any], outputs: dict[str, Any], run_id: str | None
    ) -> None:
        """Log the numbers among the node's outputs that ``tracking.yml`` asks for."""
        tracked = self._find(run_id, catalog)
        if tracked is None:
            return
        self._watch_exit(tracked)
        if tracked.mlflow_run_id in self._given_up:
            return
        numbers = _numbers_to_log(tracked, node, outputs)
        if numbers:
            with hook_overhead(), self._tolerating(tracked):
                from kedro_matrix_ext.hooks.mlflow.logging import log_numbers

                log_numbers(tracked.tracking_uri, tracked.mlflow_run_id, numbers)

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """End the run, if it was created here."""
        self._finish(str(run_params["run_id"]), "FINISHED")

    @hook_impl
    def on_pipeline_error(self, run_params: dict[str, Any]) -> None:
        """Mark the run failed, if it was created here."""
        self._finish(str(run_params["run_id"]), "FAILED")

    def _start(
        self, config: TrackingConfig, run_params: dict[str, Any], catalog: CatalogProtocol[Any, Any]
    ) -> None:
        from kedro_matrix_ext.hooks.mlflow.logging import open_run
        from kedro_matrix_ext.hooks.mlflow.tracking_uri import (
            choose_experiment,
            choose_store,
            hide_credentials,
        )

        run_id, project_path = str(run_params["run_id"]), Path(run_params["project_path"])
        variables = {name: os.environ.get(name) for name in _VARIABLES}
        store = choose_store(config, project_path)
        run, is_owned = open_run(
            config,
            store,
            project_path,
            run_name=config.run_name or run_id,
            experiment=choose_experiment(config, _name_project(project_path)),
        )
        tracked = _TrackedRun(
            mlflow_run_id=run.info.run_id,
            tracking_uri=store,
            experiment_id=run.info.experiment_id,
            metric_datasets=config.log.metrics.datasets,
            metric_nodes=config.log.metrics.nodes,
            required=config.required,
        )
        self._open[run_id] = _OpenRun(tracked, is_owned, variables, os.getpid())
        self._seen[tracked.mlflow_run_id] = run
        self._make_known(tracked, catalog)
        verb = "started" if is_owned else "joined"
        place = hide_credentials(store)
        logger.info("MLflow run %s (%s) %s at %s", run.info.run_name, run.info.run_id, verb, place)

    def _make_known(self, tracked: _TrackedRun, catalog: CatalogProtocol[Any, Any]) -> None:
        """Let nodes find the run: in this process and in workers."""
        attach_state(catalog, type(self).__name__, tracked)
        _name_store(tracked)
        self._activate(tracked)

    def _describe(
        self,
        config: TrackingConfig,
        tracked: _TrackedRun,
        run_params: dict[str, Any],
        parameters: dict[str, str],
    ) -> None:
        from kedro_matrix_ext.hooks.mlflow.flattening import select
        from kedro_matrix_ext.hooks.mlflow.logging import describe_run, log_parameters, log_tags

        project_path = Path(run_params["project_path"])
        told = {**run_params, "env": run_params.get("env") or self._env}
        tags = describe_run(project_path, told, _name_project(project_path))
        log_tags(tracked.tracking_uri, self._seen[tracked.mlflow_run_id], {**tags, **config.tags})
        chosen = select(parameters, config.log.parameters)
        log_parameters(tracked.tracking_uri, tracked.mlflow_run_id, chosen)

    def _find(self, run_id: str | None, catalog: CatalogProtocol[Any, Any]) -> _TrackedRun | None:
        opened = self._open.get(run_id or "")
        found: _TrackedRun | None = opened.tracked if opened else read_state(catalog, type(self).__name__)
        return found

    def _activate(self, tracked: _TrackedRun) -> None:
        import mlflow

        from kedro_matrix_ext.hooks.mlflow.active_run import activate

        self._watch_exit(tracked)
        mlflow.set_tracking_uri(tracked.tracking_uri)
        if tracked.mlflow_run_id not in self._seen:
            self._seen[tracked.mlflow_run_id] = mlflow.get_run(tracked.mlflow_run_id)
        activate(self._seen[tracked.mlflow_run_id])

    def _finish(self, run_id: str, status: str) -> None:
        opened = self._open.pop(run_id, None)
        if opened is None:
            return
        from kedro_matrix_ext.hooks.mlflow.active_run import deactivate

        deactivate(opened.tracked.mlflow_run_id)
        self._seen.pop(opened.tracked.mlflow_run_id, None)
        _restore(opened.variables)
        if opened.is_owned:
            from kedro_matrix_ext.hooks.mlflow.logging import end_run

            with self._tolerating(opened.tracked, always=status != "FINISHED"):
                end_run(opened.tracked.tracking_uri, opened.tracked.mlflow_run_id, status)

    @contextmanager
    def _tolerating(self, tracked: _TrackedRun, *, always: bool = False) -> Iterator[None]:
        """Turn an error into one warning if the run has to go on or another error is on its way."""
        try:
            yield
        except HookError as error:
            if tracked.required and not always:
                raise
            self._given_up.add(tracked.mlflow_run_id)
            logger.warning("Nothing more is logged to MLflow: %s", error)

    def _watch_exit(self, tracked: _TrackedRun) -> None:
        """Be asked before MLflow at the end of the process, where it ends whatever is active as FINISHED."""
        if "mlflow" in sys.modules and tracked.mlflow_run_id not in self._watched:
            self._watched.add(tracked.mlflow_run_id)
            atexit.register(self._leave, tracked.mlflow_run_id)

    def _leave(self, mlflow_run_id: str) -> None:
        from kedro_matrix_ext.hooks.mlflow.active_run import deactivate

        opened_here = {
            run_id: opened.tracked.mlflow_run_id
            for run_id, opened in self._open.items()
            if opened.process == os.getpid()
        }
        deactivate(mlflow_run_id, whoever=multiprocessing.parent_process() is not None)
        for run_id, opened_id in opened_here.items():
            if opened_id == mlflow_run_id:
                self._finish(run_id, "KILLED")


MLFlowHooks = MLflowHooks


def _name_project(project_path: Path) -> str:
    return project.PACKAGE_NAME or project_path.name


def _name_store(tracked: _TrackedRun) -> None:
    """Name store and experiment to MLflow, here and in processes that nodes start, but not the run.

    The first ``mlflow.start_run(nested=True)`` would take the run that ``MLFLOW_RUN_ID`` names for its own.
    """
    os.environ.pop("MLFLOW_RUN_ID", None)
    os.environ.pop("MLFLOW_EXPERIMENT_NAME", None)  # with an id too, MLflow compares the two
    os.environ["MLFLOW_TRACKING_URI"] = tracked.tracking_uri
    os.environ["MLFLOW_EXPERIMENT_ID"] = tracked.experiment_id


def _restore(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _parameters(pipeline: Pipeline, catalog: CatalogProtocol[Any, Any], loader: Any) -> dict[str, str]:
    """Collect the parameters that the pipeline's nodes are given, flattened and without secrets."""
    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext._known_secrets import scrub
    from kedro_matrix_ext.catalog.parameter_names import ALL_PARAMETERS, PARAMETER_PREFIX, is_parameter
    from kedro_matrix_ext.config.secrecy import SecretPaths
    from kedro_matrix_ext.hooks.mlflow.flattening import flatten_parameters

    secrets = SecretPaths(loader if isinstance(loader, OmegaConfigLoader) else None)
    secrets.remember()
    found: dict[str, Any] = {}
    for name in sorted(filter(is_parameter, pipeline.inputs() & set(catalog.keys()))):
        value = catalog[name].load()
        keys = () if name == ALL_PARAMETERS else tuple(name.removeprefix(PARAMETER_PREFIX).split("."))
        shown = secrets.redact("parameters", value, keys)
        found |= {".".join(keys): shown} if keys else shown
    return {name: scrub(text) for name, text in flatten_parameters(found).items()}


def _numbers_to_log(tracked: _TrackedRun, node: Node, outputs: dict[str, Any]) -> dict[str, float]:
    from kedro_matrix_ext.hooks.mlflow.flattening import flatten_numbers, matches

    if inspect.isgeneratorfunction(node.func):
        return {}
    every_output = matches(node.name, tracked.metric_nodes)
    numbers: dict[str, float] = {}
    for name, data in outputs.items():
        if every_output or matches(name, tracked.metric_datasets):
            numbers.update(flatten_numbers(name, data))
    return numbers

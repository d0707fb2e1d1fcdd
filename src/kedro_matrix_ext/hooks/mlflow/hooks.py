"""One MLflow run for one run of a pipeline, or for one workflow of many tasks."""

from __future__ import annotations

import atexit
import inspect
import logging
import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework import project
from kedro.framework.hooks import hook_impl

from kedro_matrix_ext._variables import PIPELINE_VARIABLE
from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks.hook_config import name_environment, read_hook_config
from kedro_matrix_ext.hooks.mlflow.tracking_uri import (
    name_store,
    read_variables,
    restore_variables,
    shorten_requests,
    tolerated,
)
from kedro_matrix_ext.hooks.overhead import hook_overhead
from kedro_matrix_ext.hooks.worker_state import attach_state, read_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node
    from mlflow.entities import Run

    from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

__all__ = ["MLFlowHooks", "MLflowHooks"]

logger = logging.getLogger(__name__)

_SECOND_WAIT = 1.0  # seconds, for a store that was lost before


@dataclass(frozen=True)
class _TrackedRun:
    """What a process must know to log to the run; pickled for the workers of a ``ParallelRunner``."""

    mlflow_run_id: str
    tracking_uri: str
    experiment_id: str
    metric_datasets: tuple[str, ...]
    metric_nodes: tuple[str, ...]
    required: bool
    timeout: float


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
                self._open[run_id],
                run_params,
                _parameters(pipeline, catalog, self._loader),
            )
        except HookError as error:
            if self._config.required:
                self._finish(run_id, "FAILED")
                raise
            logger.warning("The run goes on without MLflow, or with part of its log: %s", tolerated(error))

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

            name_store(tracked.tracking_uri, tracked.experiment_id, tracked.timeout)
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
        from kedro_matrix_ext.hooks.mlflow.flattening import matches, select_numbers

        every = matches(node.name, tracked.metric_nodes)
        numbers = select_numbers(outputs, tracked.metric_datasets, every=every)
        if numbers and not inspect.isgeneratorfunction(node.func):
            with hook_overhead():
                from kedro_matrix_ext.hooks.mlflow.logging import log_numbers

                self._attempt(
                    tracked, lambda: log_numbers(tracked.tracking_uri, tracked.mlflow_run_id, numbers)
                )

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
        variables = read_variables()
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
            timeout=config.timeout,
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
        name_store(tracked.tracking_uri, tracked.experiment_id, tracked.timeout)
        self._activate(tracked)

    def _describe(
        self,
        config: TrackingConfig,
        opened: _OpenRun,
        run_params: dict[str, Any],
        parameters: dict[str, str],
    ) -> None:
        from kedro_matrix_ext.hooks.mlflow.client import limited
        from kedro_matrix_ext.hooks.mlflow.flattening import select
        from kedro_matrix_ext.hooks.mlflow.logging import describe_run, log_parameters, log_tags

        project_path = Path(run_params["project_path"])
        tracked, submitted = opened.tracked, os.environ.get(PIPELINE_VARIABLE)
        told = {**run_params, "env": run_params.get("env") or self._env}
        if submitted and not opened.is_owned:
            told["pipeline_names"] = [submitted]  # the run is of the workflow, not of this task
        tags = describe_run(project_path, told, _name_project(project_path))
        chosen = select(parameters, config.log.parameters)
        with limited(tracked.tracking_uri, tracked.timeout):
            log_tags(tracked.tracking_uri, self._seen[tracked.mlflow_run_id], {**tags, **config.tags})
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
            self._attempt(tracked, lambda: self._look_up(tracked.mlflow_run_id))
        if tracked.mlflow_run_id in self._seen:
            activate(self._seen[tracked.mlflow_run_id])

    def _look_up(self, mlflow_run_id: str) -> None:
        import mlflow

        from kedro_matrix_ext.hooks.mlflow.client import explained

        with explained(f"the MLflow run {mlflow_run_id!r} cannot be read"):
            self._seen[mlflow_run_id] = mlflow.get_run(mlflow_run_id)

    def _finish(self, run_id: str, status: str) -> None:
        opened = self._open.pop(run_id, None)
        if opened is None:
            return
        from kedro_matrix_ext.hooks.mlflow.active_run import deactivate

        deactivate(opened.tracked.mlflow_run_id)
        self._seen.pop(opened.tracked.mlflow_run_id, None)
        try:
            if opened.is_owned:
                from kedro_matrix_ext.hooks.mlflow.logging import end_run

                tracked = opened.tracked
                self._attempt(
                    tracked,
                    lambda: end_run(tracked.tracking_uri, tracked.mlflow_run_id, status),
                    tolerant=status != "FINISHED",
                )
        finally:
            restore_variables(opened.variables)

    def _attempt(self, tracked: _TrackedRun, log: Callable[[], None], *, tolerant: bool = False) -> None:
        """Log, and turn an error into one warning if the run has to go on or failed before (``tolerant``).

        A store that was lost before is waited for only shortly.
        """
        from kedro_matrix_ext.hooks.mlflow.client import limited

        is_lost = tracked.mlflow_run_id in self._given_up
        wait = min(tracked.timeout, _SECOND_WAIT) if is_lost else tracked.timeout
        required = tracked.required and not tolerant
        try:
            with limited(tracked.tracking_uri, wait):
                log()
        except HookError as error:
            self._given_up.add(tracked.mlflow_run_id)
            shorten_requests(min(tracked.timeout, _SECOND_WAIT))
            if required:
                raise
            if not is_lost:
                logger.warning("Nothing more is logged to MLflow: %s", tolerated(error))

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

"""One MLflow run for a whole workflow: made before its tasks, which join it, and closed after them."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from kedro import __version__ as kedro_version

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks.hook_config import name_environment, read_hook_config

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.context import KedroContext
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

__all__ = ["WORKFLOW_STATUSES", "end_workflow_run", "start_workflow_run"]

logger = logging.getLogger(__name__)

WORKFLOW_STATUSES = {"Succeeded": "FINISHED", "Failed": "FAILED", "Error": "KILLED"}
"""Per status of a workflow that of its MLflow run. Argo says ``Error`` where a pod was lost, not a node's
failure."""


def start_workflow_run(context: KedroContext, *, run_id: str, pipeline: str | None) -> str | None:
    """Make the MLflow run of a workflow; the same one again where an earlier attempt made it already.

    Raises:
        HookError: If the store does not answer or refuses.
    """
    from kedro_matrix_ext.hooks.mlflow.logging import describe_run, log_tags
    from kedro_matrix_ext.hooks.mlflow.tracking_uri import choose_store, hide_credentials, tolerated

    config = _read_config(context)
    store, project = choose_store(config, context.project_path), context.project_path
    try:
        run = _open(config, store, context, run_id)
        told = {"kedro_version": kedro_version, "env": name_environment(context), "run_id": run_id}
        tags = describe_run(
            project, {**told, "pipeline_names": [pipeline] if pipeline else None}, _name(project)
        )
        log_tags(store, run, {**tags, **config.tags})
    except HookError as error:
        if config.required:
            raise
        logger.warning("The workflow goes on without MLflow: %s", tolerated(error))
        return None
    logger.info("MLflow run %s (%s) at %s", run.info.run_name, run.info.run_id, hide_credentials(store))
    return str(run.info.run_id)


def end_workflow_run(context: KedroContext, *, run_id: str, status: str, named: bool = True) -> str | None:
    """Close the MLflow run of a workflow: that of MLFLOW_RUN_ID, or, if it is not ``named``, of the run's id.

    Raises:
        HookError: If the store does not answer or refuses, and ``tracking.yml`` does not allow that.
    """
    from kedro_matrix_ext.hooks.mlflow.client import asking, connect
    from kedro_matrix_ext.hooks.mlflow.logging import end_run
    from kedro_matrix_ext.hooks.mlflow.tracking_uri import (
        choose_experiment,
        choose_store,
        hide_credentials,
        tolerated,
    )

    config = _read_config(context)
    store = choose_store(config, context.project_path)
    run_name = os.environ.get("MLFLOW_RUN_ID", "").strip() if named else ""
    try:
        client = connect(config, store)
        if run_name in {"", "None"} or run_name.startswith(
            "{{"
        ):  # Argo leaves a tag that has no value as it is
            experiment = choose_experiment(config, _name(context.project_path))
            with asking(config, f"the MLflow store at {hide_credentials(store)!r} cannot be searched"):
                found = client.get_experiment_by_name(experiment)
                run = _find(client, found.experiment_id, run_id) if found else None
            run_name = run.info.run_id if run else ""
        if run_name:
            end_run(store, run_name, WORKFLOW_STATUSES[status])
    except HookError as error:
        if config.required:
            raise
        logger.warning("The workflow's MLflow run is not closed: %s", tolerated(error))
        return None
    return run_name or None


def _open(config: TrackingConfig, store: str, context: KedroContext, run_id: str) -> Run:
    from kedro_matrix_ext.hooks.mlflow.client import asking, connect, find_experiment
    from kedro_matrix_ext.hooks.mlflow.logging import RUN_ID_TAG
    from kedro_matrix_ext.hooks.mlflow.tracking_uri import choose_experiment, hide_credentials

    client, project = connect(config, store), context.project_path
    with asking(config, f"the MLflow store at {hide_credentials(store)!r} gives no run"):
        experiment = find_experiment(
            client, choose_experiment(config, _name(project)), config, store, project
        )
        found = _find(client, experiment, run_id)
        if found is None:
            tags = {RUN_ID_TAG: run_id}
            return client.create_run(experiment, run_name=config.run_name or run_id, tags=tags)
        client.update_run(found.info.run_id, status="RUNNING")
        return found


def _find(client: MlflowClient, experiment_id: str, run_id: str) -> Run | None:
    from kedro_matrix_ext.hooks.mlflow.logging import RUN_ID_TAG

    tagged = f"tags.{RUN_ID_TAG} = '{run_id}'"
    return next(iter(client.search_runs([experiment_id], tagged, max_results=1)), None)


def _read_config(context: KedroContext) -> TrackingConfig:
    from kedro_matrix_ext.hooks.mlflow.config import parse_tracking_config

    return parse_tracking_config(read_hook_config(context.config_loader, "tracking"))


def _name(project_path: Path) -> str:
    from kedro.framework import project

    return project.PACKAGE_NAME or project_path.name

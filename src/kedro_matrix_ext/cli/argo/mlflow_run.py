"""``kedro argo mlflow-run``: what the first and last pod run, so that a workflow is one MLflow run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.output import print_line

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.framework.startup import ProjectMetadata

__all__ = ["STATUSES", "load_context", "mlflow_run"]

STATUSES = click.Choice(["Succeeded", "Failed", "Error"])


@click.group(name="mlflow-run")
def mlflow_run() -> None:
    """Make and close the MLflow run of a workflow."""


@mlflow_run.command()
@click.option(
    "--output", "-o", required=True, type=click.Path(path_type=Path), help="The file for the run's id."
)
@click.option("--env", "-e", help="The configuration environment.")
@click.option("--pipeline", "-p", help="The pipeline's name, to be logged.")
def start(*, output: Path, env: str | None, pipeline: str | None) -> None:
    """Make the MLflow run, or find the one that an earlier attempt made, and write its id to a file."""
    from kedro_matrix_ext._atomic_file import write_file
    from kedro_matrix_ext.argo.task.exit_status import exiting_by_error
    from kedro_matrix_ext.hooks.mlflow.workflow_run import start_workflow_run
    from kedro_matrix_ext.resolvers.run_ids import require_version_format, run_id

    with exiting_by_error():
        run = start_workflow_run(
            load_context(env), run_id=require_version_format(run_id()), pipeline=pipeline
        )
        write_file(output, run or "")


@mlflow_run.command()
@click.option("--status", type=STATUSES, help="How the workflow ended, as Argo says it; in a pod.")
@click.option("--workflow-name", "-w", help="A workflow of the cluster that has ended; outside of a pod.")
@click.option("--context", help="With --workflow-name: the context of the kubeconfig.")
@click.option("--env", "-e", help="The configuration environment.")
@click.pass_obj
def end(
    metadata: ProjectMetadata,
    *,
    status: str | None,
    workflow_name: str | None,
    context: str | None,
    env: str | None,
) -> None:
    """Close the MLflow run that MLFLOW_RUN_ID names, or else the one made for the workflow.

    With --workflow-name, close that of a workflow whose exit handler did not run, as after 'argo terminate'.
    """
    from kedro_matrix_ext.argo.task.exit_status import exiting_by_error
    from kedro_matrix_ext.hooks.mlflow.workflow_run import end_workflow_run
    from kedro_matrix_ext.resolvers.run_ids import require_version_format, run_id

    if workflow_name is not None and status is None:
        _tell(_close_from_outside(metadata, workflow_name, env=env, context=context))
        return
    if status is None or workflow_name is not None:
        raise click.UsageError("give either --status, in a pod, or --workflow-name")
    with exiting_by_error():
        run = end_workflow_run(load_context(env), run_id=require_version_format(run_id()), status=status)
    _tell(run)


def _close_from_outside(
    metadata: ProjectMetadata, name: str, *, env: str | None, context: str | None
) -> str | None:
    from kedro_matrix_ext.argo.cluster.client import connect
    from kedro_matrix_ext.cli.argo.project import load_config
    from kedro_matrix_ext.cli.argo.terminated import close_mlflow_run

    config = load_config(metadata, env or os.environ.get("KEDRO_ENV", "cloud"))
    return close_mlflow_run(connect(config.namespace, context=context).get("Workflow", name), config)


def _tell(run: str | None) -> None:
    print_line(f"MLflow run {run} is closed." if run else "There is no MLflow run to close.")


def load_context(env: str | None) -> KedroContext:
    """Load the project's context in an environment, by its own session class."""
    from kedro.framework.project import settings

    context: KedroContext = settings.SESSION_CLASS.create(env=env).load_context()
    return context

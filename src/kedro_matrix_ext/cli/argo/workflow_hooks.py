"""``kedro argo workflow-hooks``: call hooks once when a workflow starts, and once when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.argo.mlflow_run import STATUSES, load_context
from kedro_matrix_ext.cli.output import print_line

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["workflow_hooks"]

_PIPELINE = click.option("--pipeline", "-p", default="__default__", show_default=True, help="The pipeline.")
_ENV = click.option("--env", "-e", help="The configuration environment.")


@click.group(name="workflow-hooks")
def workflow_hooks() -> None:
    """Call the hooks that are marked workflow_level, once per workflow."""


@workflow_hooks.command()
@_PIPELINE
@_ENV
def start(*, pipeline: str, env: str | None) -> None:
    """Call their before_pipeline_run."""
    from kedro_matrix_ext.argo.task.exit_status import exiting_by_error
    from kedro_matrix_ext.resolvers.run_ids import require_version_format, run_id
    from kedro_matrix_ext.settings.workflow_events import tell_start

    with exiting_by_error():
        _report(tell_start(load_context(env), run_id=require_version_format(run_id()), pipeline=pipeline))


@workflow_hooks.command()
@click.option("--status", required=True, type=STATUSES, help="How the workflow ended, as Argo says it.")
@click.option("--mlflow-run", "mlflow", is_flag=True, help="Close the workflow's MLflow run first.")
@_PIPELINE
@_ENV
def end(*, status: str, mlflow: bool, pipeline: str, env: str | None) -> None:
    """Call their after_pipeline_run, or on_pipeline_error where the workflow did not succeed."""
    from kedro_matrix_ext.argo.task.exit_status import exiting_by_error
    from kedro_matrix_ext.hooks.mlflow.workflow_run import end_workflow_run
    from kedro_matrix_ext.resolvers.run_ids import require_version_format, run_id
    from kedro_matrix_ext.settings.workflow_events import tell_end

    with exiting_by_error():
        context, run = load_context(env), require_version_format(run_id())
        try:
            if mlflow:
                end_workflow_run(context, run_id=run, status=status)
        finally:  # neither keeps the other from being called
            _report(tell_end(context, run_id=run, pipeline=pipeline, status=status))


def _report(hooks: Sequence[str]) -> None:
    print_line(f"Called {', '.join(hooks)}." if hooks else "No hook is marked workflow_level.")

"""Close the MLflow run of a workflow that was terminated: Argo runs no exit handler then."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.cli.argo.prompts import say

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.configuration import ArgoConfig

__all__ = ["close_mlflow_run", "close_terminated"]

_STORE = "MLFLOW_TRACKING_URI"


def close_terminated(workflow: dict[str, Any], config: ArgoConfig) -> None:
    """Close the MLflow run of a workflow if it was terminated; say so, or why it stays open."""
    from kedro_matrix_ext.errors import KedroMatrixError

    if not config.mlflow or (workflow.get("spec") or {}).get("shutdown") != "Terminate":
        return
    try:
        run = close_mlflow_run(workflow, config)
    except KedroMatrixError as error:
        name = workflow["metadata"]["name"]
        say(f"The workflow was terminated, and its MLflow run is still open: {error}")
        say(f"'kedro argo mlflow-run end --workflow-name {name}' closes it.")
    else:
        say(f"The workflow was terminated; MLflow run {run} is closed." if run else "There is no MLflow run.")


def close_mlflow_run(workflow: dict[str, Any], config: ArgoConfig) -> str | None:
    """Close the MLflow run of a workflow that has ended, and return its id; none if there is none.

    Raises:
        KedroMatrixError: If the workflow goes on, or the store does not answer or refuses.
    """
    from kedro_matrix_ext.argo.cluster.status import FINISHED
    from kedro_matrix_ext.argo.cluster.submission_record import read_run_id
    from kedro_matrix_ext.cli.argo.mlflow_run import load_context
    from kedro_matrix_ext.cli.argo.resubmit import restore_selection
    from kedro_matrix_ext.errors import ClusterError
    from kedro_matrix_ext.hooks.mlflow.workflow_run import end_workflow_run

    phase = (workflow.get("status") or {}).get("phase")
    if phase not in FINISHED:
        raise ClusterError(
            f"workflow {workflow['metadata']['name']!r} has not ended: it is {phase or 'not started'}",
            hint="Wait for it, or end it by 'argo stop', which runs the exit handler.",
            reason="running",
        )
    for variable in config.template.environment:
        if variable.name == _STORE and variable.value:
            os.environ.setdefault(_STORE, variable.value)
    context = load_context(restore_selection(workflow).env)
    return end_workflow_run(context, run_id=read_run_id(workflow), status=phase, named=False)

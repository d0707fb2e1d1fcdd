"""``kedro argo``: from a pipeline to a checked, rehearsed and submitted Argo workflow."""

from __future__ import annotations

import click

from kedro_matrix_ext.cli.command_group import LazyCommandGroup

__all__ = ["commands"]

_HERE = __name__

# Command name -> import path, line of help; in the order of a user's work.
_COMMANDS: dict[str, tuple[str, str]] = {
    "init": (f"{_HERE}.init.init", "Write argo.yml, Dockerfile, its ignore file and the RBAC file."),
    "plan": (f"{_HERE}.plan.plan", "Show which nodes would run together, on what, after which."),
    "check": (f"{_HERE}.check.check", "Find what would fail on the cluster, before it costs anything."),
    "rehearse": (f"{_HERE}.rehearse.rehearse", "Run the manifest on this machine, a process per task."),
    "submit": (f"{_HERE}.submit.submit", "Plan a pipeline and submit it; --dry-run writes the manifest."),
    "resubmit": (f"{_HERE}.resubmit.resubmit", "Go on with a workflow that failed."),
    "resources": (f"{_HERE}.resources.resources", "Propose sizes for tasks by what they needed."),
    "build": (f"{_HERE}.build.build", "Build and push the image of tasks, and print its digest."),
    "task": (f"{_HERE}.task.task", "Run some nodes; what a pod of the workflow runs."),
    "mlflow-run": (f"{_HERE}.mlflow_run.mlflow_run", "Make and close the MLflow run of a workflow."),
    "workflow-hooks": (f"{_HERE}.workflow_hooks.workflow_hooks", "Call hooks of a whole workflow, once."),
}


@click.group()
def commands() -> None:
    """Argo Workflows."""


argo = LazyCommandGroup(
    name="argo",
    lazy=_COMMANDS,
    help="Plan, check, rehearse and submit pipelines as Argo workflows.",
)
commands.add_command(argo)

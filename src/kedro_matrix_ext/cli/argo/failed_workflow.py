"""Which workflow to go on with, and how far it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.argo.prompts import say

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.cluster.client import Cluster

__all__ = ["describe", "find_failed"]

_SHOWN = 20


def find_failed(cluster: Cluster, name: str | None, *, ask: bool) -> dict[str, Any]:
    """Find the workflow to go on with.

    Raises:
        KedroMatrixError: If there is none, it has not failed, or there is a choice and nobody to make it.
    """
    from kedro_matrix_ext.argo.cluster.create import OURS
    from kedro_matrix_ext.argo.constants import PREFIX
    from kedro_matrix_ext.errors import ClusterError

    if name is not None:
        return _require_failed(cluster.get("Workflow", name))
    selector = f"{OURS},workflows.argoproj.io/phase in (Failed,Error)"
    failed = sorted(
        cluster.select("Workflow", selector),
        key=lambda each: str(each["metadata"]["creationTimestamp"]),
        reverse=True,
    )
    if not failed:
        raise ClusterError(
            f"no workflow of {PREFIX} in namespace {cluster.namespace!r} has failed",
            hint="Name one with '--workflow-name'.",
        )
    return failed[0] if len(failed) == 1 else _choose(failed[:_SHOWN], ask=ask)


def _require_failed(workflow: dict[str, Any]) -> dict[str, Any]:
    from kedro_matrix_ext.errors import ClusterError

    name, phase = workflow["metadata"]["name"], (workflow.get("status") or {}).get("phase") or "Pending"
    if phase not in ("Failed", "Error"):
        raise ClusterError(
            f"workflow {name!r} has not failed, it is {phase}",
            hint="There is nothing to go on with." if phase == "Succeeded" else "Wait until it has ended.",
        )
    return workflow


def _choose(failed: list[dict[str, Any]], *, ask: bool) -> dict[str, Any]:
    from kedro_matrix_ext.errors import ClusterError

    names = [str(workflow["metadata"]["name"]) for workflow in failed]
    several = ClusterError(
        f"several workflows have failed: {', '.join(names)}", hint="Name one with '--workflow-name'."
    )
    if not ask:
        raise several
    for number, workflow in enumerate(failed, 1):
        created, status = workflow["metadata"]["creationTimestamp"], workflow.get("status") or {}
        say(f"{number:>3}  {names[number - 1]}  {created}  {status.get('message') or status.get('phase')}")
    try:
        number = click.prompt("Which one?", type=click.IntRange(1, len(names)), default=1, err=True)
    except click.Abort as error:
        raise several from error
    return failed[int(number) - 1]


def describe(cluster: Cluster, workflow: dict[str, Any]) -> None:
    """Say how far a workflow came, which of its tasks failed, and what they printed last."""
    from kedro_matrix_ext.argo.cluster.failures import show_last_lines
    from kedro_matrix_ext.argo.cluster.status import read_progress

    progress = read_progress(workflow)
    say(f"Workflow {workflow['metadata']['name']!r} ended as {progress.phase}: {progress}")
    for failure in progress.failures[:_SHOWN]:
        say(f"  {failure}")
    if len(progress.failures) > _SHOWN:
        say(f"  and {len(progress.failures) - _SHOWN} more")
    if not progress.failures and progress.message:
        say(f"  {progress.message}")
    for line in show_last_lines(cluster, str(workflow["metadata"]["name"]), progress.failures):
        say(f"  {line}")

"""The part of a plan that a failed workflow has not done, to be submitted as its own workflow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.cluster.status import read_progress
from kedro_matrix_ext.argo.cluster.submission_record import (
    CONTINUES,
    PLAN_DIGEST,
    digest_task,
    read_annotation,
    read_task_digests,
)
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.cluster.client import Cluster
    from kedro_matrix_ext.argo.constants import Manifest
    from kedro_matrix_ext.argo.plan.model import Plan, Task

__all__ = ["refuse_second_writer", "select_unfinished"]

_SHOWN = 5


def refuse_second_writer(cluster: Cluster, workflow: Manifest) -> None:
    """Make sure that no other workflow writes, or has written, the rest of this one under its run id.

    Raises:
        ArgoError: If another workflow continues it.
    """
    name = workflow["metadata"]["name"]
    found = cluster.select("Workflow", f"{CONTINUES}={name}")
    if not found:
        return
    latest = max(found, key=lambda each: str(each["metadata"].get("creationTimestamp") or ""))
    other, phase = latest["metadata"]["name"], read_progress(latest).phase or "Pending"
    hints = {
        "Succeeded": "There is nothing left to do. To run all of it again, submit it.",
        "Failed": f"Go on with that one: 'kedro argo resubmit -w {other}'.",
        "Error": f"Go on with that one: 'kedro argo resubmit -w {other}'.",
    }
    raise ArgoError(
        f"workflow {other!r}, which is {phase}, continues {name!r} already, with the same run id",
        hint=hints.get(phase, "Wait until it ends; two workflows would write the same versions."),
    )


def select_unfinished(plan: Plan, workflow: Manifest) -> Plan:
    """Select the tasks of a plan that a workflow has not done.

    Raises:
        ArgoError: If what is done cannot be built on: a task that is done has changed, or needs one that is
            not; or if nothing is left to do, or the status cannot be read.
    """
    progress = read_progress(workflow)
    if not progress.known:
        raise ArgoError(
            "what the workflow has done is not stored in the cluster but offloaded to Argo's database",
            hint="Retry it in place: leave out '--from-failed'.",
        )
    left = frozenset(progress.tasks) - progress.succeeded
    digests = read_task_digests(workflow)
    if digests is None:
        _refuse_any_change(plan, workflow)
        digests = {task.name: digest_task(task) for task in plan.tasks}
    done = {name for name in digests if name not in left}
    _refuse_changed(plan, done, digests)
    tasks = tuple(_without(task, done) for task in plan.tasks if task.name not in done)
    if not tasks:
        raise ArgoError("every task of the workflow is done, so nothing is left to submit")
    return replace(plan, tasks=tasks)


def _refuse_any_change(plan: Plan, workflow: Manifest) -> None:
    if read_annotation(workflow, PLAN_DIGEST) != plan.digest:
        raise _refuse(
            "tasks, nodes or datasets of the plan have changed, and the workflow does not say which it had"
        )


def _refuse_changed(plan: Plan, done: set[str], digests: dict[str, str]) -> None:
    """Refuse to build on tasks that would not give what they gave."""
    finished = [task for task in plan.tasks if task.name in done]
    changed = [task.name for task in finished if digest_task(task) != digests[task.name]]
    if changed:
        raise _refuse(f"tasks that are done run, read or write something else today: {_list(changed)}")
    stale = [task.name for task in finished if not done.issuperset(task.depends_on)]
    if stale:
        raise _refuse(f"finished tasks depend on tasks that must rerun: {_list(stale)}")


def _refuse(reason: str) -> ArgoError:
    return ArgoError(
        f"the rest cannot be submitted alone: {reason}",
        hint="Submit the whole with 'kedro argo submit', or go back to the commit it was made from.",
    )


def _without(task: Task, done: set[str]) -> Task:
    return replace(task, depends_on=tuple(name for name in task.depends_on if name not in done))


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more

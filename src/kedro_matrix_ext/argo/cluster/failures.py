"""Why tasks failed: what the pods of their last attempts printed at the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kedro_matrix_ext.argo.cluster.client import Cluster
    from kedro_matrix_ext.argo.cluster.status import TaskFailure

__all__ = ["NODE_NAME", "WORKFLOW_LABEL", "show_last_lines"]

WORKFLOW_LABEL = "workflows.argoproj.io/workflow"
NODE_NAME = "workflows.argoproj.io/node-name"
_CONTAINER = "main"
_LINES = 10
_SHOWN = 3  # tasks
_NOT_TEXT = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def show_last_lines(cluster: Cluster, workflow: str, failures: Sequence[TaskFailure]) -> Iterator[str]:
    """Yield the last lines that the first failed tasks printed, no secrets, or why there are none."""
    shown = [failure for failure in failures if failure.node][:_SHOWN]
    if not shown:
        return
    try:
        pods = cluster.list_pods(f"{WORKFLOW_LABEL}={workflow}", phase="Failed")
    except ClusterError as error:
        yield f"what the tasks printed cannot be read: {error.message}"
        return
    names = {
        (pod["metadata"].get("annotations") or {}).get(NODE_NAME): str(pod["metadata"]["name"])
        for pod in pods
    }
    for failure in shown:
        yield from _show_one(cluster, failure, names.get(failure.node))


def _show_one(cluster: Cluster, failure: TaskFailure, pod: str | None) -> Iterator[str]:
    if pod is None:
        yield f"what {failure.name} printed cannot be read: its pod is deleted"
        return
    try:
        text = cluster.read_log(pod, container=_CONTAINER, lines=_LINES)
    except ClusterError as error:
        yield f"what {failure.name} printed cannot be read: {error.message}"
        return
    lines = [line for line in _NOT_TEXT.sub("", text.replace("\r", "\n")).splitlines() if line.strip()]
    if lines:
        yield f"the last lines of {failure.name}:"
        yield from (f"  {scrub(line)}" for line in lines[-_LINES:])

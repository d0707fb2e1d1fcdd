"""Waiting for a workflow: how far it is, why its pods do not start, and how it ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.cluster.failures import NODE_NAME, WORKFLOW_LABEL, show_last_lines
from kedro_matrix_ext.argo.cluster.status import Progress, read_progress
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext.argo.cluster.client import Cluster

__all__ = ["WaitTimeouts", "describe_failures", "wait_for_workflow"]

# What a container waits for that will not come by itself.
_STUCK = frozenset(
    {
        *("ErrImagePull", "ImagePullBackOff", "InvalidImageName"),
        *("CreateContainerConfigError", "CreateContainerError"),
    }
)
_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class WaitTimeouts:
    """How long to wait for what, in seconds.

    Attributes:
        poll: Between two looks.
        unscheduled: For pods that cannot start, for a controller that does not take the workflow up, and for
            a cluster that does not answer.
    """

    poll: float = 5.0
    unscheduled: float = 600.0


@dataclass
class _Waiting:
    """What was seen so far."""

    cluster: Cluster
    name: str
    tell: Callable[[str], None]
    timeouts: WaitTimeouts
    told: str = ""
    reasons: dict[str, str] = field(default_factory=dict)
    since: float | None = None

    def say(self, line: str) -> None:
        if line != self.told:
            self.told = line
            self.tell(line)

    def check_stalled(self, what: str, hint: str) -> None:
        """Note that nothing goes on, and give up where that has been so for too long."""
        now = time.monotonic()
        self.since = now if self.since is None else self.since
        if now - self.since >= self.timeouts.unscheduled:
            raise ClusterError(
                f"workflow {self.name!r} makes no progress for {self.timeouts.unscheduled:g} s: {what}",
                hint=f"{hint} It is still there: 'kubectl delete workflow -n {self.cluster.namespace} "
                f"{self.name}' removes it.",
                reason="unscheduled",
            )


def wait_for_workflow(
    cluster: Cluster, name: str, *, tell: Callable[[str], None], timeouts: WaitTimeouts | None = None
) -> Progress:
    """Wait until a workflow has succeeded.

    Raises:
        ClusterError: If it fails, is deleted, or makes no progress for too long.
    """
    waiting = _Waiting(cluster, name, tell, timeouts or WaitTimeouts())
    while True:
        progress = _look(waiting)
        if progress is not None and progress.finished:
            return _conclude(waiting, progress)
        time.sleep(waiting.timeouts.poll)


def _look(waiting: _Waiting) -> Progress | None:
    """Look once: progress, or nothing while the cluster does not answer."""
    try:
        progress = read_progress(waiting.cluster.get("Workflow", waiting.name))
        if progress.finished:
            return progress
        reasons = _list_reasons(waiting) if progress.phase else {}
    except ClusterError as error:
        if error.reason != "unreachable":
            raise
        waiting.say(error.message)
        waiting.check_stalled(error.message, "The workflow goes on without us.")
        return None
    waiting.say(str(progress) if progress.phase else "waiting for Argo's controller to take it up")
    for pod, reason in reasons.items():
        if waiting.reasons.get(pod) != reason:
            waiting.tell(f"  {pod} cannot start: {reason}")
    waiting.reasons = reasons
    _check_standstill(waiting, progress)
    return progress


def _check_standstill(waiting: _Waiting, progress: Progress) -> None:
    if not progress.phase:
        waiting.check_stalled(
            "Argo's controller does not take it up", "Is it running, and does it watch this namespace?"
        )
    elif waiting.reasons and not progress.running:
        pod, reason = next(iter(waiting.reasons.items()))
        waiting.check_stalled(f"{pod} cannot start: {reason}", "Request less, or fix the reported problem.")
    else:
        waiting.since = None


def _list_reasons(waiting: _Waiting) -> dict[str, str]:
    """Return why pods do not start, by task; empty if we are not allowed to list pods."""
    try:
        pods = waiting.cluster.list_pods(f"{WORKFLOW_LABEL}={waiting.name}", phase="Pending")
    except ClusterError as error:
        if error.reason != "forbidden":
            raise
        return {}
    return {_task_of(pod): reason for pod in pods for reason in _find_reasons(pod)}


def _task_of(pod: dict[str, Any]) -> str:
    """Name the task of a pod: the last part of its node's path; without it, the pod."""
    path = (pod["metadata"].get("annotations") or {}).get(NODE_NAME, "")
    return str(path.rpartition(".")[2] or pod["metadata"]["name"])


def _find_reasons(pod: dict[str, Any]) -> Iterator[str]:
    status = pod.get("status") or {}
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "Unschedulable":
            yield f"no machine takes it: {condition.get('message', '')}"
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") in _STUCK:
            yield f"{waiting['reason']}: {waiting.get('message', '')}"


def _conclude(waiting: _Waiting, progress: Progress) -> Progress:
    waiting.say(str(progress))
    if progress.phase == "Succeeded":
        return progress
    for line in show_last_lines(waiting.cluster, waiting.name, progress.failures):
        waiting.tell(f"  {line}")
    raise ClusterError(
        f"workflow {waiting.name!r} ended as {progress.phase}: {describe_failures(progress)}",
        hint=f"'kedro argo resubmit --workflow-name {waiting.name}' goes on from there; "
        f"'argo logs -n {waiting.cluster.namespace} {waiting.name}' shows what tasks printed.",
        reason="failed",
    )


def describe_failures(progress: Progress) -> str:
    """Say which tasks of a workflow failed, and why."""
    if not progress.failures:
        return progress.message or "Argo does not say why"
    shown = "; ".join(str(failure) for failure in progress.failures[:_SHOWN])
    more = len(progress.failures) - _SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown

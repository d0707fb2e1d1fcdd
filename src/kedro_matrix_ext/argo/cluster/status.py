"""How far a workflow has come, read from what the cluster has stored of it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.constants import NODES
from kedro_matrix_ext.argo.validation.faults import workflow_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.constants import Manifest

__all__ = ["FINISHED", "Progress", "TaskFailure", "list_task_names", "read_progress", "stored_spec"]

FINISHED = frozenset({"Succeeded", "Failed", "Error"})
_UNSUCCESSFUL = frozenset({"Failed", "Error"})
_DONE = frozenset({"Succeeded", "Skipped"})
# What passes a task its Kedro nodes: the built-in template's parameter, and that of a project's own.
_NODE_PARAMETERS = frozenset({NODES, "kedro_nodes"})
_ATTEMPT = re.compile(r"\((\d+)\)")  # what an attempt's name has after that of its task, from 0 on


@dataclass(frozen=True, kw_only=True)
class TaskFailure:
    """A task that failed.

    Attributes:
        name: The task.
        message: Why its last attempt failed, as Argo says it.
        node: The full name of Argo's node for the last attempt, which the attempt's pod has in an annotation.
        attempt: The number of the last attempt, from 1 on; none where the task is not retried.
        exit_code: The exit status of the last attempt, where it has one.
        verdict: Why Argo does not try again, as Argo says it.
    """

    name: str
    message: str = ""
    node: str = ""
    attempt: int | None = None
    exit_code: str | None = None
    verdict: str = ""

    def __str__(self) -> str:
        told = self.exit_code is None or f"exit code {self.exit_code}" in self.message
        code = "" if told else f"exit code {self.exit_code}"
        name = f"{self.name}, attempt {self.attempt}" if self.attempt else self.name
        reasons = "; ".join(filter(None, (self.message, code, self.verdict)))
        return f"{name}: {reasons}" if reasons else name


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a workflow has come.

    Attributes:
        phase: ``Pending``, ``Running``, ``Succeeded``, ``Failed``, ``Error``; empty before Argo's controller
            has looked at it.
        message: The message of Argo.
        tasks: All its tasks.
        succeeded: Those that are done.
        running: Those that run.
        failures: Those that failed.
        known: Whether the tasks' status can be read; Argo may keep it in its own database.
        pods: Pods done of those there are so far, as Argo counts them.
    """

    phase: str
    message: str
    tasks: tuple[str, ...]
    succeeded: frozenset[str]
    running: frozenset[str]
    failures: tuple[TaskFailure, ...]
    known: bool
    pods: str = ""

    @property
    def finished(self) -> bool:
        """Whether it goes no further by itself."""
        return self.phase in FINISHED

    def __str__(self) -> str:
        if not self.known:
            return f"{self.pods} pods done, of {len(self.tasks)} tasks"
        failed = f", {len(self.failures)} failed" if self.failures else ""
        held = f"; {self.message}" if self.phase == "Pending" and self.message else ""
        done = f"{len(self.succeeded)} of {len(self.tasks)} tasks done"
        return f"{done}, {len(self.running)} running{failed}{held}"


def read_progress(workflow: Manifest) -> Progress:
    """Read how far a workflow has come.

    Examples:
        >>> tasks = [{"name": "load", "template": "kedro", "arguments": {"parameters": [{"name": "nodes"}]}}]
        >>> stored = {"spec": {"templates": [{"name": "pipeline", "dag": {"tasks": tasks}}]}}
        >>> nodes = {"1": {"displayName": "load", "type": "Pod", "phase": "Succeeded"}}
        >>> print(read_progress({**stored, "status": {"phase": "Running", "nodes": nodes}}))
        1 of 1 tasks done, 0 running
    """
    status = workflow.get("status") or {}
    names = list_task_names(workflow)
    nodes = _read_nodes(status)
    of_tasks = list(_pick_tasks(nodes or {}, frozenset(names)))
    return Progress(
        phase=status.get("phase") or "",
        message=status.get("message") or "",
        tasks=names,
        succeeded=_with_phase(of_tasks, _DONE),
        running=_with_phase(of_tasks, {"Running"}),
        failures=tuple(
            _read_failure(node, nodes or {}) for node in of_tasks if node.get("phase") in _UNSUCCESSFUL
        ),
        known=nodes is not None,
        pods=status.get("progress") or "",
    )


def list_task_names(workflow: Manifest) -> tuple[str, ...]:
    """List the tasks of a workflow that run Kedro's nodes, those of nested DAGs included."""
    return tuple(
        task["name"]
        for template in stored_spec(workflow).get("templates") or []
        for task in (template.get("dag") or {}).get("tasks") or []
        if _NODE_PARAMETERS & {each["name"] for each in (task.get("arguments") or {}).get("parameters") or []}
    )


def stored_spec(workflow: Manifest) -> dict[str, Any]:
    """Give what a workflow runs: its own specification, or that of the template it was made from."""
    stored = (workflow.get("status") or {}).get("storedWorkflowTemplateSpec")
    spec: dict[str, Any] = stored or workflow_spec(workflow)
    return spec


def _read_nodes(status: dict[str, Any]) -> dict[str, dict[str, Any]] | None:
    """Give the status of all nodes, which Argo compresses where it is long; none where it is elsewhere."""
    if status.get("compressedNodes"):
        nodes: dict[str, dict[str, Any]] = json.loads(
            gzip.decompress(base64.b64decode(status["compressedNodes"]))
        )
        return nodes
    if status.get("offloadNodeStatusVersion"):
        return None
    return dict(status.get("nodes") or {})


def _pick_tasks(nodes: dict[str, dict[str, Any]], names: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Give the nodes that stand for whole tasks: attempts of a retried one are named ``task(0)``."""
    return (node for node in nodes.values() if node.get("displayName") in names)


def _read_failure(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> TaskFailure:
    """Read why a task failed: a retried task's own message is only why there is no further attempt."""
    name = node["displayName"]
    attempts = {
        int(found[1]): child
        for key in node.get("children") or []
        for child in [nodes.get(key) or {}]
        if (found := _ATTEMPT.fullmatch(child.get("displayName", "").removeprefix(name)))
    }
    number = max(attempts, default=None)
    last = node if number is None else attempts[number]
    return TaskFailure(
        name=name,
        message=last.get("message") or "",
        node=last.get("name") or "",
        attempt=None if number is None else number + 1,
        exit_code=(last.get("outputs") or {}).get("exitCode"),
        verdict="" if last is node else node.get("message") or "",
    )


def _with_phase(nodes: list[dict[str, Any]], phases: frozenset[str] | set[str]) -> frozenset[str]:
    return frozenset(node["displayName"] for node in nodes if node.get("phase") in phases)

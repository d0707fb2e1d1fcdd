"""How far a workflow has come, read from what the cluster has stored of it."""

from __future__ import annotations

import base64
import gzip
import json
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


@dataclass(frozen=True)
class TaskFailure:
    """A task that failed.

    Attributes:
        name: The task.
        message: The message of Argo.
    """

    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


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
            TaskFailure(node["displayName"], node.get("message") or "")
            for node in of_tasks
            if node.get("phase") in _UNSUCCESSFUL
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


def _with_phase(nodes: list[dict[str, Any]], phases: frozenset[str] | set[str]) -> frozenset[str]:
    return frozenset(node["displayName"] for node in nodes if node.get("phase") in phases)

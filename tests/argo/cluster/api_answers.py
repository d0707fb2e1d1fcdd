"""Answers of the Kubernetes API, and statuses as Argo's controller writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Body", "fail_attempts", "forbidden", "make_status", "refusal"]

Body = dict[str, Any]


def refusal(code: int, reason: str, message: str, **details: Any) -> tuple[int, Body]:
    """Write a refusal as the Kubernetes API does."""
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return code, {**status, "message": message, "reason": reason, "details": details, "code": code}


def forbidden(verb: str, resource: str) -> tuple[int, Body]:
    """Refuse a verb as RBAC does."""
    group = "" if resource.startswith("pods") else "argoproj.io"
    message = (
        f'{resource} is forbidden: User "ann" cannot {verb} resource "{resource}" in API group "{group}" '
        'in the namespace "jobs"'
    )
    return refusal(403, "Forbidden", message, group=group, kind=resource)


def make_status(
    phase: str,
    *,
    succeeded: tuple[str, ...] = (),
    running: tuple[str, ...] = (),
    failed: Mapping[str, str] | None = None,
    **more: Any,
) -> Body:
    """Write the status of a workflow as Argo's controller does."""
    phases = {
        **dict.fromkeys(succeeded, ("Succeeded", "")),
        **dict.fromkeys(running, ("Running", "")),
        **{name: ("Failed", message) for name, message in (failed or {}).items()},
    }
    nodes = {
        f"wf-{number}": {"displayName": name, "type": "Pod", "phase": state, "message": message}
        for number, (name, (state, message)) in enumerate(phases.items())
    }
    return {"phase": phase, "nodes": nodes, "progress": f"{len(succeeded)}/{len(phases)}", **more}


def fail_attempts(workflow: str, task: str, *, codes: tuple[int, ...], verdict: str) -> Body:
    """Write the nodes of a retried task whose attempts all failed, as Argo's controller does."""
    path = f"{workflow}.{task}"
    attempts = {
        f"{workflow}-{number}": {
            "displayName": f"{task}({number})",
            "name": f"{path}({number})",
            "type": "Pod",
            "phase": "Failed",
            "message": f"main: Error (exit code {code})",
            "outputs": {"exitCode": str(code)},
            "nodeFlag": {"retried": True},
        }
        for number, code in enumerate(codes)
    }
    retry = {
        "displayName": task,
        "name": path,
        "type": "Retry",
        "phase": "Failed",
        "message": verdict,
        "children": sorted(attempts, reverse=True),
    }
    return {f"{workflow}-retry": retry, **attempts}

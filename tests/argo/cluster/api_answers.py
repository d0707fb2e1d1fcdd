"""Answers of the Kubernetes API, and statuses as Argo's controller writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Body", "forbidden", "make_status", "refusal"]

Body = dict[str, Any]


def refusal(code: int, reason: str, message: str, **details: Any) -> tuple[int, Body]:
    """Write a refusal as the Kubernetes API does."""
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return code, {**status, "message": message, "reason": reason, "details": details, "code": code}


def forbidden(verb: str, resource: str) -> tuple[int, Body]:
    """Refuse a verb as RBAC does."""
    group = "" if resource == "pods" else "argoproj.io"
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

"""One thing that is wrong with a manifest, and the parts of a manifest that rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Fault", "Parameters", "Template", "names_of", "workflow_spec"]

Template = dict[str, Any]
Parameters = list[dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a manifest.

    Attributes:
        place: Where: the template, and the task in it.
        message: What is wrong.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def workflow_spec(manifest: dict[str, Any]) -> dict[str, Any]:
    """Give the part of a manifest that describes a workflow, of whatever kind it is."""
    spec: dict[str, Any] = manifest.get("spec") or {}
    return spec.get("workflowSpec") or {} if manifest.get("kind") == "CronWorkflow" else spec


def names_of(holder: dict[str, Any], key: str) -> Parameters:
    """List the parameters under ``inputs``, ``outputs`` or ``arguments``."""
    return list((holder.get(key) or {}).get("parameters") or [])

"""A fault of a manifest, and the parts of a manifest that rules read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Fault", "Parameters", "Template", "names_of", "workflow_spec"]

Template = dict[str, Any]
Parameters = list[dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """A fault of a manifest.

    Attributes:
        place: The template, and the task in it.
        message: What is wrong.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def workflow_spec(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a manifest of any kind that describes the workflow."""
    spec: dict[str, Any] = manifest.get("spec") or {}
    return spec.get("workflowSpec") or {} if manifest.get("kind") == "CronWorkflow" else spec


def names_of(holder: dict[str, Any], key: str) -> Parameters:
    """Return the parameters under ``inputs``, ``outputs`` or ``arguments``."""
    return list((holder.get(key) or {}).get("parameters") or [])

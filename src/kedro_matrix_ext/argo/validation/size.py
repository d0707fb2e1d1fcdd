"""The size of a workflow: its specification, and the status that Argo stores with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.validation.faults import Fault, workflow_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ManifestSize", "find_excess", "measure_manifest"]

# Argo's controller refuses to store more without offloading node status to a database.
LIMIT = 1024 * 1024
# Bytes of compressed status per node, measured.
_STATUS_PER_TASK = 70
_STATUS_PER_RETRIED_TASK = 105


@dataclass(frozen=True)
class ManifestSize:
    """The size of a workflow.

    Attributes:
        specification: Bytes of its specification as JSON.
        status: Bytes its status grows to, about.
        tasks: How many tasks it has.
        limit: How many bytes Argo stores.
    """

    specification: int
    status: int
    tasks: int
    limit: int = LIMIT

    @property
    def fits(self) -> bool:
        """Whether Argo can store it."""
        return self.specification + self.status <= self.limit

    @property
    def fitting_tasks(self) -> int:
        """How many tasks of this kind would fit, about."""
        return self.tasks * self.limit // max(1, self.specification + self.status)


def measure_manifest(manifest: dict[str, Any]) -> ManifestSize:
    """Estimate how much Argo must store for a workflow."""
    templates = workflow_spec(manifest).get("templates") or []
    tasks = sum(len(template["dag"].get("tasks") or []) for template in templates if "dag" in template)
    retried = any("retryStrategy" in template for template in templates)
    status = tasks * (_STATUS_PER_RETRIED_TASK if retried else _STATUS_PER_TASK)
    text = json.dumps(manifest.get("spec"), separators=(",", ":"), ensure_ascii=False)
    return ManifestSize(len(text.encode("utf-8", "surrogatepass")), status, tasks)


def find_excess(manifest: dict[str, Any]) -> Iterator[Fault]:
    """Check that Argo can store the workflow."""
    size = measure_manifest(manifest)
    if not size.fits:
        yield Fault(
            "spec",
            f"{size.specification:,} bytes and about {size.status:,} of status are more than the "
            f"{size.limit:,} Argo stores; about {size.fitting_tasks:,} of its {size.tasks:,} tasks would fit",
        )

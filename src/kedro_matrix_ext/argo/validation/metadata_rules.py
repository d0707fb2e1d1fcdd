"""Rules for names, labels and annotations that the schema leaves to the API server or Argo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.validation.faults import Fault, workflow_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_metadata"]

_LONGEST_NAME = {"Workflow": 63, "WorkflowTemplate": 63, "CronWorkflow": 52}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_KEY_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_KEY_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_MOST_ANNOTATIONS = 256 * 1024


def check_metadata(manifest: dict[str, Any]) -> Iterator[Fault]:
    """Check the manifest's kind and name, and all labels and annotations."""
    kind = manifest.get("kind", "")
    if kind not in _LONGEST_NAME:
        yield Fault("kind", f"{kind!r} is none of {', '.join(_LONGEST_NAME)}")
        return
    metadata = manifest.get("metadata") or {}
    name = metadata.get("name") or ""
    if len(name) > _LONGEST_NAME[kind] or not _NAME.fullmatch(name):
        yield Fault("metadata.name", f"{name!r} is not a name for a {kind}")
    spec = workflow_spec(manifest)
    for place, holder in (
        ("metadata", metadata),
        ("spec.workflowMetadata", (manifest.get("spec") or {}).get("workflowMetadata") or {}),
        ("spec.podMetadata", spec.get("podMetadata") or {}),
        *(
            (f"template {template['name']!r}", template.get("metadata") or {})
            for template in spec["templates"]
        ),
    ):
        labels = holder.get("labels") or {}
        if place.startswith(("spec.podMetadata", "template")):  # Argo fills in tags when it makes the pod
            labels = {key: value if "{{" not in value else "" for key, value in labels.items()}
        yield from _check_labels(place, labels)
        yield from _check_annotations(place, holder.get("annotations") or {})
    if kind == "CronWorkflow":
        yield from _check_schedules((manifest.get("spec") or {}).get("schedules") or [])


def _check_labels(place: str, labels: dict[str, str]) -> Iterator[Fault]:
    for key, value in labels.items():
        yield from _check_key(place, "label", key)
        if not _LABEL_VALUE.fullmatch(value):
            yield Fault(
                place,
                f"label {key!r} has the value {value!r}: at most 63 letters, digits, '-', '_' and '.', "
                "a letter or digit at both ends",
            )


def _check_annotations(place: str, annotations: dict[str, str]) -> Iterator[Fault]:
    for key in annotations:
        yield from _check_key(place, "annotation", key)
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > _MOST_ANNOTATIONS:
        yield Fault(place, f"annotations of {size} bytes; Kubernetes accepts {_MOST_ANNOTATIONS}")


def _check_key(place: str, what: str, key: str) -> Iterator[Fault]:
    prefix, slash, name = key.rpartition("/")
    if not _KEY_NAME.fullmatch(name) or (slash and not _KEY_PREFIX.fullmatch(prefix)):
        yield Fault(place, f"{what} {key!r} is not a name that Kubernetes accepts")


def _check_schedules(schedules: list[str]) -> Iterator[Fault]:
    if not schedules:
        yield Fault("spec.schedules", "a CronWorkflow needs a schedule")
    for schedule in schedules:
        if not schedule.startswith("@") and len(schedule.split()) != 5:  # noqa: PLR2004  a cron line's fields
            yield Fault("spec.schedules", f"{schedule!r} is not a cron schedule")

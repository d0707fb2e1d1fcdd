"""All rules, applied to a whole manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.validation.dag_rules import check_dag, check_nesting
from kedro_matrix_ext.argo.validation.faults import Fault, workflow_spec
from kedro_matrix_ext.argo.validation.metadata_rules import check_metadata
from kedro_matrix_ext.argo.validation.size import find_excess
from kedro_matrix_ext.argo.validation.tag_rules import check_tags
from kedro_matrix_ext.argo.validation.template_rules import check_spec, check_template
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_faults", "require_valid"]

_SHOWN = 20


def find_faults(manifest: dict[str, Any], *, check_size: bool = True) -> list[Fault]:
    """Check what the schema of Argo's resources cannot express."""
    return [*_find(manifest), *(find_excess(manifest) if check_size else ())]


def _find(manifest: dict[str, Any]) -> Iterator[Fault]:
    spec = workflow_spec(manifest)
    templates = {template["name"]: template for template in spec.get("templates") or []}
    yield from check_metadata(manifest)
    yield from check_spec(spec)
    for template in spec.get("templates") or []:
        yield from check_template(template)
        if "dag" in template:
            yield from check_dag(template, templates)
    yield from check_nesting(templates)
    yield from check_tags(spec, templates, _workflow_metadata(manifest))


def _workflow_metadata(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the labels and annotations that the workflow itself has."""
    holder = manifest if manifest.get("kind") == "Workflow" else manifest.get("spec") or {}
    own: dict[str, Any] = holder.get("metadata" if holder is manifest else "workflowMetadata") or {}
    return own


def require_valid(manifest: dict[str, Any], *, check_size: bool = True) -> None:
    """Refuse a manifest that ``find_faults`` finds faults in.

    Raises:
        ArgoError: If there are any; it lists them.
    """
    faults = find_faults(manifest, check_size=check_size)
    if faults:
        more = f"\n  and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        listed = "\n".join(f"  {fault}" for fault in faults[:_SHOWN])
        raise ArgoError(f"Argo would refuse this manifest:\n{listed}{more}")

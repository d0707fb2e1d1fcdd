"""Labels and annotations: whose workflow it is and what it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.constants import PREFIX
from kedro_matrix_ext.argo.manifest.naming import as_label
from kedro_matrix_ext.argo.template_tags.escaping import refuse_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = ["list_annotations", "list_labels"]


def list_labels(plan: Plan, config: ArgoConfig, more: Mapping[str, str]) -> dict[str, str]:
    """List the labels of a workflow and its pods."""
    own = {
        "app.kubernetes.io/managed-by": PREFIX,
        f"{PREFIX}/pipeline": as_label(plan.pipeline),
        f"{PREFIX}/env": as_label(plan.env),
    }
    return {
        name: refuse_tags(value, place=f"argo: labels.{name}")
        for name, value in {**own, **config.labels, **more}.items()
    }


def list_annotations(plan: Plan, config: ArgoConfig, note: str | None) -> dict[str, str]:
    """List the annotations of a workflow, which hold what labels cannot."""
    own = {
        f"{PREFIX}/pipeline": plan.pipeline,
        f"{PREFIX}/env": plan.env,
        f"{PREFIX}/group-by": plan.group_by,
        f"{PREFIX}/plan-digest": plan.digest,
        f"{PREFIX}/tasks": str(len(plan.tasks)),
        **({f"{PREFIX}/groups": note} if note else {}),
    }
    return {
        name: refuse_tags(value, place=f"argo: annotations.{name}")
        for name, value in {**own, **config.annotations}.items()
    }

"""The manifest that would be submitted: whether it can be made, is valid, and fits into Argo's store."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.manifest.build import render_manifest
from kedro_matrix_ext.argo.manifest.options import CodeAddress, ManifestOptions
from kedro_matrix_ext.argo.validation import find_faults, measure_manifest
from kedro_matrix_ext.errors import ArgoError
from kedro_matrix_ext.findings import Location, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.argo.validation import ManifestSize
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_manifest_faults"]

# From many tasks to few; the first that fits loses the least parallelism.
_GROUPINGS = ("chain", "branch", "namespace:3", "namespace:2", "memory", "pipeline", "namespace", "single")


def find_manifest_faults(context: CheckContext) -> Iterator[Finding]:
    """Report why Argo would refuse the manifest, and whether it can store it."""
    try:
        manifest = _build(context, context.plan)
    except ArgoError as error:
        yield finding("manifest-invalid", error.message, fix=error.hint, location=_locate(error, context))
        return
    for fault in find_faults(manifest):
        if fault.place != "spec":
            yield finding("manifest-invalid", str(fault), location=Location(env=context.plan.env))
    size = measure_manifest(manifest)
    if not size.fits:
        yield finding(
            "manifest-too-large",
            f"{size.tasks:,} tasks need about {size.specification + size.status:,} bytes, and Argo stores "
            f"{size.limit:,}; about {size.fitting_tasks:,} tasks would fit",
            fix=f"{_suggest_grouping(context, size)} Or set up offloading of node status in Argo.",
            location=Location(env=context.plan.env),
        )


def _locate(error: ArgoError, context: CheckContext) -> Location:
    """Return the location in ``argo.yml`` that an error names."""
    config_type, _, path = (error.config_path or "").partition(": ")
    if config_type != "argo":
        return Location(config_path=error.config_path, env=context.plan.env)
    keys = [int(key) if key.isdigit() else key for key in re.split(r"[.\[\]]+", path) if key]
    return replace(context.argo_place(*keys), config_path=error.config_path)


def _build(context: CheckContext, plan: Plan) -> dict[str, Any]:
    code = context.config.deployment.code
    address = CodeAddress(f"{code}/{'0' * 64}.tar", "0" * 64) if code else None
    options = ManifestOptions(params=context.params, suffix="000000", code=address)
    return render_manifest(plan, context.config, options)


def _suggest_grouping(context: CheckContext, size: ManifestSize) -> str:
    """Suggest the first grouping, from many tasks to few, that fits."""
    replan = context.replan or (lambda _grouping: None)
    for name in _GROUPINGS:
        plan = replan(name)
        if plan is not None and len(plan.tasks) <= size.fitting_tasks:
            return f"'--group-by {name}' makes {len(plan.tasks):,} tasks."
    return "Group nodes, as with '--group-by namespace', or fuse them."

"""The plan of a selection after the preflight, and the manifest made from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.cli.argo.prompts import say
from kedro_matrix_ext.cli.output import colour_findings, logs_on_stderr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.manifest.options import ManifestOptions
    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.cli.argo.project import LoadedProject
    from kedro_matrix_ext.cli.argo.selection import Selection
    from kedro_matrix_ext.findings import Finding

__all__ = ["CheckedSelection", "check_selection", "make_manifest", "plan_checked"]


@dataclass(frozen=True, kw_only=True)
class CheckedSelection:
    """A selection that went through the preflight.

    Attributes:
        project: The loaded project.
        plan: The plan.
        ignored: Findings that were not reported.
        ok: Whether none of the reported findings is an error.
    """

    project: LoadedProject
    plan: Plan
    ignored: tuple[Finding, ...]
    ok: bool


def check_selection(
    metadata: ProjectMetadata,
    selection: Selection,
    *,
    params: Mapping[str, Any],
    ignored: frozenset[str] = frozenset(),
    imports: bool = True,
) -> CheckedSelection:
    """Load a project, plan the selection, and report errors and warnings of the preflight on standard error.

    Raises:
        KedroMatrixError: If the project cannot be loaded or planned.
    """
    from kedro_matrix_ext.cli.argo.project import check_project, load_project
    from kedro_matrix_ext.findings import Severity, has_errors, render_findings

    with logs_on_stderr():
        project = load_project(metadata, selection)
        checked = check_project(project, params=params, imports=imports)
    skipped = tuple(found for found in checked.findings if found.code in ignored)
    reported = [
        found for found in checked.findings if found.severity is not Severity.NOTE and found not in skipped
    ]
    if reported:
        say(colour_findings(render_findings(reported)))
    return CheckedSelection(project=project, plan=checked.plan, ignored=skipped, ok=not has_errors(reported))


def plan_checked(
    metadata: ProjectMetadata,
    selection: Selection,
    *,
    params: Mapping[str, Any],
    dry_run: bool,
    imports: bool = True,
) -> tuple[Plan, LoadedProject]:
    """Plan a selection and run the preflight.

    Raises:
        KedroMatrixError: If the project cannot be planned, or would fail on the cluster.
    """
    from kedro_matrix_ext.cli.argo.project import plan_project
    from kedro_matrix_ext.errors import ArgoError

    checked = check_selection(metadata, selection, params=params, imports=imports)
    if checked.ok:
        return checked.plan, checked.project
    if not dry_run:
        raise ArgoError(
            f"nothing is submitted of pipeline {selection.pipeline!r}: it would fail on the cluster",
            hint="Fix the errors that 'kedro argo check' reports.",
        )
    return plan_project(checked.project), checked.project


def make_manifest(plan: Plan, project: LoadedProject, options: ManifestOptions) -> dict[str, Any]:
    """Turn a plan into a manifest that Argo accepts, its name ending with a random suffix if none is given.

    Raises:
        KedroMatrixError: If the plan and ``argo.yml`` do not make such a manifest, or it would contain a
            placeholder of a value that only a pod has.
    """
    from kedro_matrix_ext.argo.manifest.build import render_manifest
    from kedro_matrix_ext.argo.validation import require_valid
    from kedro_matrix_ext.resolvers.run_ids import random_suffix

    manifest = render_manifest(
        plan, project.config, replace(options, suffix=options.suffix or random_suffix())
    )
    project.pod.refuse(manifest, "the manifest")
    require_valid(manifest, check_size=False)
    return manifest

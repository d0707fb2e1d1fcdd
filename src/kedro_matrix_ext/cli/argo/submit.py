"""``kedro argo submit``: from the project to a manifest, and on to the cluster."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.argo.selection import Selection, selection_options

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.manifest.assembly import Kind
    from kedro_matrix_ext.argo.plan import Plan

__all__ = ["submit"]


@click.command()
@selection_options
@click.option("--dry-run", "-d", is_flag=True, help="Write the manifest and submit nothing.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the manifest to this file.")
@click.option(
    "--kind",
    type=click.Choice(["Workflow", "WorkflowTemplate", "CronWorkflow"]),
    default="Workflow",
    show_default=True,
)
@click.option("--schedule", help="When a CronWorkflow runs, as '0 6 * * 1-5'; implies --kind CronWorkflow.")
@click.option("--workflow-name", "-w", help="How the workflow's name begins.")
@click.option("--params", default="", help="Parameters for all tasks, as 'kedro run --params' takes them.")
@click.pass_obj
def submit(  # noqa: PLR0913  one per option
    metadata: ProjectMetadata,
    *,
    selection: Selection,
    dry_run: bool,
    output: Path | None,
    kind: Kind,
    schedule: str | None,
    workflow_name: str | None,
    params: str,
) -> None:
    """Plan the pipeline and submit it as an Argo workflow."""
    from kedro_matrix_ext.cli.argo.run_params import parse_params

    run_params = parse_params(params)
    plan, config = plan_checked(metadata, selection, params=run_params, dry_run=dry_run)
    if not dry_run:
        raise click.UsageError("submitting to a cluster is not there yet: give --dry-run")
    manifest = make_manifest(
        plan,
        config,
        kind="CronWorkflow" if schedule else kind,
        schedule=schedule,
        workflow_name=workflow_name,
        params=run_params,
        load_versions=selection.versions,
    )
    write_manifest(manifest, output)


def plan_checked(
    metadata: ProjectMetadata, selection: Selection, *, params: dict[str, Any], dry_run: bool
) -> tuple[Plan, ArgoConfig]:
    """Plan what is selected, after the preflight, whose errors and warnings go to standard error.

    Args:
        metadata: Kedro's description of the project.
        selection: What of it to run, where and how grouped.
        params: Parameters for all tasks.
        dry_run: Whether nothing is submitted; then errors of the preflight do not stop a manifest that can
            be made all the same.

    Returns:
        The plan, and ``argo.yml`` of the environment.

    Raises:
        KedroMatrixError: If anything stands in the way.
    """
    from kedro_matrix_ext.cli.argo.project import check_project, load_project, plan_project
    from kedro_matrix_ext.errors import ArgoError
    from kedro_matrix_ext.findings import Severity, render_findings

    with redirect_stdout(sys.stderr):  # Kedro logs there what would stand before the manifest
        project = load_project(metadata, selection)
        checked = check_project(project, params=params)
        told = [found for found in checked.findings if found.severity is not Severity.NOTE]
        if told:
            click.echo(render_findings(told), err=True)
        if checked.ok:
            return checked.plan, project.config
        if not dry_run:
            raise ArgoError(
                f"nothing is submitted of pipeline {selection.pipeline!r}: it would fail on the cluster",
                hint="Mend what 'kedro argo check' reports as an error.",
            )
        return plan_project(project), project.config


def make_manifest(plan: Plan, config: ArgoConfig, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    """Turn a plan into a manifest that Argo takes.

    Args:
        plan: What to run.
        config: ``argo.yml``.
        **options: As for ``build_manifest``.

    Returns:
        The manifest.

    Raises:
        KedroMatrixError: If anything stands in the way.
    """
    from kedro_matrix_ext.argo.manifest import build_manifest
    from kedro_matrix_ext.argo.validation import require_valid
    from kedro_matrix_ext.resolvers.identity import random_suffix

    manifest = build_manifest(plan, config=config, suffix=random_suffix(), **options)
    require_valid(manifest, check_size=False)
    return manifest


def write_manifest(manifest: dict[str, Any], output: Path | None) -> None:
    """Write a manifest as YAML.

    Args:
        manifest: The manifest.
        output: The file, or none for standard output.
    """
    from kedro_matrix_ext.argo.manifest import dump_manifest

    text = dump_manifest(manifest)
    if output is None:
        click.echo(text, nl=False)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    metadata = manifest["metadata"]
    click.echo(f"wrote {manifest['kind']} {metadata['name']} to {output}", err=True)

"""``kedro argo submit``: from the project to a manifest, and on to the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.argo.selection import Selection, selection_options

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.manifest.assembly import Kind

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

    manifest = make_manifest(
        metadata,
        selection,
        kind="CronWorkflow" if schedule else kind,
        schedule=schedule,
        workflow_name=workflow_name,
        params=parse_params(params),
    )
    if not dry_run:
        raise click.UsageError("submitting to a cluster is not there yet: give --dry-run")
    write_manifest(manifest, output)


def make_manifest(metadata: ProjectMetadata, selection: Selection, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    """Plan what is selected and turn it into a manifest that Argo takes.

    Args:
        metadata: Kedro's description of the project.
        selection: What of it to run, where and how grouped.
        **options: As for :func:`~kedro_matrix_ext.argo.manifest.build_manifest`.

    Returns:
        The manifest.

    Raises:
        KedroMatrixError: If anything stands in the way.
    """
    from kedro_matrix_ext.argo.manifest import build_manifest
    from kedro_matrix_ext.argo.validation import measure_manifest, require_valid
    from kedro_matrix_ext.cli.argo.selection import plan_selection
    from kedro_matrix_ext.resolvers.identity import random_suffix

    plan, config = plan_selection(metadata, selection)
    manifest = build_manifest(
        plan,
        config=config,
        suffix=random_suffix(),
        load_versions=selection.versions,
        **options,
    )
    require_valid(manifest, check_size=False)
    size = measure_manifest(manifest)
    if not size.fits:
        click.echo(
            f"warning: {size.tasks:,} tasks need about {size.specification + size.status:,} bytes; "
            f"Argo stores {size.limit:,} unless it offloads node status. "
            f"About {size.fitting_tasks:,} would fit.",
            err=True,
        )
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

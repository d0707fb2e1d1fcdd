"""``kedro argo check``: find what would fail on the cluster, before it costs anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.argo.selection import Selection, selection_options, without_imports_option
from kedro_matrix_ext.cli.output import (
    colour_findings,
    format_option,
    logs_on_stderr,
    output_option,
    render_json,
    write_output,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata

__all__ = ["check"]


@click.command()
@selection_options
@format_option("text", "json")
@output_option("the findings")
@without_imports_option
@click.pass_obj
def check(
    metadata: ProjectMetadata,
    *,
    selection: Selection,
    output_format: str,
    output: Path | None,
    without_imports: bool,
) -> None:
    """Report what would fail on the cluster; the exit status is 1 if there is an error."""
    from kedro_matrix_ext.cli.argo.project import check_project, load_project
    from kedro_matrix_ext.findings import findings_as_dict, render_findings

    with logs_on_stderr():
        project = load_project(metadata, selection)
        checked = check_project(project, imports=not without_imports, code_store=True)
    if output_format == "json":
        text = render_json(findings_as_dict(checked.findings))
    else:
        text = colour_findings(render_findings(checked.findings))
    write_output(text, output)
    if not checked.ok:
        raise click.exceptions.Exit(1)

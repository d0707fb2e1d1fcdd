"""``kedro argo check``: what would fail on the cluster, before it costs anything."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.argo.selection import Selection, selection_options, write_text

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

__all__ = ["check"]


@click.command()
@selection_options
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the findings to this file.")
@click.pass_obj
def check(
    metadata: ProjectMetadata, *, selection: Selection, output_format: str, output: Path | None
) -> None:
    """Report what would fail on the cluster; the exit status is 1 where there is an error."""
    from kedro_matrix_ext.cli.argo.project import check_project, load_project
    from kedro_matrix_ext.findings import findings_as_dict, render_findings

    with redirect_stdout(sys.stderr):  # Kedro logs there what would stand before the findings
        checked = check_project(load_project(metadata, selection))
    if output_format == "json":
        text = json.dumps(findings_as_dict(checked.findings), ensure_ascii=False, indent=2)
    else:
        text = render_findings(checked.findings)
    write_text(text, output)
    if not checked.ok:
        raise click.exceptions.Exit(1)

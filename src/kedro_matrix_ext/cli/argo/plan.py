"""``kedro argo plan``: which nodes would run together, on what, after which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.argo.selection import Selection, plan_selection, selection_options, write_text

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

__all__ = ["plan"]


@click.command()
@selection_options
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json", "mermaid", "html"]),
    default="table",
    show_default=True,
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write the plan to this file.")
@click.pass_obj
def plan(metadata: ProjectMetadata, *, selection: Selection, output_format: str, output: Path | None) -> None:
    """Show the tasks a pipeline is cut into; nothing is written or run."""
    from kedro_matrix_ext.argo.rendering import FORMATS

    planned, _ = plan_selection(metadata, selection)
    write_text(FORMATS[output_format](planned), output)

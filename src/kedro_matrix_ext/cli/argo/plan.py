"""``kedro argo plan``: show which nodes share a task, on which machine, and after which tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.argo.selection import Selection, selection_options
from kedro_matrix_ext.cli.output import format_option, logs_on_stderr, output_option, write_output

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata

__all__ = ["plan"]


@click.command()
@selection_options
@format_option("text", "json", "mermaid", "html")
@output_option("the plan")
@click.pass_obj
def plan(metadata: ProjectMetadata, *, selection: Selection, output_format: str, output: Path | None) -> None:
    """Show the tasks of a pipeline; nothing is written or run."""
    from kedro_matrix_ext.argo.report import FORMATS
    from kedro_matrix_ext.cli.argo.project import load_project, plan_project

    with logs_on_stderr():
        planned = plan_project(load_project(metadata, selection))
    write_output(FORMATS[output_format](planned), output)

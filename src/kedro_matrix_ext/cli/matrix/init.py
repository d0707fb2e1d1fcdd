"""``kedro matrix init``: lay environments into a project that exists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.cli.matrix.scaffold import Scaffold

__all__ = ["init"]


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before changing.")
@click.pass_obj
def init(metadata: ProjectMetadata, *, dry_run: bool, yes: bool) -> None:
    """Lay environments into this project: settings, globals, conf/cloud, conf/test and .env.defaults.

    Shows what would change and asks first. What is there already is left alone, so that it can be run again.
    """
    scaffold = _plan(metadata)
    for change in scaffold.changes:
        click.echo(change.diff())
    for note in scaffold.notes:
        click.echo(f"note: {note}")
    if not scaffold.changes:
        click.echo("Nothing to change.")
        return
    if dry_run or not (yes or click.confirm(f"Change {len(scaffold.changes)} files?")):
        click.echo("Nothing was changed.")
        return
    for change in scaffold.changes:
        change.write(Path(metadata.project_path))
    click.echo("Done. Try: kedro run, then kedro run -e test.")


def _plan(metadata: ProjectMetadata) -> Scaffold:
    from kedro.framework.project import settings

    from kedro_matrix_ext.cli.matrix.scaffold import plan_scaffold

    settings_file = Path(metadata.source_dir) / metadata.package_name / "settings.py"
    return plan_scaffold(
        Path(metadata.project_path),
        settings_file=settings_file,
        conf_source=settings.CONF_SOURCE,
        base_env=settings.CONFIG_LOADER_ARGS.get("base_env", "base"),
    )

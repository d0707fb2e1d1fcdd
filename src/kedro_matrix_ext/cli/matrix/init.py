"""``kedro matrix init``: lay environments into a project that exists."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.output import print_line

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.cli.matrix.scaffold import Scaffold

__all__ = ["init"]

_SHOWN_CHANGES = 20
_REMEDY = (
    "nested parameters are merged with base's, and overrides reach what refers to them. "
    "config_loader_args(merge_strategy={'parameters': 'destructive'}) replaces whole values as before."
)


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before changing.")
@click.option(
    "--fabricator",
    "tables",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Convert a file of tables to fabricate from another vocabulary instead.",
)
@click.pass_obj
def init(metadata: ProjectMetadata, *, dry_run: bool, yes: bool, tables: Path | None) -> None:
    """Add environments to this project: settings, globals, conf/cloud, conf/test and .env.defaults.

    Shows what would change and asks first. What is there already is left alone, so that it can be run again.
    """
    if tables is not None:
        from kedro_matrix_ext.cli.matrix.fabricator_conversion import convert_tables

        convert_tables(metadata, tables, dry_run=dry_run, yes=yes)
        return
    from kedro.framework.project import settings

    scaffold = _plan(metadata, settings)
    for change in scaffold.changes:
        print_line(change.diff())
    for note in (*scaffold.notes, *_warn_of_loading_changes(metadata, settings, scaffold)):
        print_line(f"note: {note}")
    if not scaffold.changes:
        print_line("Nothing to change.")
        return
    if dry_run or not (yes or click.confirm(f"Change {len(scaffold.changes)} files?")):
        print_line("Nothing was changed.")
        return
    for change in scaffold.changes:
        change.write(Path(metadata.project_path))
    print_line("Done. Try: kedro run, then kedro run -e test.")


def _plan(metadata: ProjectMetadata, settings: Any) -> Scaffold:
    from kedro_matrix_ext.cli.matrix.scaffold import plan_scaffold

    return plan_scaffold(
        Path(metadata.project_path),
        settings_file=Path(metadata.source_dir) / metadata.package_name / "settings.py",
        conf_source=settings.CONF_SOURCE,
        base_env=settings.CONFIG_LOADER_ARGS.get("base_env", "base"),
        settings_values=vars(import_module(f"{metadata.package_name}.settings")),
    )


def _warn_of_loading_changes(
    metadata: ProjectMetadata,
    settings: Any,
    scaffold: Scaffold,
) -> list[str]:
    """Load the configuration as it is with both loaders and say where they differ."""
    from kedro_matrix_ext.cli.matrix.loading_changes import LoaderChoice, list_loading_changes, loader_after

    before = LoaderChoice(settings.CONFIG_LOADER_CLASS, dict(settings.CONFIG_LOADER_ARGS))
    conf_source = Path(metadata.project_path) / settings.CONF_SOURCE
    changes = list_loading_changes(conf_source, before, loader_after(before, scaffold.added))
    shown = [f"would load differently in {change}" for change in changes[:_SHOWN_CHANGES]]
    if changes:
        shown.append(f"{len(changes)} values would load differently; {_REMEDY}")
    return shown

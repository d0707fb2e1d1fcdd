"""``kedro matrix init --fabricator``: convert a file of tables from another vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.matrix.scaffold import FileChange
from kedro_matrix_ext.cli.output import print_line
from kedro_matrix_ext.errors import FabricationError

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

__all__ = ["convert_tables"]

_MODULE = "fabrication_functions"


def convert_tables(metadata: ProjectMetadata, file: Path, *, dry_run: bool, yes: bool) -> None:
    """Show the converted file and the module of its functions, ask, and write them."""
    from kedro_matrix_ext.fabrication.conversion.convert import convert_fabricator

    root = Path(metadata.project_path)
    name = _relative_name(file, root)
    before = file.read_text(encoding="utf-8")
    module = f"{metadata.package_name}.{_MODULE}"
    converted = convert_fabricator(before, file=name, module=module)
    changes = [FileChange(name, before, converted.text)] if converted.text != before else []
    if converted.functions:
        source = Path(metadata.source_dir) / metadata.package_name / f"{_MODULE}.py"
        if source.exists():
            raise FabricationError(
                f"{source.name} exists, and functions for the lambdas of {name} would be written there",
                file=_relative_name(source, root),
                hint="Rename it, and convert again.",
            )
        changes.append(FileChange(_relative_name(source, root), None, converted.functions))
    for change in changes:
        print_line(change.diff())
    for note in converted.notes:
        print_line(f"note: {note}")
    print_line(f"{converted.tables} tables, {converted.columns} columns, {len(converted.notes)} notes.")
    if not changes:
        print_line("Nothing to change.")
    elif dry_run or not (yes or click.confirm(f"Change {len(changes)} files?")):
        print_line("Nothing was changed.")
    else:
        for change in changes:
            change.write(root)
        print_line("Done. Look at the tables with: kedro matrix fabricate --dry-run -e test")


def _relative_name(file: Path, root: Path) -> str:
    absolute = file.resolve()
    return str(absolute.relative_to(root.resolve()) if absolute.is_relative_to(root.resolve()) else absolute)

"""Report which modules run while pipelines are built although a pattern names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.deferred_imports.finder import find_finder
from kedro_matrix_ext.deferred_imports.runs import list_module_runs
from kedro_matrix_ext.findings import Location, finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kedro_matrix_ext.findings import Finding

__all__ = ["report_undeferred_modules"]


def report_undeferred_modules(project_path: Path) -> Iterator[Finding]:
    """Report the modules that have run so far; call it right after the pipelines are loaded.

    Args:
        project_path: The project's folder.

    Yields:
        A finding ``module-not-deferred`` for each module, and for each pattern that names no module.
    """
    finder = find_finder()
    if finder is None:
        return
    for run in list_module_runs():
        yield finding(
            "module-not-deferred",
            f"module {run.module!r} runs while the pipelines are built: {run.reason}",
            location=Location(file=run.file.removeprefix(f"{project_path}/"), line=run.line or None),
        )
    for pattern in finder.list_unmatched_patterns():
        yield finding(
            "module-not-deferred",
            f"defer_node_imports: the pattern {pattern!r} names no module that the pipelines import",
            fix="Correct the pattern, or remove the line from settings.py.",
        )

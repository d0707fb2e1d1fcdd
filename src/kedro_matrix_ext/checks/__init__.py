"""Checking a whole configuration before anything runs: every type in every environment, and what uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily

if TYPE_CHECKING:
    from kedro_matrix_ext.checks.project import Project as Project
    from kedro_matrix_ext.checks.project import load_project as load_project
    from kedro_matrix_ext.checks.run import check_environments as check_environments

__all__ = ["Project", "check_environments", "load_project"]

# Exported name -> the module that defines it.
_EXPORTS: dict[str, str] = {
    "Project": "project",
    "check_environments": "run",
    "load_project": "project",
}

__getattr__, __dir__ = export_lazily(__name__, _EXPORTS)

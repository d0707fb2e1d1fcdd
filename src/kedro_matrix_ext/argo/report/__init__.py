"""Reports of a plan: a table, a mermaid graph, an HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.report.html import render_page
from kedro_matrix_ext.argo.report.mermaid import render_mermaid
from kedro_matrix_ext.argo.report.table import render_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = ["FORMATS", "render_mermaid", "render_page", "render_table"]

FORMATS: dict[str, Callable[[Plan], str]] = {
    "text": render_table,
    "json": lambda plan: plan.to_json(),
    "mermaid": render_mermaid,
    "html": render_page,
}
"""The values of ``kedro argo plan --format``."""

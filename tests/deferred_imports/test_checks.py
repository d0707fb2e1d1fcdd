"""What `kedro matrix config check` reports for deferred imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project


def test_a_pattern_that_names_no_module_is_noted_once_there_are_nodes(project: KedroProject) -> None:
    """A project that was just made has nothing to defer, and its line in settings.py stays."""
    project.write(
        "src/shop/settings.py", "from kedro_matrix_ext import defer_node_imports\n\ndefer_node_imports()\n"
    )
    project.write("src/shop/pipeline_registry.py", "def register_pipelines():\n    return {}\n")
    project.write("conf/base/catalog.yml", "")
    assert "module-not-deferred" not in project.kedro("matrix", "config", "check").stdout
    project.write(
        "src/shop/pipeline_registry.py",
        """
        from kedro.pipeline import Node, Pipeline


        def register_pipelines():
            return {"__default__": Pipeline([Node(list, None, "rows")])}
        """,
    )
    said = project.kedro("matrix", "config", "check").stdout
    assert (
        "note[module-not-deferred]: defer_node_imports: the pattern 'shop.**.nodes' names no module" in said
    )

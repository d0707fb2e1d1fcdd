"""A task runs in the project's own session class, and loads only the pipelines it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kedro.framework import project as kedro_project

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

RUN = "2030-01-31T12.00.00.000Z"
REGISTRY = """
from kedro.framework.project import find_pipelines


def register_pipelines():
    return find_pipelines(raise_errors=True)
"""
PIPELINE = """
from kedro.pipeline import Node, Pipeline


def give(rate):
    return [rate]


def create_pipeline():
    nodes = [Node(give, "params:rate", "rates", name="give"), Node(len, "rates", "count", name="count")]
    return Pipeline(nodes)
"""
CATALOG = """
"{name}": {type: json.JSONDataset, filepath: "data/{name}", versioned: true}
"""
SETTINGS = """
from kedro.framework.session import KedroServiceSession


class ShopSession(KedroServiceSession):
    def run(self, *args, **kwargs):
        print("session", type(self).__name__)
        return super().run(*args, **kwargs)


SESSION_CLASS = ShopSession
"""


@pytest.mark.project
@pytest.mark.skipif(
    not hasattr(kedro_project.pipelines, "set_requested"), reason="Kedro before 1.5 loads all pipelines"
)
def test_a_session_for_services_and_a_broken_neighbour(project: KedroProject) -> None:
    """Parameters, run id and memory go to a session that takes them per run; other pipelines stay unread."""
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("src/shop/pipelines/__init__.py", "")
    project.write("src/shop/pipelines/good/__init__.py", PIPELINE)
    project.write("src/shop/pipelines/bad/__init__.py", "raise RuntimeError('imported')\n")
    project.write("conf/base/parameters.yml", "rate: 1\n")
    project.write("conf/base/catalog.yml", CATALOG)
    ran = project.kedro(
        *["argo", "task", "--pipelines", "good", "--nodes", "give,count", "--memory-datasets", "rates"],
        env={"KEDRO_MATRIX_RUN_ID": RUN, "KEDRO_MATRIX_PARAMS": '{"rate": [5]}'},
    )
    assert "session ShopSession" in ran.stdout
    assert [str(path.relative_to(project.path)) for path in project.path.glob("data/*/*/*")] == [
        f"data/count/{RUN}/count"
    ]
    assert project.read(f"data/count/{RUN}/count") == "1"

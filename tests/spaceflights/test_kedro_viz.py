"""Kedro-Viz on the example project: `nox -s viz`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project


@pytest.fixture
def drawn(copy_example: Callable[[str], KedroProject]) -> dict[str, Any]:
    """What the built site of Kedro-Viz draws, its models fused into one task each."""
    pytest.importorskip("kedro_viz", reason="Kedro-Viz is installed by nox -s viz alone")
    pytest.importorskip("pyspark", reason="Kedro-Viz makes every dataset, those of Spark too")
    example = copy_example("spaceflights")
    module = "src/spaceflights/pipelines/data_science/pipeline.py"
    text = example.read(module).replace(
        "from kedro.pipeline import Node, Pipeline",
        "from kedro.pipeline import Pipeline\nfrom kedro_matrix_ext.argo import FusedPipeline, Node",
    )
    head, _, rest = text.partition("    return Pipeline(\n        [")
    nodes, _, tail = rest.partition("        ]\n    )")
    fused = f'    return FusedPipeline(\n        [{nodes}        ],\n        name="model",\n    )'
    example.write(module, f"{head}{fused}{tail}")
    example.kedro("viz", "build", env={"KEDRO_HOOKS_DISABLE_MLFLOW": "1"})
    built: dict[str, Any] = json.loads(example.read("build/api/main"))
    return built


def test_namespaces_variants_and_fused_nodes_are_drawn(drawn: dict[str, Any]) -> None:
    """Every variant is a group with its tag and all its nodes; a transcoded table is one dataset."""
    variants = {
        "price_predictor": ["base", "candidate1", "candidate2", "candidate3"],
        "reviews_predictor": ["base", "test1"],
    }
    groups = {f"{namespace}.{name}" for namespace, names in variants.items() for name in names}
    assert set(drawn["modular_pipelines"]) == {"__root__", *variants, *groups}
    assert {tag["name"] for tag in drawn["tags"]} == {
        *variants,
        *(name for names in variants.values() for name in names),
    }
    full_names = {node["full_name"] for node in drawn["nodes"] if node["type"] == "task"}
    steps = ("split_data", "train_model", "evaluate_model")
    assert {f"{group}.{step}" for group in groups for step in steps} <= full_names
    data = [node["name"] for node in drawn["nodes"] if node["type"] == "data"]
    assert data.count("price_predictor.preprocessed_companies") == 1
    assert {pipeline["name"] for pipeline in drawn["pipelines"]} >= {"__default__", "test"}

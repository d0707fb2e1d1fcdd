"""`kedro matrix variants` shows the mapping as a tree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

OVERRIDE = "KEDRO_DYNAMIC_PIPELINES_MAPPING_REVIEWS_PREDICTOR"
SEED_OVERRIDE = "KEDRO_DYNAMIC_PIPELINES_MAPPING_REGRESSION_SEED"
TREE = f"""
DYNAMIC_PIPELINES_MAPPING
├── reviews_predictor (2 nodes in no variant)  [{OVERRIDE}]
│   └── nightly (2 nodes)
└── price_predictor (2 nodes in no variant)
    ├── base (2 nodes)
    ├── candidate1 (2 nodes)
    ├── candidate2 (2 nodes)
    └── candidate3 (2 nodes)
"""
NESTED_SETTINGS = """
    from kedro_matrix_ext import dynamic_pipeline_mapping

    DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping({
        "regression": {"price": ["base", "late"], "seed": 3},
        "forests": [{"name": "small", "sizes": ["s", "m"]}],
    })
"""
NESTED_REGISTRY = """
    from kedro.framework.project import settings
    from kedro.pipeline import Pipeline, node

    from kedro_matrix_ext.pipelines import per_variant


    def register_pipelines():
        regression = {"price": settings.DYNAMIC_PIPELINES_MAPPING["regression"]["price"]}
        return {"__default__": per_variant(Pipeline([node(sorted, "a", "b", name="sort")]), regression)}
"""
NESTED_TREE = f"""
DYNAMIC_PIPELINES_MAPPING
├── regression
│   ├── price (0 nodes in no variant)
│   │   ├── base (1 node)
│   │   └── late (1 node)
│   └── seed: 4  [{SEED_OVERRIDE}]
└── forests
    └── [0]
        ├── name: 'small'
        └── sizes
            ├── s
            └── m
"""


INVOKE = """
    from pathlib import Path

    from click.testing import CliRunner
    from kedro.framework.project import settings
    from kedro.framework.startup import bootstrap_project

    from kedro_matrix_ext.cli.matrix import commands

    bootstrap_project(Path.cwd())
    text = CliRunner().invoke(commands, ["matrix", "variants"])
    json = CliRunner().invoke(commands, ["matrix", "variants", "--format", "json"])
    settings.set("DYNAMIC_PIPELINES_MAPPING", {"price": ["base"]})
    plain = CliRunner().invoke(commands, ["matrix", "variants"])
    settings.unset("DYNAMIC_PIPELINES_MAPPING", force=True)
    missing = CliRunner().invoke(commands, ["matrix", "variants"])
    for result in (text, json, plain, missing):
        print("RESULT", result.exit_code, result.output)
"""


def test_the_tree_marks_overrides_and_counts_nodes(predictors: KedroProject) -> None:
    """Each variant has its nodes, a namespace those outside of its variants."""
    printed = predictors.kedro("matrix", "variants", env={OVERRIDE: "[nightly]"}).stdout
    assert TREE in "\n" + printed[printed.index("DYNAMIC_PIPELINES_MAPPING\n") :]


def test_other_shapes_are_shown_as_they_are_and_none_is_an_error(project: KedroProject) -> None:
    """Leaves show their value, lists of dictionaries their indices; without one, what to write."""
    project.write("src/shop/settings.py", NESTED_SETTINGS)
    project.write("src/shop/pipeline_registry.py", NESTED_REGISTRY)
    printed = project.python(INVOKE, env={SEED_OVERRIDE: "4"}).stdout
    results = [result.partition(" ") for result in printed.split("RESULT ")[1:]]
    assert [status for status, _, _ in results] == ["0", "0", "1", "1"]
    text, described, plain, missing = (output for _, _, output in results)
    assert "\n" + text.rstrip() == NESTED_TREE.rstrip()
    assert json.loads(described) == {
        "mapping": {
            "regression": {"price": ["base", "late"], "seed": 4},
            "forests": [{"name": "small", "sizes": ["s", "m"]}],
        },
        "overrides": [{"path": "regression.seed", "variable": SEED_OVERRIDE}],
        "nodes": {"price": 0, "price.base": 1, "price.late": 1},
    }
    assert "'DYNAMIC_PIPELINES_MAPPING' is a plain mapping" in plain
    assert "has no 'DYNAMIC_PIPELINES_MAPPING'" in missing
    assert "DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping({...})" in missing

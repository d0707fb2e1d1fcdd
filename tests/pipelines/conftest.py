"""A skeleton as in a modelling pipeline, and a whole project of two predictors with their variants."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Pipeline, node
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject


def _split(table: Any, options: Any) -> tuple[Any, Any]:
    return table, options


def _train(train: Any, previous_model: Any) -> Any:
    return train, previous_model


def _evaluate(model: Any, test: Any) -> Any:
    return model, test


@pytest.fixture
def skeleton() -> Pipeline:
    """Three nodes that read a table, a parameter and an earlier model, and write a model and a score."""
    return Pipeline(
        [
            node(_split, ["model_input_table", "params:options"], ["train@pandas", "test"], name="split"),
            node(_train, {"train": "train@spark", "previous_model": "previous_model"}, "model", name="train"),
            node(_evaluate, ["model", "test"], "score", name="evaluate", tags="report"),
        ]
    )


SETTINGS = """
    from kedro_matrix_ext import (
        LayeredConfigLoader, config_loader_args, dynamic_pipeline_mapping, load_environment_variables,
    )

    load_environment_variables()
    DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping({
        "reviews_predictor": ["base", "test1"],
        "price_predictor": ["base", "candidate1", "candidate2", "candidate3"],
    })
    CONFIG_LOADER_CLASS = LayeredConfigLoader
    CONFIG_LOADER_ARGS = config_loader_args()
"""
REGISTRY = """
    import json
    from pathlib import Path

    from kedro.framework.project import settings
    from kedro.pipeline import Pipeline, node

    from kedro_matrix_ext.pipelines import per_namespace, per_variant, sum_pipelines, variant_datasets


    def join(companies, reviews):
        return [*companies, *reviews]


    def train(table, options):
        return {"rows": len(table), **options}


    def evaluate(model, options):
        with Path("evaluated.jsonl").open("a") as file:
            file.write(json.dumps(options) + "\\n")
        return model["rows"]


    def compare(*scores):
        return max(scores)


    def register_pipelines():
        mapping = settings.DYNAMIC_PIPELINES_MAPPING
        processing = Pipeline([node(join, ["companies", "reviews"], "model_input_table", name="join")])
        science = Pipeline([
            node(train, ["model_input_table", "params:model_options"], "regressor", name="train"),
            node(evaluate, ["regressor", "params:model_options"], "score", name="evaluate"),
        ])
        comparisons = [
            Pipeline([
                node(compare, variant_datasets(mapping, namespace, "score"), f"{namespace}.best",
                     name="compare", namespace=namespace, tags="comparison")
            ])
            for namespace, variants in mapping.items()
        ]
        pipelines = {
            "data_processing": per_namespace(processing, mapping, inputs={"companies", "reviews"}),
            "data_science": per_variant(
                science, mapping, inputs={"model_input_table": "{namespace}.model_input_table"}
            ),
            "comparison": sum_pipelines(comparisons),
        }
        return {**pipelines, "__default__": sum_pipelines(pipelines.values())}
"""
CATALOG = """
    companies:
      type: json.JSONDataset
      filepath: data/companies.json
    reviews:
      type: json.JSONDataset
      filepath: data/reviews.json
    "{namespace}.model_input_table":
      type: json.JSONDataset
      filepath: data/{namespace}/model_input_table.json
    "{namespace}.{variant}.regressor":
      type: pickle.PickleDataset
      filepath: data/{namespace}/{variant}/regressor.pickle
      versioned: true
    "{namespace}.{variant}.score":
      type: json.JSONDataset
      filepath: data/{namespace}/{variant}/score.json
"""


@pytest.fixture
def predictors(project: KedroProject) -> KedroProject:
    """A project that processes per namespace, trains and evaluates per variant, and compares the variants."""
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/catalog.yml", CATALOG)
    shutil.copy(
        EXAMPLES / "dynamic_pipelines/conf/base/parameters_data_science.yml", project.path / "conf/base"
    )
    project.write("data/companies.json", "[1, 2]")
    project.write("data/reviews.json", "[3]")
    return project

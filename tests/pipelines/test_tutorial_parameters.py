"""The parameters of the tutorial's pattern: each variant inherits through `merge` and `_overrides`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.config_folder import ConfFolder
from tests.conftest import EXAMPLES

from kedro_matrix_ext import dynamic_pipeline_mapping
from kedro_matrix_ext.pipelines import check_variants

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = EXAMPLES / "dynamic_pipelines"
TUTORIAL = """
    model_options:
      test_size: 0.2
      random_state: 3
      target: costs
      features:
        - engines
        - crew

    price_predictor:
      _overrides:
        target: price
      model_options: ${merge:${model_options},${._overrides}}

      base:
        model_options: ${..model_options}

      candidate1:
        _overrides:
          model: sklearn.linear_model.LinearRegression
          model_params:
            gamma: 2.5
        model_options: ${merge:${..model_options},${._overrides}}
"""
MAPPING = {
    "reviews_predictor": ["base", "test1"],
    "price_predictor": ["base", "candidate1", "candidate2", "candidate3"],
}

both_loaders = pytest.mark.parametrize("build", [ConfFolder.layered, ConfFolder.omegaconf])


@both_loaders
def test_the_tutorials_own_yaml_resolves(build: Callable[[ConfFolder], Any], tmp_path: Any) -> None:
    """The namespace lays its target over the options, and a variant its model over the namespace's."""
    conf = ConfFolder(tmp_path).write(
        {"base/parameters_data_science.yml": TUTORIAL, "local/parameters.yml": ""}
    )
    inherited = {"test_size": 0.2, "random_state": 3, "target": "price", "features": ["engines", "crew"]}
    predictor = build(conf)["parameters"]["price_predictor"]
    assert predictor["model_options"] == predictor["base"]["model_options"] == inherited
    assert predictor["candidate1"]["model_options"] == {
        **inherited,
        "model": "sklearn.linear_model.LinearRegression",
        "model_params": {"gamma": 2.5},
    }


def test_the_examples_variants_inherit_from_namespace_and_from_each_other() -> None:
    """A list is replaced, a mapping merged, and a variant may start from another variant's options."""
    parameters = ConfFolder(EXAMPLE / "conf").layered()["parameters"]
    price, reviews = parameters["price_predictor"], parameters["reviews_predictor"]
    assert parameters["model_options"]["target"] == "costs"
    assert price["candidate1"]["model_options"]["model_params"] == {"gamma": 2.5}
    assert price["candidate3"]["model_options"] == {
        "test_size": 0.2,
        "random_state": 3,
        "target": "price",
        "features": ["engines", "crew"],
        "model": "sklearn.ensemble.RandomForestRegressor",
        "model_params": {"n_estimators": 50, "max_depth": 4},
    }
    assert reviews["test1"]["model_options"]["test_size"] == 0.3
    assert reviews["test1"]["model_options"]["random_state"] == 11
    assert reviews["base"]["model_options"]["random_state"] == 3


def test_the_examples_parameters_belong_to_its_variants() -> None:
    """No variant lacks parameters, and none are written for a variant that is not declared."""
    parameters = ConfFolder(EXAMPLE / "conf").layered()["parameters"]
    assert check_variants(dynamic_pipeline_mapping(MAPPING), parameters) == []
    assert len(check_variants(MAPPING, {"price_predictor": parameters["price_predictor"]})) == 2

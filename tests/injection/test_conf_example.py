"""The example's parameters declare what their keys say."""

from __future__ import annotations

import functools
import math
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression

from kedro_matrix_ext import instantiate
from kedro_matrix_ext.injection import check_injected_objects

EXPECTED = Path(__file__).parents[2] / "conf_examples/injection/expected"


def _parameters(env: str) -> Any:
    return yaml.safe_load((EXPECTED / env / "parameters.yml").read_text())


@pytest.mark.parametrize(("env", "model"), [("base", LinearRegression), ("cloud", RandomForestRegressor)])
def test_the_environment_chooses_the_model(env: str, model: type) -> None:
    """In the parameters alone; nothing in them is wrong, and building changes nothing."""
    parameters = _parameters(env)
    before = deepcopy(parameters)
    assert list(check_injected_objects(parameters)) == []
    assert type(instantiate(parameters["model"])) is model
    assert parameters == before


def test_each_declared_object_is_what_its_key_says() -> None:
    """The kinds of outcome, by name."""
    built = instantiate(_parameters("base")["declared"])
    assert built["a_function_as_it_is"](0) == 0
    assert built["a_function_that_is_called"] == 8
    assert built["a_partial_for_want_of_arguments"](2) == 3
    assert built["a_class_that_is_not_instantiated"] is LinearRegression
    assert isinstance(built["a_partial_of_a_class"], functools.partial)
    assert built["a_constant"] == math.pi


def test_objects_inside_of_objects_fit_together() -> None:
    """The search holds its estimator and its folds."""
    search = instantiate(_parameters("base")["search"])
    assert search.estimator.n_estimators == 10
    assert search.cv.n_splits == 3
    assert search.param_grid == {"max_depth": [2, 4]}

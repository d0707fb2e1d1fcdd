"""A skeleton as in a modelling pipeline: it splits, trains and evaluates."""

from __future__ import annotations

from typing import Any

import pytest
from kedro.pipeline import Pipeline, node


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

"""The example project runs a namespace, a variant, and what a variant needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

PROCESSING = {"preprocess_companies", "preprocess_shuttles", "create_model_input_table"}
MODELLING = {"split_data", "train_model", "evaluate_model"}
REPORTING = {"compare_variants", "draw_report"}
RECEIVED = "params:price_predictor.{}.model_options"


def _names(prefix: str, names: set[str]) -> set[str]:
    return {f"{prefix}.{name}" for name in names}


def test_namespace_runs_processing_once_and_all_its_variants(
    spaceflights: KedroProject, received: Callable[[], dict[str, Any]]
) -> None:
    """`--namespaces price_predictor` processes once, trains all four variants and compares them."""
    spaceflights.kedro("run", "--namespaces", "price_predictor")
    variants = ("base", "candidate1", "candidate2", "candidate3")
    models = {name for variant in variants for name in _names(f"price_predictor.{variant}", MODELLING)}
    assert set(received()) == _names("price_predictor", PROCESSING | REPORTING) | models


def test_variant_runs_alone_and_with_what_it_needs(
    spaceflights: KedroProject, received: Callable[[], dict[str, Any]]
) -> None:
    """`--namespaces N --tags V` processes and trains one variant; `--namespaces N.V` then trains it alone."""
    spaceflights.kedro("run", "--namespaces", "price_predictor", "--tags", "candidate1")
    nodes, model = received(), _names("price_predictor.candidate1", MODELLING)
    assert set(nodes) == _names("price_predictor", PROCESSING) | model
    assert nodes["price_predictor.candidate1.split_data"][RECEIVED.format("candidate1")]["model"] == {
        "object": "sklearn.ensemble.RandomForestRegressor",
        "n_estimators": 50,
        "min_samples_leaf": 5,
        "random_state": 3,
    }
    (spaceflights.path / "received.jsonl").unlink()
    spaceflights.kedro("run", "--namespaces", "price_predictor.candidate1")
    assert set(received()) == model


def test_variants_come_from_an_environment_variable(
    spaceflights: KedroProject, received: Callable[[], dict[str, Any]]
) -> None:
    """KEDRO_DYNAMIC_PIPELINES_MAPPING_... names the variants of one run; the others are not assembled."""
    variable = {"KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE_PREDICTOR": "[candidate3]"}
    spaceflights.kedro("run", "--namespaces", "price_predictor", env=variable)
    nodes = received()
    assert set(nodes) == _names("price_predictor", PROCESSING | REPORTING) | _names(
        "price_predictor.candidate3", MODELLING
    )
    assert nodes["price_predictor.candidate3.split_data"][RECEIVED.format("candidate3")]["features"] == [
        "engines",
        "passenger_capacity",
        "crew",
    ]

"""The nodes of `data_science`."""

from typing import Any

import pandas as pd
from sklearn.base import RegressorMixin
from sklearn.metrics import max_error, mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split

from kedro_matrix_ext import inject_object


def split_data(model_input_table: pd.DataFrame, model_options: dict) -> list[Any]:
    """Take the features and the target, and hold some rows back for evaluation."""
    return train_test_split(
        model_input_table[model_options["features"]],
        model_input_table[model_options["target"]],
        test_size=model_options["test_size"],
        random_state=model_options["random_state"],
    )


@inject_object(allow=["sklearn.ensemble.*", "sklearn.linear_model.*"])
def train_model(
    model: RegressorMixin, features_train: pd.DataFrame, target_train: pd.Series
) -> RegressorMixin:
    """Fit the estimator that the variant's parameters declare."""
    return model.fit(features_train, target_train)


def evaluate_model(
    regressor: RegressorMixin, features_test: pd.DataFrame, target_test: pd.Series
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Predict the rows held back and measure how far off the predictions are."""
    predicted = regressor.predict(features_test)
    metrics = {
        "r2": r2_score(target_test, predicted),
        "mean_absolute_error": mean_absolute_error(target_test, predicted),
        "max_error": max_error(target_test, predicted),
    }
    return pd.DataFrame({"actual": target_test, "predicted": predicted}), metrics

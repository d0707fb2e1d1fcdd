"""The pipeline `data_science`."""

from kedro.pipeline import Node, Pipeline

from .nodes import evaluate_model, split_data, train_model


def create_pipeline() -> Pipeline:
    return Pipeline(
        [
            Node(
                split_data,
                ["model_input_table", "params:model_options"],
                ["features_train", "features_test", "target_train", "target_test"],
                name="split_data",
            ),
            Node(
                train_model,
                ["params:model_options.model", "features_train", "target_train"],
                "regressor",
                name="train_model",
            ),
            Node(
                evaluate_model,
                ["regressor", "features_test", "target_test"],
                ["predictions", "metrics"],
                name="evaluate_model",
            ),
        ]
    )

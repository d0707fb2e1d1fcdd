"""The pipeline `data_processing`."""

from typing import Literal

from kedro.pipeline import Node, Pipeline

from .nodes import (
    create_model_input_table,
    preprocess_companies,
    preprocess_companies_in_spark,
    preprocess_shuttles,
)


def create_pipeline(engine: Literal["pandas", "spark"] = "pandas") -> Pipeline:
    """Choose the engine of the step that reads companies; the next step takes what either saves."""
    preprocess = {"pandas": preprocess_companies, "spark": preprocess_companies_in_spark}[engine]
    return Pipeline(
        [
            Node(
                preprocess,
                f"companies@{engine}",
                f"preprocessed_companies@{engine}",
                name="preprocess_companies",
            ),
            Node(preprocess_shuttles, "shuttles", "preprocessed_shuttles", name="preprocess_shuttles"),
            Node(
                create_model_input_table,
                ["preprocessed_shuttles", "preprocessed_companies@pandas", "reviews"],
                "model_input_table",
                name="create_model_input_table",
            ),
        ]
    )

"""One skeleton each for processing and modelling, and a copy for every namespace and variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro.framework.project import settings

from kedro_matrix_ext.fabrication import create_fabricator_pipeline
from kedro_matrix_ext.pipelines import per_namespace, per_variant, sum_pipelines
from spaceflights.pipelines import data_processing, data_science, reporting

if TYPE_CHECKING:
    from kedro.pipeline import Pipeline

RAW = {"companies", "reviews", "shuttles"}


def register_pipelines() -> dict[str, Pipeline]:
    mapping = settings.DYNAMIC_PIPELINES_MAPPING
    processing = per_namespace(data_processing.create_pipeline(), mapping, inputs=RAW)
    in_spark = per_namespace(data_processing.create_pipeline("spark"), mapping, inputs=RAW)
    science = per_variant(
        data_science.create_pipeline(), mapping, inputs={"model_input_table": "{namespace}.model_input_table"}
    )
    report = reporting.create_pipeline(mapping)
    fabricator = create_fabricator_pipeline(
        {"companies": "companies@pandas", "reviews": "reviews", "shuttles": "shuttles"}
    )
    return {
        "data_processing": processing,
        "data_science": science,
        "reporting": report,
        "__default__": sum_pipelines([processing, science, report]),
        # Everything on made-up data, with Spark before pandas: kedro run -p test -e test
        "fabricator": fabricator,
        "test": sum_pipelines([fabricator, in_spark, science, report]),
    }

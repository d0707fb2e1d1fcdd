"""One skeleton each for processing and modelling, and a copy for every namespace and variant."""

from __future__ import annotations

from kedro.framework.project import settings
from kedro.pipeline import Pipeline

from spaceflights.pipelines import data_processing, data_science, reporting


def register_pipelines() -> dict[str, Pipeline]:
    mapping = settings.DYNAMIC_PIPELINES_MAPPING
    processing = sum(
        (
            Pipeline(
                data_processing.create_pipeline(),
                inputs={"companies", "reviews", "shuttles"},
                namespace=namespace,
                tags=variants,
            )
            for namespace, variants in mapping.items()
        ),
        Pipeline([]),
    )
    modelling = sum(
        (
            Pipeline(
                data_science.create_pipeline(),
                inputs={"model_input_table": f"{namespace}.model_input_table"},
                namespace=f"{namespace}.{variant}",
                tags=[variant, namespace],
            )
            for namespace, variants in mapping.items()
            for variant in variants
        ),
        Pipeline([]),
    )
    reports = sum((reporting.create_pipeline(*item) for item in mapping.items()), Pipeline([]))
    return {
        "data_processing": processing,
        "data_science": modelling,
        "reporting": reports,
        "__default__": processing + modelling + reports,
    }

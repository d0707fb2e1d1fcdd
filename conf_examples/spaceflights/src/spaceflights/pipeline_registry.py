"""One skeleton each for processing and modelling, and a copy for every namespace and variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro.framework.project import settings

from kedro_matrix_ext.pipelines import per_namespace, per_variant, sum_pipelines
from spaceflights.pipelines import data_processing, data_science, reporting

if TYPE_CHECKING:
    from kedro.pipeline import Pipeline


def register_pipelines() -> dict[str, Pipeline]:
    mapping = settings.DYNAMIC_PIPELINES_MAPPING
    pipelines = {
        "data_processing": per_namespace(
            data_processing.create_pipeline(), mapping, inputs={"companies", "reviews", "shuttles"}
        ),
        "data_science": per_variant(
            data_science.create_pipeline(),
            mapping,
            inputs={"model_input_table": "{namespace}.model_input_table"},
        ),
        "reporting": reporting.create_pipeline(mapping),
    }
    return {**pipelines, "__default__": sum_pipelines(pipelines.values())}

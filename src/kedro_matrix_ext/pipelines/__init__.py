"""One pipeline skeleton, many pipelines."""

from kedro_matrix_ext.pipelines.checks import check_variants
from kedro_matrix_ext.pipelines.composition import sum_pipelines, variant_datasets
from kedro_matrix_ext.pipelines.factories import per_namespace, per_variant
from kedro_matrix_ext.pipelines.mapping import DynamicPipelineMapping, dynamic_pipeline_mapping

__all__ = [
    "DynamicPipelineMapping",
    "check_variants",
    "dynamic_pipeline_mapping",
    "per_namespace",
    "per_variant",
    "sum_pipelines",
    "variant_datasets",
]

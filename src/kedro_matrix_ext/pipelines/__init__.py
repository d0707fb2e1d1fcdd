"""One pipeline skeleton, many pipelines.

Lazy: ``settings.py`` needs the mapping alone, and every Kedro command reads ``settings.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily

if TYPE_CHECKING:
    from kedro_matrix_ext._pipeline_sums import sum_pipelines as sum_pipelines
    from kedro_matrix_ext.pipelines.checks import check_variants as check_variants
    from kedro_matrix_ext.pipelines.dataset_names import variant_datasets as variant_datasets
    from kedro_matrix_ext.pipelines.factories import per_namespace as per_namespace
    from kedro_matrix_ext.pipelines.factories import per_variant as per_variant
    from kedro_matrix_ext.pipelines.mapping import DynamicPipelineMapping as DynamicPipelineMapping
    from kedro_matrix_ext.pipelines.mapping import dynamic_pipeline_mapping as dynamic_pipeline_mapping

__all__ = [
    "DynamicPipelineMapping",
    "check_variants",
    "dynamic_pipeline_mapping",
    "per_namespace",
    "per_variant",
    "sum_pipelines",
    "variant_datasets",
]

# Exported name -> the module that defines it.
_EXPORTS: dict[str, str] = {
    "DynamicPipelineMapping": "mapping",
    "check_variants": "checks",
    "dynamic_pipeline_mapping": "mapping",
    "per_namespace": "factories",
    "per_variant": "factories",
    "sum_pipelines": "kedro_matrix_ext._pipeline_sums",
    "variant_datasets": "dataset_names",
}

__getattr__, __dir__ = export_lazily(__name__, _EXPORTS)

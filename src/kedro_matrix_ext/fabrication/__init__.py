"""Synthetic tables declared in YAML. Nothing heavy is imported until tables are made."""

from kedro_matrix_ext.fabrication.nodes import create_fabricator_pipeline, fabricate_datasets

__all__ = ["create_fabricator_pipeline", "fabricate_datasets"]

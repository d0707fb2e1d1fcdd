"""The pipeline `reporting`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.pipelines import variant_datasets

from .nodes import compare_variants, draw_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def create_pipeline(mapping: Mapping[str, Sequence[str]]) -> Pipeline:
    """Compare the variants of each namespace: nodes that read the datasets of all its variants."""
    return Pipeline([node for namespace in mapping for node in _create_nodes(mapping, namespace)])


def _create_nodes(mapping: Mapping[str, Sequence[str]], namespace: str) -> list[Node]:
    variants = mapping[namespace]
    metrics = dict(zip(variants, variant_datasets(mapping, namespace, "metrics"), strict=True))
    predictions = dict(zip(variants, variant_datasets(mapping, namespace, "predictions"), strict=True))
    comparison, report = f"{namespace}.comparison", f"{namespace}.report"
    drawn = {"comparison": comparison, **predictions}
    return [
        Node(compare_variants, metrics, comparison, name="compare_variants", namespace=namespace),
        Node(draw_report, drawn, report, name="draw_report", namespace=namespace),
    ]

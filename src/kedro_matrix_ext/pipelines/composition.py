"""Pipelines put together, and names to fan in from all variants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines.connections import rename
from kedro_matrix_ext.pipelines.mapping import parse_variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["sum_pipelines", "variant_datasets"]


def sum_pipelines(pipelines: Iterable[Pipeline]) -> Pipeline:
    """Add pipelines up at once.

    The same as ``sum(pipelines)``, which sorts all nodes again for each pipeline it adds.

    Args:
        pipelines: Any pipelines; an equal node in two of them is taken once.

    Returns:
        One pipeline; an empty one of none.

    Examples:
        >>> from kedro.pipeline import node
        >>> parts = [Pipeline([node(sorted, f"in{i}", f"out{i}", name=f"sort{i}")]) for i in range(3)]
        >>> sorted(sum_pipelines(parts).outputs())
        ['out0', 'out1', 'out2']
    """
    return Pipeline(list(dict.fromkeys(node for pipeline in pipelines for node in pipeline.nodes)))


def variant_datasets(mapping: Mapping[str, Any], namespace: str, name: str) -> list[str]:
    """List the names that one dataset of the skeleton has in every variant of a namespace.

    Args:
        mapping: ``{namespace: [variants]}``.
        namespace: Whose variants.
        name: The dataset's name in the skeleton of :func:`per_variant`; a ``params:`` name too.

    Returns:
        A name per variant in the mapping's order: the inputs of a node that compares or combines them.

    Raises:
        MappingError: If the mapping has another shape or lacks the namespace.

    Examples:
        >>> variant_datasets({"price_predictor": ["base", "candidate1"]}, "price_predictor", "score")
        ['price_predictor.base.score', 'price_predictor.candidate1.score']
    """
    variants = parse_variants(mapping)
    if namespace not in variants:
        raise MappingError(
            f"the mapping has no namespace {namespace!r}",
            hint=did_you_mean(namespace, variants) or f"It has {', '.join(map(repr, variants)) or 'none'}.",
        )
    return [rename(name, {}, f"{namespace}.{variant}") for variant in variants[namespace]]

"""Names to fan in from all variants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines.connections import rename
from kedro_matrix_ext.pipelines.mapping import parse_variants

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["variant_datasets"]


def variant_datasets(mapping: Mapping[str, Any], namespace: str, name: str) -> list[str]:
    """List the names that one dataset of the skeleton has in every variant of a namespace.

    Args:
        mapping: ``{namespace: [variants]}``.
        namespace: Whose variants.
        name: The dataset's name in the skeleton of ``per_variant``; a ``params:`` name too.

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

"""From one skeleton to a pipeline per namespace or per variant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from kedro_matrix_ext._node_copies import copy_node, dataset_names
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines.connections import Connections, Names, parse_connections, rename
from kedro_matrix_ext.pipelines.mapping import parse_variants
from kedro_matrix_ext.pipelines.name_templates import NAMESPACE, PREVIOUS_VARIANT, VARIANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["per_namespace", "per_variant"]


@dataclass(frozen=True)
class _Place:
    """Where a copy of the skeleton goes.

    Attributes:
        namespace: Its namespace.
        tags: Its tags.
        values: What the placeholders stand for in it.
    """

    namespace: str
    tags: tuple[str, ...]
    values: Mapping[str, str]


def per_namespace(
    skeleton: Pipeline,
    mapping: Mapping[str, Any],
    *,
    inputs: Names = None,
    outputs: Names = None,
    parameters: Names = None,
) -> Pipeline:
    """Copy a pipeline into each namespace, tagged with the namespace's variants.

    The same as ``Pipeline(skeleton, namespace=namespace, tags=variants, ...)`` for each namespace and the sum
    of those, so ``kedro run --namespaces NAMESPACE --tags VARIANT`` runs what a variant needs.

    Args:
        skeleton: The pipeline to copy.
        mapping: ``{namespace: [variants]}``.
        inputs: Datasets that keep their name, or a new name for each; it may hold ``{namespace}``.
        outputs: The same for what the skeleton writes.
        parameters: The same for parameters, with or without ``params:``.

    Returns:
        One pipeline with all copies; nodes keep their class and attributes.

    Raises:
        MappingError: If the mapping has another shape, a name is not in the skeleton, a placeholder is
            unknown, or two copies would write the same dataset.

    Examples:
        >>> from kedro.pipeline import node
        >>> skeleton = Pipeline([node(sorted, "reviews", "model_input_table", name="sort")])
        >>> made = per_namespace(skeleton, {"price_predictor": ["base"]}, inputs={"reviews"})
        >>> made.nodes
        [Node(sorted, 'reviews', 'price_predictor.model_input_table', 'sort')]
        >>> made.nodes[0].namespace, made.nodes[0].tags
        ('price_predictor', {'base'})
    """
    connections = parse_connections(
        skeleton, inputs=inputs, outputs=outputs, parameters=parameters, known=[NAMESPACE]
    )
    places = [
        _Place(namespace, variants, {NAMESPACE: namespace})
        for namespace, variants in parse_variants(mapping).items()
    ]
    return _copy_to_places(skeleton, connections, places)


def per_variant(  # noqa: PLR0913  Kedro's arguments, and one more
    skeleton: Pipeline,
    mapping: Mapping[str, Any],
    *,
    inputs: Names = None,
    outputs: Names = None,
    parameters: Names = None,
    first_variant: Mapping[str, str] | None = None,
) -> Pipeline:
    """Copy a pipeline for each variant of each namespace.

    The same as ``Pipeline(skeleton, namespace=f"{namespace}.{variant}", tags=[variant, namespace], ...)`` for
    each variant and the sum of those.

    Args:
        skeleton: The pipeline to copy.
        mapping: ``{namespace: [variants]}``.
        inputs: Datasets that keep their name, or a new name for each; it may hold ``{namespace}``,
            ``{variant}`` and ``{previous_variant}``, the one before in the namespace's list.
        outputs: The same for what the skeleton writes.
        parameters: The same for parameters, with or without ``params:``.
        first_variant: For each name mapped with ``{previous_variant}``, the name that the first variant of a
            namespace has instead; it may hold ``{namespace}`` and ``{variant}``.

    Returns:
        One pipeline with all copies; nodes keep their class and attributes.

    Raises:
        MappingError: If the mapping has another shape, a name is not in the skeleton, a placeholder is
            unknown, the first variant is left without a name, or two copies would write the same dataset.

    Examples:
        >>> from kedro.pipeline import node
        >>> skeleton = Pipeline([node(sorted, "model_input_table", "model", name="train")])
        >>> made = per_variant(skeleton, {"price_predictor": ["base", "candidate1"]},
        ...                    inputs={"model_input_table": "{namespace}.model_input_table"})
        >>> [train.name for train in made.nodes]
        ['price_predictor.base.train', 'price_predictor.candidate1.train']
        >>> sorted(made.outputs())
        ['price_predictor.base.model', 'price_predictor.candidate1.model']
    """
    connections = parse_connections(
        skeleton,
        inputs=inputs,
        outputs=outputs,
        parameters=parameters,
        first_variant=first_variant,
        known=[NAMESPACE, VARIANT, PREVIOUS_VARIANT],
    )
    places = [
        place
        for namespace, variants in parse_variants(mapping).items()
        for place in _variant_places(namespace, variants)
    ]
    return _copy_to_places(skeleton, connections, places)


def _variant_places(namespace: str, variants: tuple[str, ...]) -> Iterable[_Place]:
    for previous, variant in zip((None, *variants), variants, strict=False):
        values = {NAMESPACE: namespace, VARIANT: variant}
        if previous is not None:
            values[PREVIOUS_VARIANT] = previous
        yield _Place(f"{namespace}.{variant}", (variant, namespace), values)


def _copy_to_places(skeleton: Pipeline, connections: Connections, places: Iterable[_Place]) -> Pipeline:
    """Make all nodes first and one pipeline of them: Kedro sorts a pipeline each time it makes one."""
    nodes = skeleton.nodes
    names = {name for node in nodes for name in dataset_names(node)}
    writers: dict[str, _Place] = {}
    copies = []
    for place in places:
        connected = connections.render(place.values)
        _reject_second_writer(connections, connected, place, writers)
        renamed = {name: rename(name, connected, place.namespace) for name in names}
        copies += [
            copy_node(node, renamed=renamed, namespace=place.namespace, tags=place.tags) for node in nodes
        ]
    return Pipeline(copies)


def _reject_second_writer(
    connections: Connections, connected: Mapping[str, str], place: _Place, writers: dict[str, _Place]
) -> None:
    for name in connections.outputs:
        writer = writers.setdefault(connected[name], place)
        if writer is not place:
            raise MappingError(
                f"{connected[name]!r} would be written by both {writer.namespace!r} and {place.namespace!r}",
                config_path=f"outputs: {name}",
                hint="Put a placeholder such as {variant} into the name, or leave it to the namespace.",
            )

"""Pipelines put together, and names to fan in from all variants."""

from __future__ import annotations

import pytest
from kedro.pipeline import Pipeline, node

from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines import per_variant, sum_pipelines, variant_datasets

MAPPING = {"price_predictor": ["base", "candidate1"]}


def _compare(*scores: object) -> object:
    return scores


def test_the_sum_takes_an_equal_node_once(skeleton: Pipeline) -> None:
    """A node in two of the pipelines is in the sum once, as in Kedro's."""
    part = skeleton.only_nodes("split", "train")
    assert sum_pipelines([skeleton, part]).nodes == (skeleton + part).nodes == skeleton.nodes


def test_no_pipelines_add_up_to_an_empty_one() -> None:
    """The sum of nothing has no nodes, and is a pipeline where `sum` gives 0."""
    assert sum_pipelines([]).nodes == []


def test_a_node_fans_in_from_every_variant(skeleton: Pipeline) -> None:
    """The listed names are those that the variants write, in the mapping's order."""
    scores = variant_datasets(MAPPING, "price_predictor", "score")
    compare = node(_compare, scores, "price_predictor.best", name="compare", namespace="price_predictor")
    whole = sum_pipelines([per_variant(skeleton, MAPPING), Pipeline([compare])])
    assert {parent.name for parent in whole.node_dependencies[compare]} == {
        "price_predictor.base.evaluate",
        "price_predictor.candidate1.evaluate",
    }


def test_parameters_and_flavours_are_listed_as_kedro_names_them() -> None:
    """A `params:` name keeps its prefix in front, a transcoded one its engine."""
    options = variant_datasets(MAPPING, "price_predictor", "params:options")
    tables = variant_datasets(MAPPING, "price_predictor", "table@spark")
    assert options[0] == "params:price_predictor.base.options"
    assert tables[1] == "price_predictor.candidate1.table@spark"


def test_an_unknown_namespace_is_an_error_with_the_nearest() -> None:
    """A mistyped namespace gets a suggestion; one like no other the list of those that exist."""
    with pytest.raises(MappingError, match=r"'price_predictr'[\s\S]*Did you mean 'price_predictor'"):
        variant_datasets(MAPPING, "price_predictr", "score")
    with pytest.raises(MappingError, match=r"'zzz'[\s\S]*It has 'price_predictor'"):
        variant_datasets(MAPPING, "zzz", "score")

"""Variants without parameters and parameters without variants."""

from __future__ import annotations

from typing import Any

import pytest

from kedro_matrix_ext import dynamic_pipeline_mapping
from kedro_matrix_ext.findings import Severity
from kedro_matrix_ext.pipelines import check_variants

MAPPING = {"price": ["base", "candidate1"], "reviews": ["base"], "depth": 3, "nested": {"a": ["base"]}}
BLOCK = {"_overrides": {"target": "price"}, "model_options": {"seed": 3}}
BLOCKS = {"model_options": {"seed": 3}, "base": BLOCK, "candidate1": BLOCK}
COMPLETE: dict[str, Any] = {
    "price": BLOCKS,
    "reviews": {"base": BLOCK},
    "training": {"base": "sgd", "rate": 0.1},
    "seed": 3,
}


def _found(parameters: dict[str, Any], **options: Any) -> list[tuple[str, str | None]]:
    found = check_variants(dynamic_pipeline_mapping(MAPPING), parameters, **options)
    return [(one.code, one.location.config_path) for one in found]


def _changed(**changes: Any) -> dict[str, Any]:
    return {**COMPLETE, "price": {**BLOCKS, **changes}}


def _without(*names: str) -> dict[str, Any]:
    return {**COMPLETE, "price": {key: value for key, value in BLOCKS.items() if key not in names}}


def test_nothing_is_found_where_they_belong_together() -> None:
    """Keys that a namespace has for itself, and parameters that belong to no namespace, are not variants."""
    assert _found(COMPLETE) == []
    assert _found(_changed(candidate1=None)) == []
    assert _found(_changed(shared={"rate": 1}, weights=[1])) == []


def test_a_variant_without_parameters_is_named() -> None:
    """The finding says which, where its parameters should be, and is a warning."""
    (found,) = check_variants(MAPPING, _without("candidate1"), env="test")
    assert found.code == "variant-without-parameters"
    assert found.severity is Severity.WARNING
    assert "'candidate1' of 'price'" in found.message
    assert found.location.config_path == "parameters: price.candidate1"
    assert found.location.env == "test"


@pytest.mark.parametrize("blocks", [{}, {"price": None}, {"price": 5}])
def test_a_namespace_without_parameters_lacks_all_its_variants(blocks: dict[str, Any]) -> None:
    """Each of its variants is found, whatever has replaced the namespace."""
    parameters = {"reviews": {"base": BLOCK}, **blocks}
    assert _found(parameters) == [
        ("variant-without-parameters", "parameters: price.base"),
        ("variant-without-parameters", "parameters: price.candidate1"),
    ]


def test_parameters_like_a_variants_are_found_where_none_is_declared() -> None:
    """A block that shares a key with a declared variant's is one, whatever its name."""
    assert _found(_changed(zulu={"model_options": {}})) == [
        ("parameters-without-variant", "parameters: price.zulu")
    ]


def test_a_mistyped_variant_is_found_on_both_sides_with_suggestions() -> None:
    """The missing one names the mistyped one and the other way round, also where no key is shared."""
    parameters = _without("candidate1")
    parameters["price"]["candidat1"] = {"other": 1}
    missing, undeclared = check_variants(MAPPING, parameters)
    assert (missing.code, undeclared.code) == ("variant-without-parameters", "parameters-without-variant")
    assert "Did you mean 'candidat1'?" in missing.fix
    assert "Did you mean 'candidate1'?" in undeclared.fix


def test_a_namespace_that_is_not_declared_is_found_by_its_variants() -> None:
    """Blocks under a mistyped or removed namespace are parameters without variants."""
    parameters = {**COMPLETE, "prices": {"base": BLOCK, "seed": 3}, "old": {"candidate1": BLOCK}}
    found = check_variants(MAPPING, parameters)
    places = [one.location.config_path for one in found]
    assert places == ["parameters: prices.base", "parameters: old.candidate1"]
    assert "Did you mean 'price'?" in found[0].fix
    assert "Declare 'old'" in found[1].fix


@pytest.mark.parametrize("used", [None, set[str]()])
def test_keys_with_an_underscore_are_there_for_others_to_refer_to(used: set[str] | None) -> None:
    """At the top, in a namespace, and below another key: no namespace and no variant is missed for them."""
    shared = {"base": BLOCK, "candidate1": BLOCK, "_more": {"base": BLOCK}}
    parameters = {**_changed(_defaults=dict(BLOCK)), "_defaults": shared, "_price": shared}
    used = None if used is None else {f"params:{name}" for name in ("price", "reviews")}
    assert _found(parameters, used=used) == []


def test_what_the_pipelines_read_decides_where_it_is_known() -> None:
    """A variant whose parameters nobody reads needs none, and what is read is not an undeclared variant's."""
    parameters = _without("candidate1")
    parameters["price"]["shared"] = {"model_options": {}}
    used = {"params:price.base.model_options", "params:price.shared", "params:reviews.base", "table"}
    assert _found(parameters, used=used) == []
    used.add("params:price.candidate1.model_options")
    assert _found(parameters, used=used) == [("variant-without-parameters", "parameters: price.candidate1")]

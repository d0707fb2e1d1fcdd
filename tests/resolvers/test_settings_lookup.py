from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from omegaconf import OmegaConf

from kedro_matrix_ext.errors import ResolverError
from kedro_matrix_ext.resolvers import registered_resolvers, setting_resolver

_MAPPING: dict[Any, Any] = {
    "none": [],
    "reviews_predictor": ["base", "test1"],
    "price_predictor": {"variants": [{"name": "base", "folds": 5}, {"name": "candidate1"}], 3: "three"},
    "frozen": (MappingProxyType({"name": "base", "tags": ("a", "b")}),),
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("reviews_predictor", ["base", "test1"]),
        ("reviews_predictor.1", "test1"),
        ("price_predictor.variants.0.folds", 5),
        ("price_predictor.3", "three"),
        ("frozen", [{"name": "base", "tags": ["a", "b"]}]),
        ("frozen.0.tags.1", "b"),
    ],
)
def test_paths_lead_through_mappings_and_lists(path: str, expected: Any) -> None:
    """Keys and indices joined by dots; integer keys of a mapping are written as integers."""
    assert setting_resolver(lambda: _MAPPING)(path) == expected


def test_it_works_inside_omegaconf_and_hands_out_copies() -> None:
    """A list or mapping can be the value of an interpolation, and changing it leaves the settings alone."""
    setting = setting_resolver(lambda: _MAPPING)
    with registered_resolvers({"setting": setting}):
        config = OmegaConf.create({"variants": "${setting:reviews_predictor}"})
        assert OmegaConf.to_container(config, resolve=True) == {"variants": ["base", "test1"]}
    setting("reviews_predictor").append("other")
    assert _MAPPING["reviews_predictor"] == ["base", "test1"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "price_predicto.variants",
            r"no 'price_predicto' in DYNAMIC_PIPELINES_MAPPING\n.*Did you mean 'price_predictor'",
        ),
        ("price_predictor.zzz", r"no 'zzz' in 'price_predictor' of DYN.*\n.*It has 'variants', '3'"),
        ("reviews_predictor.2", r"no '2' in 'reviews_predictor' .*\n.*list of 2: write an index from 0 to 1"),
        ("none.0", r"no '0' in 'none' .*\n.*It is an empty list"),
        ("reviews_predictor.base", r"no 'base' in 'reviews_predictor'"),
        ("reviews_predictor.0.name", r"cannot look up 'name': .*'reviews_predictor\.0'.* is 'base'"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path: str, message: str) -> None:
    """The error names the step that fails, the path before it, and the keys that exist."""
    with pytest.raises(ResolverError, match=message):
        setting_resolver(lambda: _MAPPING)(path)


def test_the_mapping_is_read_at_each_use() -> None:
    """Settings are read lazily, so the accessor is asked when the interpolation is resolved."""
    current = {"a": 1}
    setting = setting_resolver(lambda: current)
    assert setting("a") == 1
    current["a"] = 2
    assert setting("a") == 2

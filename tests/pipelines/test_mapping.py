"""The dynamic pipeline mapping: what it takes, that nobody can change it, and how settings hold it."""

from __future__ import annotations

import copy
import pickle
import sys
import types
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.framework.project import _ProjectSettings

from kedro_matrix_ext import dynamic_pipeline_mapping
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines.mapping import parse_variants

if TYPE_CHECKING:
    from collections.abc import Callable

NESTED = {
    "price_predictor": ["base", "candidate-1"],
    "training": {"epochs": 5, "rate": 0.1, "verbose": False, "until": date(2026, 1, 1), "note": None},
    "forests": [{"name": "small", "depth": 3}, {"name": "large", "depths": ["low", "high"]}],
}
NAMES = st.from_regex(r"[\w-]{1,8}", fullmatch=True)
LEAVES = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.none(), st.dates())
MAPPINGS = st.recursive(
    st.one_of(LEAVES, st.lists(NAMES, min_size=1, max_size=3, unique=True)),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def _load_settings(module: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> _ProjectSettings:
    """Have Kedro read a settings module."""
    monkeypatch.setitem(sys.modules, module.__name__, module)
    loaded = _ProjectSettings()
    loaded.configure(module.__name__)
    return loaded


def _settings_module(mapping: object) -> types.ModuleType:
    module = types.ModuleType("shop_settings")
    module.__file__ = "settings.py"
    module.DYNAMIC_PIPELINES_MAPPING = mapping  # type: ignore[attr-defined]
    return module


def test_the_mapping_reads_like_the_dictionary_that_was_declared() -> None:
    """`.items()`, `[...]`, `in` and `len` work, lists are tuples, and it equals what it was made of."""
    mapping = dynamic_pipeline_mapping(NESTED)
    assert list(mapping) == list(NESTED)
    assert dict(mapping.items()) == {
        **NESTED,
        "price_predictor": ("base", "candidate-1"),
        "forests": mapping["forests"],
    }
    assert mapping["training"]["epochs"] == 5
    assert mapping["forests"][1]["depths"] == ("low", "high")
    assert "training" in mapping
    assert len(mapping) == 3
    assert mapping == NESTED
    assert mapping != {**NESTED, "training": 1}
    assert mapping != 5
    assert mapping.as_dict() == NESTED
    assert repr(mapping["forests"][0]) == "FrozenMapping({'name': 'small', 'depth': 3})"


@given(st.dictionaries(NAMES, MAPPINGS, max_size=4))
def test_thawing_gives_back_any_mapping_of_the_allowed_shapes(declared: dict[str, Any]) -> None:
    """For nested mappings of plain values and lists of names, what goes in comes out, and pickles."""
    try:
        mapping = dynamic_pipeline_mapping(declared)
    except MappingError as error:
        assert "stands for both" in str(error)  # noqa: PT017  a rare drawing, known by its message
        return
    assert mapping.as_dict() == declared
    assert pickle.loads(pickle.dumps(mapping)) == mapping == copy.deepcopy(mapping)


def test_nobody_can_change_the_mapping() -> None:
    """Items cannot be set or deleted at any depth, and changing what was declared changes nothing."""
    declared = copy.deepcopy(NESTED)
    mapping = dynamic_pipeline_mapping(declared)
    for part in (mapping, mapping["training"], mapping["forests"], mapping["price_predictor"]):
        with pytest.raises(TypeError):
            part[next(iter(part))] = "other"  # type: ignore[index]
    declared["price_predictor"].append("late")  # type: ignore[attr-defined]
    mapping.as_dict()["price_predictor"].append("late")
    assert mapping == NESTED


def test_the_mapping_is_not_hashable_like_the_dictionaries_it_equals() -> None:
    """What equals a dictionary must not have a hash, as a dictionary has none."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(dynamic_pipeline_mapping({}))


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"price.predictor": ["base"]}, ["'price.predictor'", "dot"]),
        ({"price": ["base", "candidate 1"]}, ["'candidate 1'", "price[1]"]),
        ({"price": {"deep": [{"a b": 1}]}}, ["'a b'", "price.deep[0]['a b']"]),
        ({"price": [""]}, ["''", "price[0]"]),
        ({"price": ["base", "test", "base"]}, ["'base'", "twice", "price[2]"]),
        ({"price": [{"a": 1}, {"a": 1}]}, ["{'a': 1}", "twice", "price[1]"]),
        ({"price": []}, ["empty", "price"]),
        ({"price": ["2024", 2025]}, ["2025", "int", "price[1]", "'2025'"]),
        ({"price": ["base", {"a": 1}]}, ["{'a': 1}", "price[1]"]),
        ({"price": [{"a": 1}, "base"]}, ["'base'", "list of dictionaries", "price[1]"]),
        ({1: ["base"]}, ["1", "'1'"]),
        ({"price": {"model": object}}, ["type", "price.model"]),
        (["price"], ["['price']", "not a mapping"]),
    ],
)
def test_what_kedro_would_reject_is_an_error_with_its_path(declared: Any, words: list[str]) -> None:
    """Names with dots or spaces, repetitions, empty and mixed lists are named where they are."""
    with pytest.raises(MappingError) as caught:
        dynamic_pipeline_mapping(declared)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_callable_is_called_once_and_only_when_the_mapping_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither declaring it nor Kedro's reading of the settings calls it; overrides are those of the time."""
    calls: list[int] = []

    def declare() -> dict[str, list[str]]:
        calls.append(1)
        return {"price": ["base"]}

    mapping = dynamic_pipeline_mapping(declare)
    assert mapping
    loaded = _load_settings(_settings_module(mapping), monkeypatch)
    loaded.reload()
    assert not calls
    monkeypatch.setenv("KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE", "[late]")
    assert loaded.DYNAMIC_PIPELINES_MAPPING == {"price": ["late"]}
    monkeypatch.delenv("KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE")
    assert mapping["price"] == ("late",)
    assert calls == [1]
    assert not dynamic_pipeline_mapping({})


def test_a_callable_that_gives_no_mapping_is_an_error_when_it_is_read() -> None:
    """The error of a late declaration comes with the first look into it."""
    mapping = dynamic_pipeline_mapping(lambda: ["price"])  # type: ignore[arg-type,return-value]
    with pytest.raises(MappingError, match="not a mapping"):
        list(mapping)


def test_a_mapping_survives_pickling_with_its_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with another environment reads the mapping as the first one saw it."""
    monkeypatch.setenv("KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE", "[other]")
    pickled = pickle.dumps(dynamic_pipeline_mapping(lambda: {"price": ["base"]}))
    monkeypatch.delenv("KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE")
    mapping = pickle.loads(pickled)
    assert mapping == {"price": ["other"]}
    assert [override.path for override in mapping.overrides] == [("price",)]


def test_settings_hold_the_mapping_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dynaconf, which makes boxes of dictionaries and lists, leaves the mapping alone, when reloading too."""
    mapping = dynamic_pipeline_mapping(NESTED)
    loaded = _load_settings(_settings_module(mapping), monkeypatch)
    assert loaded.DYNAMIC_PIPELINES_MAPPING is mapping
    loaded.configure("shop_settings")
    loaded.set("DYNAMIC_PIPELINES_MAPPING", dynamic_pipeline_mapping({"price": ["base"]}))
    assert isinstance(loaded.DYNAMIC_PIPELINES_MAPPING, Mapping)
    assert loaded.DYNAMIC_PIPELINES_MAPPING == {"price": ["base"]}


@pytest.mark.parametrize("wrap", [dict, dynamic_pipeline_mapping])
def test_variants_are_read_from_any_mapping_of_lists(wrap: Callable[[Any], Mapping[str, Any]]) -> None:
    """A plain dictionary, a dynamic mapping and a part of one give the variants per namespace."""
    assert parse_variants(wrap({"price": ["base", "test"]})) == {"price": ("base", "test")}
    assert parse_variants(wrap({"regression": {"price": ["base"]}})["regression"]) == {"price": ("base",)}


@pytest.mark.parametrize("declared", [None, ["price"], "price"])
def test_variants_of_what_is_no_mapping_are_an_error_with_a_remedy(declared: Any) -> None:
    """As where settings.py declares none, and `settings.get(...)` gives None."""
    with pytest.raises(MappingError, match="is not a mapping") as caught:
        parse_variants(declared)
    assert "DYNAMIC_PIPELINES_MAPPING" in str(caught.value.hint)


@pytest.mark.parametrize(
    "declared", [{"price": 5}, {"price": {"deep": ["base"]}}, {"price": [{"name": "base"}]}]
)
def test_variants_of_another_shape_are_an_error_that_names_the_namespace(declared: dict[str, Any]) -> None:
    """Only `{namespace: [variants]}` makes pipelines; other shapes are the project's to take apart."""
    with pytest.raises(MappingError, match=r"'price' holds[\s\S]*not a list of names"):
        parse_variants(declared)


def test_a_mapping_can_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code of projects whose setting is a function goes on to work; the value is the same."""
    module = types.ModuleType("km_called_settings")
    module.__file__ = "settings.py"
    module.DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping({"price": ["base"]})  # type: ignore[attr-defined]
    mapping = _load_settings(module, monkeypatch).DYNAMIC_PIPELINES_MAPPING
    assert mapping() == {"price": ["base"]} == mapping
    assert mapping().overrides == ()
    assert dynamic_pipeline_mapping(mapping) == mapping

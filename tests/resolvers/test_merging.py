from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from kedro_matrix_ext._containers import copy_containers
from kedro_matrix_ext.errors import ResolverError
from kedro_matrix_ext.resolvers import default_resolvers, merge_dicts, registered_resolvers
from kedro_matrix_ext.resolvers.merging import merge, merge_shallow

_KEYS = st.one_of(st.sampled_from(["a", "b", "c", "model"]), st.integers(0, 2))
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text("abcxyz 09", max_size=4)
)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3))
)
_MAPPINGS = st.dictionaries(_KEYS, _VALUES, max_size=4)
_ARGUMENTS = st.lists(st.one_of(st.none(), _MAPPINGS), max_size=4)


def _reference(*mappings: dict[Any, Any] | None) -> dict[Any, Any]:
    """Say in ten lines what a deep merge is."""
    result: dict[Any, Any] = {}
    for mapping in mappings:
        for key, value in (mapping or {}).items():
            if isinstance(value, dict) and isinstance(result.get(key), dict):
                result[key] = _reference(result[key], value)
            else:
                result[key] = deepcopy(value)
    return result


@settings(deadline=None)  # the machine may be busy
@given(_ARGUMENTS)
def test_merge_dicts_agrees_with_the_reference(mappings: list[dict[Any, Any] | None]) -> None:
    """On plain dicts the result is the reference's, in the same order; the arguments stay as they were."""
    before = deepcopy(mappings)
    result = merge_dicts(*mappings)
    assert repr(result) == repr(_reference(*mappings))
    assert mappings == before


@settings(deadline=None)  # the machine may be busy
@given(_ARGUMENTS)
def test_merge_in_a_configuration_agrees_with_the_reference(mappings: list[dict[Any, Any] | None]) -> None:
    """Through OmegaConf, where the arguments are DictConfigs, `${merge:...}` gives the reference's result."""
    references = ",".join(f"${{side_{index}}}" for index in range(len(mappings)))
    sides = {f"side_{index}": mapping for index, mapping in enumerate(mappings)}
    config = OmegaConf.create({**sides, "merged": f"${{merge:{references}}}"})
    with registered_resolvers(default_resolvers()):
        resolved = OmegaConf.to_container(config, resolve=True)
    assert isinstance(resolved, dict)
    assert resolved["merged"] == _reference(*mappings)
    assert {key: resolved[key] for key in sides} == sides


@settings(deadline=None)  # the machine may be busy
@given(_MAPPINGS, _MAPPINGS)
def test_the_result_shares_no_container_with_its_sides(left: dict[Any, Any], right: dict[Any, Any]) -> None:
    """Changing every container of the result changes no argument."""
    before = deepcopy((left, right))
    for result in (merge_dicts(left, right), merge_shallow(left, right)):
        _spoil(result)
    assert (left, right) == before


def _spoil(value: Any) -> None:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    for item in list(inner):
        _spoil(item)
    if isinstance(value, (dict, list)):
        value.clear()


def test_interpolations_are_resolved_where_they_stand() -> None:
    """Absolute and relative references inside either side keep their meaning in the merged result."""
    config = OmegaConf.create(
        {
            "seed": 7,
            "left": {"name": "left", "label": "${.name}-model", "nested": {"seed": "${seed}", "kept": 1}},
            "right": {"nested": {"depth": "${left.nested.kept}"}, "names": ["${seed}"]},
            "merged": "${merge:${left},${right},{nested: {extra: 1}}}",
        }
    )
    with registered_resolvers(default_resolvers()):
        merged = OmegaConf.to_container(config, resolve=True)["merged"]  # type: ignore[call-overload,index]
    assert merged == {
        "name": "left",
        "label": "left-model",
        "nested": {"seed": 7, "kept": 1, "depth": 1, "extra": 1},
        "names": [7],
    }


def test_dict_configs_inside_plain_dicts_are_merged_too() -> None:
    """A DictConfig or ListConfig anywhere inside a plain dict counts as the dict or list it holds."""
    inner = OmegaConf.create({"a": 1, "b": {"c": 2}})
    assert merge_dicts({"x": {"b": {"d": 3}}}, {"x": inner}) == {"x": {"b": {"d": 3, "c": 2}, "a": 1}}
    rows = copy_containers({"rows": (OmegaConf.create([1, 2]),)})["rows"]
    assert type(rows) is tuple
    assert rows == ([1, 2],)
    assert type(rows[0]) is list


def test_merge_shallow_replaces_below_the_top_level() -> None:
    """Only top-level keys are merged; a mapping below is replaced as a whole."""
    assert merge_shallow({"a": {"x": 1}, "b": 1}, None, OmegaConf.create({"a": {"y": 2}})) == {
        "a": {"y": 2},
        "b": 1,
    }


@pytest.mark.parametrize(
    ("value", "type_name"), [([1], "list"), ("text", "str"), (3, "int"), (False, "bool"), ((), "tuple")]
)
@pytest.mark.parametrize("function", [merge, merge_shallow, merge_dicts])
def test_anything_else_is_refused_by_position_and_type(function: Any, value: Any, type_name: str) -> None:
    """What is neither mapping nor null is an error naming the resolver, the position and the type."""
    with pytest.raises(ResolverError) as caught:
        function({}, None, value)
    assert repr(function.__name__) in caught.value.message
    assert "argument 3" in caught.value.message
    assert repr(type_name) in caught.value.message


def test_a_list_in_a_configuration_is_called_a_list() -> None:
    """OmegaConf's own list type is not what the user wrote, so the message says list."""
    with pytest.raises(ResolverError, match="argument 1 is a value of type 'list'"):
        merge(OmegaConf.create([1, 2]))

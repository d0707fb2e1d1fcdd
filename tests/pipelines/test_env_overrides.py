"""Environment variables override leaves and whole lists of the mapping."""

from __future__ import annotations

import json
import string
import warnings
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kedro_matrix_ext import dynamic_pipeline_mapping
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines.env_overrides import apply_overrides, variable_name
from kedro_matrix_ext.pipelines.frozen_mapping import FrozenMapping, freeze
from kedro_matrix_ext.settings import load_environment_variables

PREFIX = "KEDRO_DYNAMIC_PIPELINES_MAPPING_"
DECLARED = {
    "price-predictor": ["base", "candidate1"],
    "training": {"epochs": 5, "rate": 0.1, "verbose": True, "label": "five"},
    "forests": [{"name": "small", "depth": 3}, {"name": "large", "depth": 9}],
}


def _override(declared: dict[str, Any], **variables: str) -> dict[str, Any]:
    frozen = freeze(declared, (), source="test")
    return apply_overrides(frozen, {PREFIX + name: text for name, text in variables.items()})[0].as_dict()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("false", False),
        ("7", 7),
        ('"5"', "5"),
        ("1e-3", 0.001),
        ("-2E5", -200000.0),
        ("2.5", 2.5),
        ("null", None),
        ("", None),
        ("plain words", "plain words"),
    ],
)
def test_a_leaf_is_typed_as_yaml(text: str, value: object) -> None:
    """`false` is False, `"5"` in quotes a string, and numbers are those of Kedro's configuration files."""
    made = _override(DECLARED, TRAINING_EPOCHS=text)["training"]["epochs"]
    assert made == value
    assert type(made) is type(value)


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=8), st.integers() | st.booleans())
def test_any_value_written_as_yaml_comes_back(words: str, number: float) -> None:
    """A value dumped into the variable, text in quotes, is the value in the mapping."""
    for value in (words, number):
        assert _override(DECLARED, TRAINING_LABEL=json.dumps(value))["training"]["label"] == value


def test_a_whole_list_is_replaced() -> None:
    """A list of names becomes another one; everything else stays."""
    assert _override(DECLARED, PRICE_PREDICTOR="[base, other]") == {
        **DECLARED,
        "price-predictor": ["base", "other"],
    }


def test_leaves_inside_lists_of_dictionaries_are_named_by_index() -> None:
    """The list as a whole comes first, then the leaves in it."""
    made = _override(DECLARED, FORESTS="[{name: tiny, depth: 1}]", FORESTS_0_DEPTH="2")
    assert made["forests"] == [{"name": "tiny", "depth": 2}]


def test_overrides_are_reported_in_the_mappings_order() -> None:
    """Each override says which path it replaced and by which variable."""
    variables = {PREFIX + "TRAINING_RATE": "1", PREFIX + "PRICE_PREDICTOR": "[base]"}
    _, overrides = apply_overrides(freeze(DECLARED, (), source="test"), variables)
    assert overrides == (
        (("price-predictor",), PREFIX + "PRICE_PREDICTOR"),
        (("training", "rate"), PREFIX + "TRAINING_RATE"),
    )


@given(
    st.dictionaries(
        st.sampled_from("abc"), st.dictionaries(st.sampled_from("xyz"), st.integers()), max_size=3
    )
)
def test_overriding_a_leaf_changes_that_leaf_alone(declared: dict[str, dict[str, int]]) -> None:
    """For each leaf of a mapping, its variable changes it and nothing else."""
    mapping = freeze(declared, (), source="test")
    for namespace, leaves in declared.items():
        for name in leaves:
            made, _ = apply_overrides(mapping, {variable_name((namespace, name)): "changed"})
            assert made == {**declared, namespace: {**leaves, name: "changed"}}


@pytest.mark.parametrize(
    ("declared", "paths"),
    [
        ({"a_b": {"c": 1}, "a": {"b_c": 2}}, ["'a_b.c'", "'a.b_c'"]),
        ({"a-b": ["x"], "a_b": ["x"]}, ["'a-b'", "'a_b'"]),
        ({"price": ["x"], "Price": ["x"]}, ["'price'", "'Price'"]),
        ({"a": {"b": 1}, "a_b": ["x"]}, ["'a.b'", "'a_b'"]),
    ],
)
def test_two_paths_with_one_variable_are_an_error_that_names_both(
    declared: dict[str, Any], paths: list[str]
) -> None:
    """It is an error whether or not the variable is set: it would surprise on the day it is."""
    with pytest.raises(MappingError) as caught:
        dynamic_pipeline_mapping(declared)
    assert all(path in str(caught.value) for path in paths)


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("PRICE_PREDICTOR", "base", ["'base'", "a list", "['base', 'candidate1']", "[a, b]"]),
        ("PRICE_PREDICTOR", "", ["a list"]),
        ("PRICE_PREDICTOR", "[]", ["empty"]),
        ("PRICE_PREDICTOR", "[base, no]", ["False", "'False'", "[1]"]),
        ("PRICE_PREDICTOR", "[base, base]", ["twice"]),
        ("PRICE_PREDICTOR", "[a b]", ["'a b'"]),
        ("PRICE_PREDICTOR", "[base", ["not YAML"]),
        ("TRAINING_EPOCHS", "[1, 2]", ["a plain value", "5"]),
        ("TRAINING_EPOCHS", "{a: 1}", ["a mapping"]),
        ("TRAINING_EPOCHS", "!!python/object:os.system x", ["not YAML"]),
    ],
)
def test_a_value_that_does_not_fit_is_an_error_that_names_the_variable(
    variable: str, text: str, words: list[str]
) -> None:
    """A list stays a list, a leaf a leaf, and names are checked as in settings.py."""
    with pytest.raises(MappingError) as caught:
        _override(DECLARED, **{variable: text})
    assert all(word in str(caught.value) for word in [PREFIX + variable, *words]), str(caught.value)


def test_broken_yaml_keeps_its_cause() -> None:
    """The parser's error is the cause of ours."""
    with pytest.raises(MappingError) as caught:
        _override(DECLARED, PRICE_PREDICTOR="[base")
    assert isinstance(caught.value.__cause__, yaml.YAMLError)


def test_a_variable_that_matches_no_path_is_warned_about_with_the_nearest() -> None:
    """The nearest is found by the part behind the prefix, which all have in common."""
    with pytest.warns(
        UserWarning, match=rf"{PREFIX}PRICE_PREDICTR'[\s\S]*Did you mean '{PREFIX}PRICE_PREDICTOR'"
    ):
        _override(DECLARED, PRICE_PREDICTR="[base]")


def test_a_variable_like_no_path_is_warned_about_with_some_that_exist() -> None:
    """Where nothing is near, the first few variables of the mapping are shown."""
    with pytest.warns(UserWarning, match=f"{PREFIX}FORESTS'"):
        _override(DECLARED, ZZZZ="1")


def test_an_empty_mapping_knows_no_variable() -> None:
    """The warning then suggests nothing."""
    with pytest.warns(UserWarning, match=r"no such path\.$"):
        apply_overrides(FrozenMapping({}), {PREFIX + "A": "1"})


def test_the_warning_points_to_where_the_mapping_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line that is shown with it is the one in settings.py, not one of ours."""
    monkeypatch.setenv(PREFIX + "PRICES", "[base]")
    with pytest.warns(UserWarning, match="overrides nothing") as caught:
        dynamic_pipeline_mapping({"price": ["base"]})
    assert caught[0].filename == __file__


def test_other_variables_are_nobodys_business() -> None:
    """Variables without the prefix are neither read nor warned about."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mapping, overrides = apply_overrides(FrozenMapping({"a": 1}), {"KEDRO_ENV": "x", "A": "2"})
    assert mapping == {"a": 1}
    assert not overrides


def test_a_dotenv_file_overrides_too(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a `.env` file put into the environment before the mapping is declared counts."""
    monkeypatch.setenv(PREFIX + "PRICE", "")  # so that the test's end takes it out again
    monkeypatch.delenv(PREFIX + "PRICE")
    (tmp_path / ".env").write_text(f"{PREFIX}PRICE='[base, nightly]'\n")
    load_environment_variables(tmp_path)
    assert dynamic_pipeline_mapping({"price": ["base"]}) == {"price": ["base", "nightly"]}

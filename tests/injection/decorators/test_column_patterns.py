"""Patterns select columns of a table."""

from __future__ import annotations

import logging
import re
from types import SimpleNamespace
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.pipeline import node

from kedro_matrix_ext import make_list_regexable
from kedro_matrix_ext.errors import ColumnPatternError, InjectionError
from kedro_matrix_ext.injection.checks import check_call
from kedro_matrix_ext.injection.decorators.calls import UNKNOWN, Call

COLUMNS = ["id", "f_1", "f_2", "target"]


@make_list_regexable(source_df="frame", make_regexable_kwarg="features")
def select(frame: Any, other: Any = None, *, features: Any = None) -> Any:
    """Give back the columns."""
    return features


@make_list_regexable(source_df="frame", make_regexable_kwarg="features", raise_exc=True)
def select_strictly(features: Any, frame: Any) -> Any:
    """Give back the columns."""
    return features


def give_features(frame: Any, features: Any) -> Any:
    """Return the second argument."""
    return features


@pytest.mark.parametrize(
    "frame", [pd.DataFrame(columns=COLUMNS), pl.DataFrame({name: [1] for name in COLUMNS})]
)
def test_patterns_are_replaced_by_the_columns_they_match(frame: Any) -> None:
    """In the order of the patterns, then of the table, each once, by match of the whole name."""
    assert select(frame, features=["target", "f_.*", "f_2", "i"[:1] + "d"]) == ["target", "f_1", "f_2", "id"]
    assert select(frame, features=("f_2", "f_.*")) == ["f_2", "f_1"]
    assert select_strictly(["id"], frame) == ["id"]
    assert select_strictly(frame=frame, features=["id"]) == ["id"]


def test_no_list_is_no_selection() -> None:
    """Null, or an argument left out, arrives as it is."""
    frame = pd.DataFrame(columns=COLUMNS)
    assert select(frame) is None
    assert select(frame, features=None) is None


def test_column_names_that_are_no_strings_keep_their_type() -> None:
    """They are matched by how they print."""
    assert select(pd.DataFrame(columns=[1, 2, 12]), features=["1.*"]) == [1, 12]


def test_a_pattern_that_matches_nothing_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    """The log names it; the others still select. A part of a name is not a match."""
    with caplog.at_level(logging.WARNING):
        assert select(pd.DataFrame(columns=COLUMNS), features=["f_", "id"]) == ["id"]
    assert "'f_'" in caplog.text


def test_a_pattern_that_matches_nothing_is_an_error_where_asked_for() -> None:
    """With `raise_exc` the error names it."""
    with pytest.raises(ColumnPatternError, match="'targt' matches no column") as caught:
        select_strictly(["targt"], pd.DataFrame(columns=COLUMNS))
    assert "Did you mean 'target'?" in str(caught.value)
    with pytest.raises(ColumnPatternError, match="has the columns"):
        select_strictly(["zzz"], pd.DataFrame(columns=COLUMNS))


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (["zzz"], "no column was selected"),
        ([], "no column was selected"),
        ("f_.*", "are one string"),
        (["("], "is not a regular expression"),
        ([1], "is not a regular expression"),
    ],
)
def test_nothing_selected_or_no_pattern_is_a_value_error(patterns: Any, message: str) -> None:
    """The error is ours and a ValueError, and names the argument."""
    with pytest.raises(ValueError, match=message) as caught:
        select(pd.DataFrame(columns=COLUMNS), features=patterns)
    assert isinstance(caught.value, ColumnPatternError)
    assert caught.value.config_path == "argument 'features'"


def test_what_has_no_columns_is_an_error() -> None:
    """An argument that is not a table is named."""
    with pytest.raises(InjectionError, match=r"'dict' has no columns to select from\n  at argument 'frame'"):
        select({"id": 1}, features=["id"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fram", "features"), "does not take an argument 'fram'\n  Did you mean 'frame'"),
        (("frame", "feature"), "does not take an argument 'feature'\n  Did you mean 'features'"),
        ((), "does not take an argument None\n  Correct source_df"),
    ],
)
def test_arguments_must_exist_when_the_function_is_called(arguments: tuple[str, ...], message: str) -> None:
    """A module with a typing mistake in a decorator can be imported, and `kedro argo check` finds it."""
    decorated = make_list_regexable(*arguments)(give_features)  # type: ignore[arg-type]  # two names at most
    with pytest.raises(ColumnPatternError, match=message):
        decorated(pd.DataFrame(columns=COLUMNS), ["id"])
    (found,) = check_call(decorated, Call((UNKNOWN, UNKNOWN), {}))
    assert found.code == "injected-object"
    assert message.partition("\n")[0] in found.message


def test_without_a_list_nothing_is_selected() -> None:
    """Both names may be given by position, and the second one left out."""
    decorated = make_list_regexable("frame")(give_features)
    assert decorated(pd.DataFrame(columns=COLUMNS), ["f_.*"]) == ["f_.*"]


def test_kedro_checks_the_inputs_of_a_node() -> None:
    """The signature stays."""
    with pytest.raises(TypeError, match="expected"):
        node(select_strictly, "frame", "columns")


@given(st.lists(st.text("abc_", min_size=1, max_size=3), unique=True, min_size=1), st.data())
def test_whole_names_select_themselves(columns: list[str], data: Any) -> None:
    """Escaped names are patterns for exactly those columns, in the order given."""
    chosen = data.draw(st.lists(st.sampled_from(columns), min_size=1))
    table = SimpleNamespace(columns=columns)
    assert select(table, features=[re.escape(name) for name in chosen]) == list(dict.fromkeys(chosen))

"""What each type of column makes, and what is said where it cannot."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pd = pytest.importorskip("pandas")
np = pytest.importorskip("numpy")

from kedro_matrix_ext.errors import FabricationError  # noqa: E402  after the skip
from kedro_matrix_ext.fabrication import fabricate_datasets  # noqa: E402

NORMAL = {"type": "generate_random_numbers", "distribution": "normal"}


def _column(declaration: dict[str, Any], num_rows: int | None = 6, **others: dict[str, Any]) -> Any:
    rows = {} if num_rows is None else {"num_rows": num_rows}
    made = fabricate_datasets({"seed": 5, "t": {**rows, "columns": {**others, "c": declaration}}})
    return made["t"]["c"]


def test_identifiers_are_distinct_and_as_declared() -> None:
    """Prefixes in turn, the delimiter, and as many digits as asked for."""
    made = _column(
        {"type": "generate_unique_id", "prefixes": ["ä", "bb"], "delimiter": "-", "id_length": 2}, 5
    )
    assert list(made) == ["ä-00", "bb-00", "ä-01", "bb-01", "ä-02"]


TEXT = st.text(
    st.characters(exclude_characters="\0"), min_size=1, max_size=3
)  # pandas 2 counts to the first NUL


@given(st.integers(0, 300), st.integers(1, 18), st.lists(TEXT, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_identifiers_are_unique_or_refused(num_rows: int, id_length: int, prefixes: list[str]) -> None:
    """Any number of rows gives that many distinct identifiers, or the error that says how many fit."""
    declaration = {
        "type": "generate_unique_id",
        "prefixes": prefixes,
        "delimiter": "|",
        "id_length": id_length,
    }
    fits = num_rows <= len(set(prefixes)) * 10**id_length
    if fits:
        assert _column(declaration, num_rows).nunique() == num_rows
    else:
        with pytest.raises(FabricationError, match="too few for"):
            _column(declaration, num_rows)


def test_numbers_come_from_the_named_distribution() -> None:
    """Any distribution of NumPy's Generator, with its arguments."""
    made = _column({**NORMAL, "arguments": {"loc": 100, "scale": 1}}, 500)
    assert 99 < made.mean() < 101
    integers = _column(
        {"type": "generate_random_numbers", "distribution": "integers", "arguments": {"low": 3}}
    )
    assert integers.dtype.kind == "i"
    assert integers.between(0, 2).all()


def test_dates_lie_between_the_ends_on_the_grid() -> None:
    """Both ends included, and only dates of the frequency; text or dates, as the YAML parser has it."""
    declaration = {"type": "generate_dates", "start_dt": "2024-01-01", "end_dt": "2024-03-01", "freq": "MS"}
    made = _column(declaration, 200)
    assert set(made) == set(pd.date_range("2024-01-01", "2024-03-01", freq="MS"))
    parsed = {**declaration, "start_dt": dt.date(2024, 1, 1), "end_dt": dt.date(2024, 3, 1)}
    assert _column(parsed, 200).equals(made)


def test_values_follow_their_weights() -> None:
    """A weight of 0 is never drawn, and one three times another's about three times as often."""
    made = _column({"type": "generate_values", "choices": ["a", "b", "c"], "weights": [1, 3, 0]}, 4000)
    counts = made.value_counts()
    assert set(counts.index) == {"a", "b"}
    assert 2.5 < counts["b"] / counts["a"] < 3.5


def test_cross_product_makes_every_combination_once() -> None:
    """Without a number of rows all combinations, in order; with fewer, a sample without repeats."""
    sides = {"a": {"type": "cross_product", "values": [1, 2, 3]}}
    side = {"type": "cross_product", "values": ["x", "y"]}
    made = fabricate_datasets({"t": {"columns": {**sides, "c": side}}})["t"]
    assert list(made.itertuples(index=False, name=None)) == [(n, x) for n in (1, 2, 3) for x in ("x", "y")]
    few = fabricate_datasets({"t": {"num_rows": 4, "columns": {**sides, "c": side}}})["t"]
    assert len(few.drop_duplicates()) == 4
    with pytest.raises(FabricationError, match="6 combinations, too few for 7 rows"):
        fabricate_datasets({"t": {"num_rows": 7, "columns": {**sides, "c": side}}})


def test_columns_derive_from_others() -> None:
    """Mapped, hashed, and applied by row and by column."""
    base = {"type": "generate_values", "choices": ["x", "y"]}
    frame = fabricate_datasets(
        {
            "t": {
                "num_rows": 50,
                "columns": {
                    "upper": {"type": "row_apply", "function": "operator.add", "input_columns": ["v", "v"]},
                    "v": base,
                    "m": {"type": "map_values", "input_column": "v", "mapping": {"x": 1}, "default": 7},
                    "h": {"type": "hash_map", "input_column": "v", "buckets": ["red", "blue", "green"]},
                    "s": {"type": "column_apply", "function": "numpy.square", "input_columns": ["m"]},
                },
            }
        }
    )["t"]
    assert list(frame.columns) == ["upper", "v", "m", "h", "s"]
    assert (frame["upper"] == frame["v"] * 2).all()
    assert (frame["m"] == frame["v"].map({"x": 1, "y": 7})).all()
    assert (frame["s"] == frame["m"] ** 2).all()
    buckets = frame.groupby("v")["h"].unique()
    for value, found in buckets.items():
        digest = int.from_bytes(hashlib.blake2b(str(value).encode(), digest_size=8).digest(), "big")
        assert list(found) == [["red", "blue", "green"][digest % 3]]


def test_nulls_are_put_in_and_dtypes_cast() -> None:
    """About the declared share is null, the others are what they would have been, in the dtype asked for."""
    declaration = {
        "type": "generate_random_numbers",
        "distribution": "integers",
        "arguments": {"low": 0, "high": 9},
    }
    whole = _column(declaration, 1000)
    holed = _column({**declaration, "null_probability": 0.25, "dtype": "Int64"}, 1000)
    assert str(holed.dtype) == "Int64"
    assert 0.2 < holed.isna().mean() < 0.3
    assert (holed.dropna() == whole[holed.notna()]).all()


def test_faker_values_are_seeded() -> None:
    """The same values again, in the locale asked for."""
    pytest.importorskip("faker")
    declaration = {"type": "faker", "provider": "bothify", "arguments": {"text": "??-##"}, "locale": "de_DE"}
    made = _column(declaration)
    assert made.str.fullmatch(r"[A-Za-z]{2}-\d{2}").all()
    assert made.equals(_column(declaration))


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ({"type": "generate_random_numbers", "distribution": "norml"}, "Did you mean 'normal'"),
        ({**NORMAL, "arguments": {"sigma": 1}}, "'Generator.normal' raised TypeError"),
        ({"type": "generate_dates", "start_dt": "soon", "end_dt": "2024-01-01"}, "no dates from 'soon'"),
        ({"type": "generate_dates", "start_dt": "2025-01-01", "end_dt": "2024-01-01"}, "there is no date"),
        ({"type": "generate_values", "choices": ["a"], "dtype": "int64"}, "cannot be of dtype 'int64'"),
        ({"type": "row_apply", "function": "math.sqrt", "input_columns": ["n"]}, "'sqrt' raised ValueError"),
        (
            {
                "type": "generate_random_numbers",
                "distribution": "dirichlet",
                "arguments": {"alpha": [1, 1, 1]},
            },
            "3 values for each row",
        ),
        (
            {"type": "row_apply", "function": "os.system", "input_columns": ["n"]},
            "Name a function of the project's own",
        ),
        ({"type": "row_apply", "function": "math.pi", "input_columns": ["n"]}, "not a function"),
        ({"type": "column_apply", "function": "numpy.sum", "input_columns": ["n"]}, "not 6 values"),
    ],
)
def test_what_cannot_be_made_is_named_with_its_place(declaration: dict[str, Any], message: str) -> None:
    """The error names the column's path and what is wrong."""
    negative = {"type": "generate_values", "choices": [-1]}
    with pytest.raises(FabricationError) as caught:
        _column(declaration, n=negative)
    assert message in str(caught.value)
    assert "fabricator: t.columns.c" in str(caught.value)

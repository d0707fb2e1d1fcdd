"""The values of each type of column, and the errors of those that cannot be made."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fabrication.single_columns import make_column

pd = pytest.importorskip("pandas")
np = pytest.importorskip("numpy")

from kedro_matrix_ext.errors import FabricationError  # noqa: E402  after the skip
from kedro_matrix_ext.fabrication import fabricate_datasets  # noqa: E402

NORMAL = {"type": "generate_random_numbers", "distribution": "normal"}


def test_identifiers_are_distinct_and_as_declared() -> None:
    """Prefixes in turn, the delimiter, and the declared number of digits."""
    made = make_column(
        {"type": "generate_unique_id", "prefixes": ["ä", "bb"], "delimiter": "-", "id_length": 2}, 5
    )
    assert list(made) == ["ä-00", "bb-00", "ä-01", "bb-01", "ä-02"]


TEXT = st.text(
    st.characters(exclude_characters="\0"), min_size=1, max_size=3
)  # pandas 2 cuts text at the first NUL


@given(st.integers(0, 300), st.integers(1, 40), st.lists(TEXT, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_identifiers_are_unique_or_refused(num_rows: int, id_length: int, prefixes: list[str]) -> None:
    """Any number of rows gives that many distinct identifiers, or an error with the number that fits."""
    declaration = {
        "type": "generate_unique_id",
        "prefixes": prefixes,
        "delimiter": "|",
        "id_length": id_length,
    }
    fits = num_rows <= len(set(prefixes)) * 10**id_length
    if fits:
        assert make_column(declaration, num_rows).nunique() == num_rows
    else:
        with pytest.raises(FabricationError, match="too few for"):
            make_column(declaration, num_rows)


def test_numbers_come_from_the_named_distribution() -> None:
    """Any distribution of NumPy's Generator, with its arguments."""
    made = make_column({**NORMAL, "arguments": {"loc": 100, "scale": 1}}, 500)
    assert 99 < made.mean() < 101
    integers = make_column(
        {"type": "generate_random_numbers", "distribution": "integers", "arguments": {"low": 3}}
    )
    assert integers.dtype.kind == "i"
    assert integers.between(0, 2).all()


def test_dates_are_in_the_range_and_of_the_frequency() -> None:
    """Both ends are included; they may be text or dates, as the YAML parser returns them."""
    declaration = {"type": "generate_dates", "start_dt": "2024-01-01", "end_dt": "2024-03-01", "freq": "MS"}
    made = make_column(declaration, 200)
    assert set(made) == set(pd.date_range("2024-01-01", "2024-03-01", freq="MS"))
    parsed = {**declaration, "start_dt": dt.date(2024, 1, 1), "end_dt": dt.date(2024, 3, 1)}
    assert make_column(parsed, 200).equals(made)


def test_values_follow_their_weights() -> None:
    """A weight of 0 is never drawn, and a weight three times as high about three times as often."""
    made = make_column({"type": "generate_values", "choices": ["a", "b", "c"], "weights": [1, 3, 0]}, 4000)
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


def test_nulls_are_inserted_and_dtypes_cast() -> None:
    """About the declared share is null; the other values do not change, and the dtype is as declared."""
    declaration = {
        "type": "generate_random_numbers",
        "distribution": "integers",
        "arguments": {"low": 0, "high": 9},
    }
    whole = make_column(declaration, 1000)
    holed = make_column({**declaration, "null_probability": 0.25, "dtype": "Int64"}, 1000)
    assert str(holed.dtype) == "Int64"
    assert 0.2 < holed.isna().mean() < 0.3
    assert (holed.dropna() == whole[holed.notna()]).all()


def test_every_function_goes_through_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of rows and of columns, also as items of lists; what they return as well; lists narrow."""
    refused = ["os.system", "operator.call", "pandas.Series.apply", "pandas.Series.to_csv", "subprocess.run"]
    for kind in ("row_apply", "column_apply"):
        for path in refused:
            with pytest.raises(FabricationError, match=path.rpartition(".")[2]):
                make_column({"type": kind, "function": path, "input_columns": ["n"]}, n=NUMBERS)
        monkeypatch.setenv("KEDRO_MATRIX_INJECT_ALLOWLIST", "decimal.*")
        with pytest.raises(FabricationError, match="is not among"):
            make_column({"type": kind, "function": "math.sqrt", "input_columns": ["n"]}, n=NUMBERS)
        monkeypatch.delenv("KEDRO_MATRIX_INJECT_ALLOWLIST")
    indirect = {"type": "row_apply", "function": f"{__name__}.find_deleter", "input_columns": ["n"]}
    with pytest.raises(FabricationError, match="find_deleter"):
        make_column(indirect, n=NUMBERS)
    mapped = make_column({"type": "map_values", "input_column": "n", "mapping": {1: "os.system"}}, n=NUMBERS)
    assert set(mapped) == {"os.system"}


NUMBERS = {"type": "generate_values", "choices": [1]}


def find_deleter(_: int) -> Any:
    """Return what configuration must not call."""
    return shutil.rmtree


@pytest.mark.parametrize(
    ("old", "new"),
    [("M", "ME"), ("BQ", "BQE"), ("Y", "YE"), ("A-MAR", "YE-MAR"), ("2H", "2h"), ("90T", "90min")],
)
def test_frequencies_have_two_spellings(old: str, new: str) -> None:
    """The aliases that pandas 2.2 renamed work with any pandas, in both spellings."""
    dates = {"type": "generate_dates", "start_dt": "2020-01-01", "end_dt": "2024-01-01"}
    assert make_column({**dates, "freq": old}, 20).equals(make_column({**dates, "freq": new}, 20))


def test_dates_may_be_text_and_sorted() -> None:
    """In the declared format; sorted by date, not by text."""
    dates = {"type": "generate_dates", "start_dt": "2024-01-01", "end_dt": "2024-12-31"}
    made = make_column({**dates, "format": "%d.%m.%Y", "sorted": True}, 40)
    assert made.str.fullmatch(r"\d\d\.\d\d\.2024").all()
    assert pd.to_datetime(made, format="%d.%m.%Y").is_monotonic_increasing


def test_unique_choices_are_drawn_once() -> None:
    """As many rows as choices are a permutation; more rows are an error."""
    choices = {"type": "generate_values", "choices": list("abcdef"), "unique": True}
    assert sorted(make_column(choices)) == list("abcdef")
    with pytest.raises(FabricationError, match="6 unique choices are too few for 7 rows"):
        make_column(choices, 7)


def test_another_value_may_replace_nulls() -> None:
    """``null_value`` is written at the places of nulls, also where the dtype has to change."""
    numbers = {"type": "generate_random_numbers", "null_probability": 0.5, "null_value": "unknown"}
    made = make_column(numbers, 200)
    assert 60 < (made == "unknown").sum() < 140
    assert not made.isna().any()


def test_tables_may_have_nullable_dtypes() -> None:
    """Integers, booleans and text with nulls keep their kind; a column's own dtype has precedence."""
    integers = {
        "type": "generate_random_numbers",
        "distribution": "integers",
        "arguments": {"low": 0, "high": 9},
    }
    columns = {
        "n": {**integers, "null_probability": 0.5},
        "x": {**NORMAL, "null_probability": 0.5},
        "b": {"type": "generate_values", "choices": [True, False], "null_probability": 0.5},
        "s": {"type": "generate_values", "choices": ["a"], "null_probability": 0.5},
        "own": {**integers, "dtype": "float32"},
        "copied": {"type": "copy_column", "source": "u.id", "null_probability": 0.5},
    }
    other = {"num_rows": 3, "columns": {"id": integers}}
    table = {"num_rows": 50, "nullable_dtypes": True, "columns": columns}
    made = fabricate_datasets({"u": other, "t": table})["t"]
    dtypes = {name: str(dtype) for name, dtype in made.dtypes.items()}
    assert dtypes.pop("s") in {"string", "str"}
    assert dtypes == {"n": "Int64", "x": "Float64", "b": "boolean", "own": "float32", "copied": "Int64"}


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ({"type": "numpy_random", "loc": 1}, "Write 'generate_random_numbers'"),
        ({"type": "generate_random_arrays"}, "Write 'generate_lists'"),
        ({"type": "generate_values", "sample_values": ["a"]}, "Write 'choices'"),
        ({"type": "generate_random_numbers", "loc": 1}, "below 'arguments'"),
        ({"type": "copy_column", "source_column": "u.id", "sample": {}}, "Write 'source'"),
        ({"type": "faker", "provider": "name", "provider_args": {}}, "Write 'arguments'"),
        ({"type": "faker", "provider": "name", "inject_nulls": {}}, "Write 'null_probability'"),
        ({"type": "row_apply", "row_func": "f", "input_columns": ["n"]}, "Write 'function'"),
    ],
)
def test_old_keys_are_recognised(declaration: dict[str, Any], message: str) -> None:
    """The error gives the key to write, and the command that converts a file."""
    with pytest.raises(FabricationError) as caught:
        make_column(declaration)
    assert message in str(caught.value)
    assert "kedro matrix init --fabricator" in str(caught.value)


@pytest.mark.parametrize("size", [10, None, [3, 4]])
def test_the_number_of_values_is_that_of_the_rows(size: object) -> None:
    """A `size` of one's own would have no effect, so it is refused: in a column and in items of lists."""
    numbers = {**NORMAL, "arguments": {"loc": 1, "size": size}}
    for column, place in (
        (numbers, "arguments"),
        ({"type": "generate_lists", "length": 2, "items": numbers}, "items.arguments"),
    ):
        with pytest.raises(FabricationError, match=rf"t\.columns\.c\.{place}: 'size' .*'num_rows'"):
            make_column(column)


def test_a_lambda_is_an_error_that_shows_the_function_to_write() -> None:
    """Configuration names functions; it does not hold code."""
    column = {"type": "row_apply", "function": "lambda a, b: a * b", "input_columns": ["n", "n"]}
    with pytest.raises(FabricationError) as caught:
        make_column(column, n=NORMAL)
    assert "def my_column(a, b): return a * b" in str(caught.value)


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
            "Name a function of the project",
        ),
        ({"type": "row_apply", "function": "math.pi", "input_columns": ["n"]}, "not a function"),
        ({"type": "column_apply", "function": "numpy.sum", "input_columns": ["n"]}, "not 6 values"),
    ],
)
def test_an_error_names_its_column(declaration: dict[str, Any], message: str) -> None:
    """The error has the column's path and the problem."""
    negative = {"type": "generate_values", "choices": [-1]}
    with pytest.raises(FabricationError) as caught:
        make_column(declaration, n=negative)
    assert message in str(caught.value)
    assert "fabricator: t.columns.c" in str(caught.value)

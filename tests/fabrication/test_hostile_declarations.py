"""Declarations that nobody would write on purpose: one error with the column's place, or the right frame."""

from __future__ import annotations

import json
from typing import Any

import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("faker")

from kedro_matrix_ext.errors import FabricationError  # noqa: E402  after the skip
from kedro_matrix_ext.fabrication import fabricate_datasets  # noqa: E402
from kedro_matrix_ext.fabrication.random_streams import open_stream  # noqa: E402

YEARS = {"type": "generate_dates", "start_dt": "2000-01-01", "end_dt": "2020-01-01"}
LISTS = {"type": "generate_lists", "length": 2}
CHOICES = {"type": "generate_values", "choices": [[1], [2]]}
NUMBER = {"type": "generate_random_numbers"}


def _table(num_rows: int | None = 6, **columns: dict[str, Any]) -> dict[str, Any]:
    return {"num_rows": num_rows, "columns": columns}


@pytest.mark.parametrize(
    ("tables", "messages"),
    [
        (None, ("are NoneType, not a mapping",)),
        ([1], ("are list, not a mapping",)),
        ({"t": _table(-1, x=NUMBER)}, ("t.num_rows: -1 is neither",)),
        ({"t": {"num_rows": "@ u.num_rows", "columns": {"x": NUMBER}}}, ("'@ u.num_rows' is neither",)),
        (
            {"t": _table(90, x={"type": "generate_values", "choices": [1, "a"], "sorted": True})},
            ("t.columns.x", "'<' not supported"),
        ),
        ({"t": _table(x={**YEARS, "freq": "0D"})}, ("t.columns.x", "'0D' is not longer than 0")),
        ({"t": _table(x={**YEARS, "freq": "-1D"})}, ("t.columns.x", "'-1D' is not longer than 0")),
        (
            {"t": _table(x={"type": "faker", "provider": "simple_profile", "unique": True})},
            ("t.columns.x", "unhashable type: 'dict'"),
        ),
        (
            {"t": _table(y=CHOICES, x={"type": "map_values", "input_column": "y", "mapping": {}})},
            ("t.columns.x", "unhashable type: 'list'"),
        ),
        (
            {
                "t": _table(
                    None, **{f"c{n}": {"type": "cross_product", "values": list(range(999))} for n in range(5)}
                )
            },
            ("t.columns.c0", "does not fit into memory"),
        ),
        ({"t": _table(10**15, x=CHOICES)}, ("t.columns.x", "does not fit into memory")),
        (
            {"t": _table(x={**LISTS, "items": {**LISTS, "items": NUMBER}})},
            ("x.items", "cannot be 'generate_lists'"),
        ),
        (
            {"t": _table(x={**LISTS, "items": {**NUMBER, "dtype": "Int64"}})},
            ("'dtype' holds for the whole column",),
        ),
        ({"t": _table(x={**NUMBER, "distribution": "shuffle"})}, ("no distribution 'shuffle'",)),
        ({"t": _table(x={"type": "copy_column", "source": "u"})}, ("x.source: 'u' is not table.column",)),
        (
            {"t": _table(x={"type": "copy_columns", "source": "u.a", "columns": ["a"]})},
            ("x.source: 'u.a' is not the name of a table",),
        ),
    ],
)
def test_errors_name_the_place(tables: Any, messages: tuple[str, ...]) -> None:
    """Never what pandas or NumPy raise, and one error for one mistake."""
    with pytest.raises(FabricationError) as caught:
        fabricate_datasets(tables)
    assert all(message in str(caught.value) for message in messages), str(caught.value)
    assert "errors" not in str(caught.value)


def test_a_frame_of_another_library_is_refused() -> None:
    """As of Spark; with the dataset to load in its place."""
    copied = {"type": "copy_column", "source": "cars.id"}
    with pytest.raises(FabricationError, match=r"'cars' is builtins\.list, not a frame of pandas"):
        fabricate_datasets({"t": _table(x=copied)}, cars=[1])  # type: ignore[arg-type]


@pytest.mark.parametrize("freq", ["s", "15min", "2h", "D", "B", "MS"])
@pytest.mark.parametrize("zone", ["", "+02:00"])
@pytest.mark.parametrize("num_rows", [3, 4000])
def test_dates_are_those_of_the_whole_range(freq: str, zone: str, num_rows: int) -> None:
    """Whether there are more rows than dates, or the other way round; with the dtype of the range."""
    start, end = f"2000-01-01T00:00{zone}", f"2000-02-02T11:07{zone}"
    column = {"type": "generate_dates", "start_dt": start, "end_dt": end, "freq": freq}
    made = fabricate_datasets({"seed": 3, "t": _table(num_rows, x=column)})["t"]["x"]
    whole = pd.date_range(start, end, freq=freq)
    drawn = whole[open_stream(3, "t", "x", "values").integers(0, len(whole), num_rows)]
    pd.testing.assert_series_equal(made, pd.Series(drawn, name="x"))


def test_short_steps_in_a_long_range_need_memory_for_the_rows_alone() -> None:
    """Milliseconds of 20 years would be 4.7 TiB."""
    made = fabricate_datasets({"t": _table(x={**YEARS, "freq": "ms", "format": "%Y", "sorted": True})})["t"]
    assert list(made["x"]) == sorted(made["x"])
    assert all(2000 <= int(year) <= 2020 for year in made["x"])
    assert json.loads(made.to_json(orient="values"))

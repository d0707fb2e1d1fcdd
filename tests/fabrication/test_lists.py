"""Lists of items, and text made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pd = pytest.importorskip("pandas")

from kedro_matrix_ext.errors import FabricationError  # noqa: E402  after the skip
from kedro_matrix_ext.fabrication import fabricate_datasets  # noqa: E402

CODES = {"type": "generate_values", "choices": ["a", "b", "c", "d"]}
NUMBERS = {
    "type": "generate_random_numbers",
    "distribution": "integers",
    "arguments": {"low": 0, "high": 1000},
}
SOURCE = {"num_rows": 40, "columns": {"id": {"type": "generate_unique_id", "prefix": "s"}}}


def _lists(items: dict[str, Any], num_rows: int = 50, **options: Any) -> list[Any]:
    column = {"type": "generate_lists", "items": items, **options}
    made = fabricate_datasets({"s": SOURCE, "t": {"num_rows": num_rows, "columns": {"c": column}}})
    return list(made["t"]["c"])


ITEMS = st.sampled_from(
    [
        CODES,
        {**CODES, "weights": [1, 2, 3, 4]},
        NUMBERS,
        {"type": "generate_dates", "start_dt": "2024-01-01", "end_dt": "2024-02-01", "format": "%d.%m.%Y"},
        {"type": "copy_column", "source": "s.id"},
    ]
)


@given(
    items=ITEMS, low=st.integers(0, 4), more=st.integers(0, 2), unique=st.booleans(), rows=st.integers(0, 30)
)
@settings(max_examples=60, deadline=None)
def test_lists_have_the_declared_lengths(
    items: dict[str, Any],
    low: int,
    more: int,
    unique: bool,  # noqa: FBT001  Hypothesis passes it
    rows: int,
) -> None:
    """For any items the lengths are in the range, and the items of a unique list are distinct."""
    high = min(low + more, 4)
    made = _lists(items, rows, min_length=low, max_length=high, unique=unique)
    assert len(made) == rows
    assert all(isinstance(row, list) and low <= len(row) <= high for row in made)
    if unique:
        assert all(len(set(row)) == len(row) for row in made)


def test_lists_may_be_text() -> None:
    """Joined by a delimiter, or as JSON."""
    assert {len(text.split("|")) for text in _lists(CODES, length=3, delimiter="|")} == {3}
    assert {len(json.loads(text)) for text in _lists(NUMBERS, length=2, as_json=True)} == {2}


def test_faker_values_can_be_items() -> None:
    """A list of names."""
    pytest.importorskip("faker")
    assert all(
        isinstance(name, str)
        for row in _lists({"type": "faker", "provider": "name"}, length=2)
        for name in row
    )
    unique = _lists({"type": "faker", "provider": "random_digit"}, 100, length=9, unique=True)
    assert all(len(set(row)) == 9 for row in unique)


def test_weights_count_in_unique_lists() -> None:
    """An item that is three times as heavy is first about three times as often; a weight of 0 never."""
    rows = _lists({**CODES, "weights": [1, 3, 0, 0]}, 2000, length=1, unique=True)
    firsts = [row[0] for row in rows]
    assert set(firsts) == {"a", "b"}
    assert firsts.count("b") / firsts.count("a") == pytest.approx(3, rel=0.2)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"items": CODES}, "give 'length', or 'max_length'"),
        ({"items": CODES, "min_length": 3, "max_length": 2}, "below 'min_length' 3"),
        ({"items": CODES, "length": 5, "unique": True}, "4 distinct items, too few for lists of 5"),
        ({"items": CODES, "length": 1, "delimiter": ",", "as_json": True}, "not both"),
        ({"items": {**NUMBERS, "distribution": "intgers"}, "length": 1}, "Did you mean 'integers'"),
        (
            {"items": {"type": "generate_vals"}, "length": 1},
            "fabricator: t.columns.c.items: unknown column type",
        ),
        (
            {"items": {**CODES, "chioces": [1]}, "length": 1},
            "fabricator: t.columns.c.items.chioces: unknown key",
        ),
        ({"items": {"type": "copy_column", "source": "s.id", "draw": "d"}, "length": 1}, "remove 'draw'"),
    ],
)
def test_errors_of_lists_name_the_column(column: dict[str, Any], message: str) -> None:
    """Contradictions, and errors of the items."""
    with pytest.raises(FabricationError) as caught:
        _lists(column.pop("items"), **column)
    assert message in str(caught.value)
    assert "fabricator: t.columns.c" in str(caught.value)

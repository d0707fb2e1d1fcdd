"""Columns copied from other tables: rows drawn together, foreign keys, weights and nulls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pd = pytest.importorskip("pandas")

from kedro_matrix_ext.errors import FabricationError  # noqa: E402  after the skip
from kedro_matrix_ext.fabrication import fabricate_datasets  # noqa: E402

PATIENTS: dict[str, Any] = {
    "num_rows": 50,
    "columns": {
        "id": {"type": "generate_unique_id", "prefix": "p"},
        "name": {"type": "generate_values", "choices": ["Ada", "Bo", "Cy"]},
        "age": {
            "type": "generate_random_numbers",
            "distribution": "integers",
            "arguments": {"low": 0, "high": 90},
        },
        "visits": {"type": "generate_values", "choices": [0, 1, 5]},
    },
}


def _copy(column: str, **options: Any) -> dict[str, Any]:
    return {"type": "copy_column", "source": f"patients.{column}", **options}


def _fabricate(columns: dict[str, Any], num_rows: int | None = 100, **table: Any) -> Any:
    rows = {} if num_rows is None else {"num_rows": num_rows}
    made = fabricate_datasets({"seed": 3, "patients": PATIENTS, "t": {**rows, **table, "columns": columns}})
    return made["patients"], made["t"]


def _rows(frame: Any, *columns: str) -> set[tuple[Any, ...]]:
    return set(frame[list(columns)].itertuples(index=False, name=None))


@given(
    seed=st.integers(0, 1000),
    num_rows=st.integers(0, 80),
    sampling=st.sampled_from([None, "in_order", "without_replacement", "with_replacement"]),
    weights=st.sampled_from([None, "visits"]),
)
@settings(max_examples=30, deadline=None)
def test_rows_drawn_together_exist_in_the_source(
    seed: int, num_rows: int, sampling: str | None, weights: str | None
) -> None:
    """However rows are drawn, each copied (id, name, age) is a row of the source; too few are an error."""
    options = {name: value for name, value in (("sampling", sampling), ("weights", weights)) if value}
    group = {"type": "copy_columns", "source": "patients", "columns": ["id", "name", "age"], **options}
    tables = {"seed": seed, "patients": PATIENTS, "t": {"num_rows": num_rows, "columns": {"who": group}}}
    try:
        made = fabricate_datasets(tables)
    except FabricationError as error:
        assert "too few for" in str(error)  # noqa: PT017  only some examples fail
        assert sampling in {"in_order", "without_replacement"}
        return
    assert list(made["t"].columns) == ["id", "name", "age"]
    assert len(made["t"]) == num_rows
    assert _rows(made["t"], "id", "name", "age") <= _rows(made["patients"], "id", "name", "age")


def test_columns_with_one_draw_share_rows_and_others_do_not() -> None:
    """Columns that name a common draw keep their rows; a second draw of the same table is independent."""
    patients, visits = _fabricate(
        {
            "id": _copy("id", draw="patient"),
            "name": _copy("name", draw="patient"),
            "friend": _copy("id", draw="friend"),
            "friend_name": _copy("name", draw="friend"),
        }
    )
    pairs = _rows(patients, "id", "name")
    assert _rows(visits, "id", "name") <= pairs
    assert _rows(visits, "friend", "friend_name") <= pairs
    assert (visits["id"] != visits["friend"]).mean() > 0.9


def test_copied_columns_may_be_renamed() -> None:
    """A mapping gives new names, so that one table can be copied twice."""
    first = {"type": "copy_columns", "source": "patients", "columns": {"a": "id", "a_name": "name"}}
    second = {"type": "copy_columns", "source": "patients", "columns": {"b": "id", "b_name": "name"}}
    patients, pairs = _fabricate({"first": first, "second": second})
    assert list(pairs.columns) == ["a", "a_name", "b", "b_name"]
    assert _rows(pairs, "b", "b_name") <= _rows(patients, "id", "name")
    assert not pairs["a"].equals(pairs["b"])


def test_a_key_keeps_copied_columns_consistent() -> None:
    """Columns with a key are those of the row that it refers to; a null key gives nulls."""
    patients, visits = _fabricate(
        {
            "patient": _copy("id", null_probability=0.2),
            "name": _copy("name", key="patient"),
            "age": _copy("age", key="patient", dtype="Int64"),
        }
    )
    known = visits.dropna(subset=["patient"])
    assert 50 < len(known) < 100
    assert visits.loc[visits["patient"].isna(), ["name", "age"]].isna().all(axis=None)
    assert _rows(known, "patient", "name", "age") <= _rows(patients, "id", "name", "age")


def test_a_key_that_is_not_copied_is_looked_up_by_value() -> None:
    """As a left join: values that the source does not have give nulls."""
    _, visits = _fabricate(
        {
            "patient": {"type": "generate_values", "choices": ["p00000001", "p00000002", "nobody"]},
            "name": _copy("name", key={"patient": "id"}),
        }
    )
    assert visits["name"].isna().equals(visits["patient"] == "nobody")
    assert (visits.groupby("patient")["name"].nunique(dropna=False) == 1).all()


def test_a_side_of_a_cross_product_can_be_a_key() -> None:
    """Every patient with every site, and the patient's name next to the identifier."""
    patients, visits = _fabricate(
        {
            "patient": {"type": "cross_product", "source": "patients.id"},
            "site": {"type": "cross_product", "values": ["N", "S"]},
            "name": _copy("name", key="patient"),
        },
        num_rows=None,
    )
    assert len(visits) == 100
    assert _rows(visits, "patient", "name") == _rows(patients, "id", "name")


def test_weights_decide_how_often_rows_are_drawn() -> None:
    """A weight of 0 is never drawn, and a weight of 5 five times as often as 1."""
    _, visits = _fabricate({"visits": _copy("visits", weights="visits")}, num_rows=5000)
    patients, _ = _fabricate({"id": _copy("id")})
    expected = patients["visits"][patients["visits"] > 0].value_counts() * [1, 1]
    ratio = (visits["visits"] == 5).sum() / (visits["visits"] == 1).sum()
    assert set(visits["visits"]) == {1, 5}
    assert ratio == pytest.approx(5 * expected[5] / expected[1], rel=0.2)


def test_nulls_of_a_draw_are_in_the_same_rows() -> None:
    """A row that was not drawn is null in every column of the draw."""
    group = {"type": "copy_columns", "source": "patients", "columns": ["id", "name"], "null_probability": 0.3}
    _, visits = _fabricate({"who": group})
    assert visits["id"].isna().equals(visits["name"].isna())
    assert 10 < visits["id"].isna().sum() < 50


def test_inputs_of_derived_columns_may_be_of_other_tables() -> None:
    """``table.column`` of the same table is its column; of another table it is drawn."""
    patients, visits = _fabricate(
        {
            "kind": {"type": "generate_values", "choices": ["x", "y"]},
            "twice": {"type": "row_apply", "function": "operator.add", "input_columns": ["t.kind", "kind"]},
            "age": {"type": "row_apply", "function": "builtins.int", "input_columns": ["patients.age"]},
        }
    )
    assert (visits["twice"] == visits["kind"] * 2).all()
    assert set(visits["age"]) <= set(patients["age"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": _copy("id", draw="d"), "b": _copy("id", draw="d", sampling="in_order")}, "'sampling' differs"),
        (
            {"a": _copy("id", draw="d"), "b": {"type": "copy_column", "source": "other.id", "draw": "d"}},
            "draw 'd' takes rows of 'patients', not of 'other'",
        ),
        ({"a": _copy("id"), "b": _copy("name", key="a", draw="d")}, "'key' decides the rows"),
        ({"a": _copy("id"), "b": _copy("name", key="aa")}, "no column 'aa'. Did you mean 'a'"),
        (
            {"k": {"type": "generate_values", "choices": [1]}, "b": _copy("name", key="k")},
            "has no column 'k'",
        ),
        ({"a": _copy("id", weights="vists")}, "no column 'vists'. Did you mean 'visits'"),
        ({"a": _copy("id", weights="name")}, "the weights in 'name' are not numbers"),
        (
            {"id": _copy("id"), "g": {"type": "copy_columns", "source": "patients", "columns": ["id"]}},
            "column 'id' is declared twice",
        ),
        ({"g": {"type": "copy_columns", "source": "patients", "columns": ["idd"]}}, "no column 'idd'"),
        (
            {"a": {"type": "row_apply", "function": "math.sin", "input_columns": ["patient.age"]}},
            "'patients'",
        ),
    ],
)
def test_errors_of_copies_name_the_column(columns: dict[str, Any], message: str) -> None:
    """Contradictions and unknown names are errors with the column's path."""
    other = {"num_rows": 100, "columns": {"id": {"type": "generate_unique_id"}}}
    with pytest.raises(FabricationError) as caught:
        fabricate_datasets({"patients": PATIENTS, "other": other, "t": {"num_rows": 9, "columns": columns}})
    assert message in str(caught.value)
    assert "fabricator: t" in str(caught.value)

"""What ``kedro matrix fabricate --dry-run`` shows of tables, and the keys that it warns of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pd = pytest.importorskip("pandas")

from kedro_matrix_ext.fabrication.description import describe_tables, find_broken_keys  # noqa: E402
from kedro_matrix_ext.fabrication.parsing import parse_fabrication  # noqa: E402
from kedro_matrix_ext.fabrication.tables import make_frames  # noqa: E402

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

CUSTOMERS: dict[str, Any] = {
    "num_rows": 30,
    "columns": {
        "id": {"type": "generate_unique_id", "prefix": "c"},
        "name": {"type": "generate_values", "choices": list("abcdefgh")},
        "number": {
            "type": "generate_random_numbers",
            "distribution": "normal",
        },
    },
}


def _warnings(**columns: Any) -> list[str]:
    fabrication = parse_fabrication({"customers": CUSTOMERS, "orders": {"num_rows": 90, "columns": columns}})
    return list(find_broken_keys(fabrication, make_frames(fabrication, {})))


def _copy(column: str, **options: Any) -> dict[str, Any]:
    return {"type": "copy_column", "source": f"customers.{column}", **options}


@pytest.mark.parametrize(
    ("columns", "warning"),
    [
        (
            {"customer_id": {"type": "generate_unique_id", "prefix": "x"}},
            "orders.customer_id: 90 of 90 values",
        ),
        ({"customer_id": {"type": "generate_values", "choices": ["c00000001", "x"]}}, "not in customers.id"),
        ({"who": _copy("id", null_probability=0.5, null_value="none")}, "orders.who: "),
        ({"id": _copy("id"), "name": _copy("name")}, "'id' and 'name' are copied from different rows"),
    ],
)
def test_keys_that_do_not_join_are_reported(columns: dict[str, Any], warning: str) -> None:
    """Keys that are generated instead of copied, values lost on the way, and rows that are mixed."""
    (found,) = _warnings(**columns)
    assert warning in found


def test_keys_that_join_are_not_reported() -> None:
    """Copied keys, with nulls or without, and columns that share a draw or follow a key."""
    assert not _warnings(
        customer_id=_copy("id", null_probability=0.3),
        name=_copy("name", key="customer_id"),
        second=_copy("id", draw="s"),
        second_name=_copy("name", draw="s"),
        third=_copy("id"),
    )


def test_every_type_of_column_has_an_origin() -> None:
    """In a few words, with the names that the column was declared with."""
    columns: dict[str, Any] = {
        "product": {"type": "cross_product", "source": "customers.id"},
        "side": {"type": "cross_product", "values": [1, 2]},
        "fake": {"type": "faker", "provider": "name"},
        "dates": {"type": "generate_dates", "start_dt": "2024-01-01", "end_dt": "2024-02-01"},
        "lists": {
            "type": "generate_lists",
            "items": {"type": "generate_values", "choices": [1]},
            "length": 1,
        },
        "mapped": {"type": "map_values", "input_column": "side", "mapping": {}},
        "hashed": {"type": "hash_map", "input_column": "side", "buckets": [1]},
        "applied": {"type": "row_apply", "function": "operator.neg", "input_columns": ["side"]},
        "name": _copy("name", key="product"),
        "drawn": _copy("name", draw="d"),
    }
    pytest.importorskip("faker")
    fabrication = parse_fabrication({"customers": CUSTOMERS, "t": {"columns": columns}})
    customers, table = describe_tables(fabrication, make_frames(fabrication, {}))
    assert [one.origin for one in customers.columns] == [
        "identifiers with c",
        "one of 8 choices",
        "normal distribution",
    ]
    assert {one.name: one.origin for one in table.columns} == {
        "product": "every value of customers.id",
        "side": "every one of 2 values",
        "fake": "faker name",
        "dates": "dates from 2024-01-01 to 2024-02-01",
        "lists": "lists of one of 1 choices",
        "mapped": "mapped from side",
        "hashed": "buckets of side",
        "applied": "operator.neg(side)",
        "name": "customers.name of the row of product",
        "drawn": "copied from customers.name, draw d",
    }
    assert table.rows == 60


REGISTRY = """
from kedro_matrix_ext.fabrication import create_fabricator_pipeline


def register_pipelines():
    cars = create_fabricator_pipeline({"cars": "raw_cars"})
    sales = create_fabricator_pipeline(
        ["sales"], parameters="params:sales", sources={"cars": "raw_cars"}, name="fabricate_sales"
    )
    return {"__default__": cars, "more": cars + sales}
"""
PARAMETERS = """
fabricator:
  cars:
    num_rows: 3
    columns:
      id: {type: generate_unique_id, prefix: car-}
sales:
  sales:
    num_rows: 5
    columns:
      car_id: {type: generate_values, choices: [car-1]}
      car: {type: copy_column, source: cars.id, null_probability: 0.5}
"""


@pytest.mark.project
def test_the_command_shows_tables_and_writes_nothing(project: KedroProject) -> None:
    """Rows, columns, dtypes, origins and warnings; later nodes get the frames of earlier ones."""
    pytest.importorskip("kedro_datasets")
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/parameters.yml", PARAMETERS)
    project.write("conf/base/catalog.yml", "raw_cars: {type: pandas.CSVDataset, filepath: cars.csv}\n")
    shown = project.kedro("matrix", "fabricate", "--dry-run").stdout
    assert "cars: 3 rows (dataset raw_cars)" in shown
    assert "sales: 5 rows" in shown
    assert "copied from cars.id" in shown
    assert "warning: sales.car_id: 5 of 5 values are not in cars.id" in shown
    assert not (project.path / "cars.csv").exists()
    refused = project.kedro("matrix", "fabricate", check=False)
    assert refused.returncode == 2
    assert "kedro run" in refused.stderr
    unknown = project.kedro("matrix", "fabricate", "--dry-run", "-p", "mor", check=False)
    assert "Did you mean 'more'" in unknown.stdout + unknown.stderr

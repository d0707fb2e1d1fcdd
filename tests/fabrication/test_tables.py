"""Tables that refer to each other, seeds, and the errors of a declaration."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

pd = pytest.importorskip("pandas")

from kedro_matrix_ext.errors import FabricationError  # noqa: E402  after the skip
from kedro_matrix_ext.fabrication import create_fabricator_pipeline, fabricate_datasets  # noqa: E402

ID = {"type": "generate_unique_id", "prefix": "c"}
NUMBER = {"type": "generate_random_numbers"}
VALUES = {"type": "generate_values", "choices": [1]}
MAPPED = {"type": "map_values", "input_column": "y", "mapping": {}}
TABLES: dict[str, Any] = {
    "seed": 11,
    "orders": {
        "num_rows": 40,
        "columns": {"customer": {"type": "copy_column", "source": "customers.id"}, "price": NUMBER},
    },
    "audit": {"num_rows": "@orders.num_rows", "columns": {"n": NUMBER}},
    "customers": {"num_rows": 8, "columns": {"id": ID}},
}


def test_tables_are_made_in_the_order_of_their_references() -> None:
    """A table may refer to one that is declared later."""
    made = fabricate_datasets(TABLES)
    assert set(made) == {"orders", "audit", "customers"}
    assert made["orders"]["customer"].isin(made["customers"]["id"]).all()
    assert len(made["audit"]) == 40


def test_existing_frames_can_be_referred_to() -> None:
    """Frames that are passed in are neither changed nor returned."""
    plants = pd.DataFrame({"name": ["oak", "elm"]})
    columns = {"plant": {"type": "copy_column", "source": "plants.name"}}
    made = fabricate_datasets({"t": {"columns": columns}}, plants=plants)
    assert list(made) == ["t"]
    assert list(made["t"]["plant"]) == ["oak", "elm"]
    with pytest.raises(FabricationError, match="'plants' has no column 'nam'") as caught:
        fabricate_datasets(
            {"t": {"columns": {"p": {"type": "copy_column", "source": "plants.nam"}}}}, plants=plants
        )
    assert "Did you mean 'name'?" in str(caught.value)


@pytest.mark.parametrize(
    ("sampling", "num_rows", "expected"),
    [
        ("in_order", 3, "prefix"),
        ("without_replacement", 8, "permutation"),
        (None, 8, "same"),
        (None, 30, "subset"),
    ],
)
def test_copies_are_sampled_as_declared(sampling: str | None, num_rows: int, expected: str) -> None:
    """In order, as a permutation, or with replacement if the lengths differ."""
    column = {"type": "copy_column", "source": "customers.id", **({"sampling": sampling} if sampling else {})}
    made = fabricate_datasets({**TABLES, "t": {"num_rows": num_rows, "columns": {"c": column}}})
    ids, copied = list(made["customers"]["id"]), list(made["t"]["c"])
    assert {
        "prefix": copied == ids[:num_rows],
        "permutation": sorted(copied) == ids and copied != ids,
        "same": copied == ids,
        "subset": set(copied) <= set(ids) and len(copied) == num_rows,
    }[expected]


@pytest.mark.long
def test_the_same_seed_gives_the_same_frames_in_any_process() -> None:
    """The frames do not depend on the process or its hash seed."""
    code = f"""
import pandas as pd
from kedro_matrix_ext.fabrication import fabricate_datasets
made = fabricate_datasets({TABLES!r})
print({{name: int(pd.util.hash_pandas_object(frame).sum()) for name, frame in sorted(made.items())}})
"""
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    other = fabricate_datasets({**TABLES, "seed": 12})
    assert not other["orders"].equals(fabricate_datasets(TABLES)["orders"])


def test_a_new_column_does_not_change_the_others() -> None:
    """Each column has its own random stream."""
    before = fabricate_datasets(TABLES)["orders"]
    columns = {"new": NUMBER, **TABLES["orders"]["columns"]}
    after = fabricate_datasets({**TABLES, "orders": {"num_rows": 40, "columns": columns}})["orders"]
    assert after[list(before.columns)].equals(before)


def test_all_errors_are_reported_together() -> None:
    """One error lists them, each with its path and the likely typo."""
    bad = {
        "seed": -1,
        "a": {"num_rows": "many", "columns": {"x": {"type": "generte_values"}}},
        "b": {"columns": {"x": {"type": "generate_values", "chioces": [1]}, "y": {}}},
        "c": {
            "num_rows": 1,
            "columns": {"x": {"type": "generate_values", "choices": [1], "weights": [1, 2]}},
        },
        "d": {
            "num_rows": 200,
            "columns": {
                "numbers": {**NUMBER, "distribution": "norml"},
                "arguments": {**NUMBER, "arguments": {"sigma": 1}},
                "dates": {"type": "generate_dates", "start_dt": "soon", "end_dt": "2024-01-01"},
                "ids": {"type": "generate_unique_id", "id_length": 2},
                "refused": {"type": "row_apply", "function": "os.system", "input_columns": ["ids"]},
                "copied": {"type": "copy_column", "source": "plants.nam"},
                "derived": {**MAPPED, "input_column": "idz"},
                "cast": {**VALUES, "dtype": "int65"},
            },
        },
        "e": {"num_rows": "@f.num_rows", "columns": {"broken": {}, "far": {**NUMBER, "distribution": "x"}}},
    }
    with pytest.raises(FabricationError) as caught:
        fabricate_datasets(bad, plants=pd.DataFrame({"name": ["oak"]}))
    text = str(caught.value)
    for part in (
        "fabricator: seed: -1",
        "fabricator: a.num_rows: 'many'",
        "Did you mean 'generate_values'",
        "fabricator: b.columns.x.chioces",
        "fabricator: b.columns.y: no 'type'",
        "2 weights for 1 choices",
        "fabricator: d.columns.numbers: numpy.random.Generator has no distribution 'norml'. Did you mean",
        "fabricator: d.columns.arguments: 'Generator.uniform' raised TypeError",
        "fabricator: d.columns.dates: no dates from 'soon'",
        "fabricator: d.columns.ids: 2 digits and 1 prefixes make 100 identifiers, too few for 200 rows",
        "fabricator: d.columns.refused: ",
        "fabricator: d.columns.copied: table 'plants' has no column 'nam'. Did you mean 'name'",
        "fabricator: d.columns.derived: table 'd' has no column 'idz'. Did you mean 'ids'",
        "fabricator: d.columns.cast: there is no dtype 'int65'",
        "fabricator: e.columns.broken: no 'type'",
        "fabricator: e.columns.far: numpy.random.Generator has no distribution 'x'",
    ):
        assert part in text, part


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"t": {"num_rows": "@u.num_rows", "columns": {"x": NUMBER}}}, "there is no table 'u'"),
        ({"t": {"columns": {"x": {"type": "copy_column", "source": "u.a"}}}}, "there is no table 'u'"),
        ({"t": {"num_rows": 1, "columns": {"x": {"type": "copy_column", "source": "t2.a"}}}}, "t2"),
        (
            {
                "t": {
                    "num_rows": 1,
                    "columns": {"x": {"type": "map_values", "input_column": "y", "mapping": {}}},
                }
            },
            "table 't' has no column 'y'",
        ),
        (
            {
                "t": {"num_rows": "@u.num_rows", "columns": {"x": NUMBER}},
                "u": {"num_rows": "@t.num_rows", "columns": {"x": NUMBER}},
            },
            "tables refer to each other in a cycle: t -> u -> t",
        ),
        (
            {
                "t": {
                    "num_rows": 1,
                    "columns": {
                        "x": {"type": "hash_map", "input_column": "y", "buckets": [1]},
                        "y": {"type": "hash_map", "input_column": "x", "buckets": [1]},
                    },
                }
            },
            "columns refer to each other in a cycle: x -> y -> x",
        ),
        ({"t": {"columns": {"x": NUMBER}}}, "does not say how many rows it has"),
    ],
)
def test_a_reference_to_nothing_is_an_error(tables: dict[str, Any], message: str) -> None:
    """Unknown tables and columns, cycles, and a table without a length."""
    with pytest.raises(FabricationError) as caught:
        fabricate_datasets(tables)
    assert message in str(caught.value)


def test_the_pipeline_reads_parameters_and_writes_datasets() -> None:
    """One node reads the parameter and writes a dataset for each table, also under other names."""
    made = create_fabricator_pipeline(
        {"cars": "raw_cars"}, parameters="params:fab", sources={"plants": "plants"}
    )
    assert made.inputs() == {"params:fab", "plants"}
    assert made.outputs() == {"raw_cars"}

"""Another fabricator's YAML in our vocabulary: every kind of column, comments, and what is reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

pd = pytest.importorskip("pandas")

from kedro_matrix_ext.errors import FabricationError  # noqa: E402  after the skip
from kedro_matrix_ext.fabrication import fabricate_datasets  # noqa: E402
from kedro_matrix_ext.fabrication.conversion.convert import Conversion, convert_fabricator  # noqa: E402

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

CLINIC = Path(__file__).with_name("clinic.yml")


def _convert(text: str) -> Conversion:
    return convert_fabricator(text, file="tables.yml", module="shop.fabrication_functions")


def _convert_column(
    column: dict[str, Any], *, flow: bool, num_rows: int = 9
) -> tuple[dict[str, Any], Conversion]:
    data = {"t": {"num_rows": num_rows, "columns": {"c": column}}}
    converted = _convert(yaml.safe_dump(data, default_flow_style=flow, sort_keys=False, width=10**6))
    after: dict[str, Any] = yaml.safe_load(converted.text)["t"]["columns"]["c"]
    return after, converted


COLUMNS = [
    (
        {
            "type": "faker",
            "provider": "name",
            "localisation": "de_DE",
            "provider_args": {"a": 1},
            "faker_seed": 3,
        },
        {"type": "faker", "provider": "name", "locale": "de_DE", "arguments": {"a": 1}},
    ),
    (
        {"type": "numpy_random", "loc": 1, "distribution": "normal", "scale": 2, "dtype": "Int64", "seed": 4},
        {
            "type": "generate_random_numbers",
            "arguments": {"loc": 1, "scale": 2},
            "distribution": "normal",
            "dtype": "Int64",
        },
    ),
    (
        {"type": "generate_values", "sample_values": ["a", "b"], "sort_values": True},
        {"type": "generate_values", "choices": ["a", "b"], "sorted": True},
    ),
    (
        {"type": "generate_values", "sample_values": {"a": 1, "b": 3}},
        {"type": "generate_values", "choices": ["a", "b"], "weights": [1, 3]},
    ),
    (
        {"type": "generate_values", "sample_values": list(range(9))},
        {"type": "generate_values", "unique": True, "choices": list(range(9))},
    ),
    (
        {"type": "generate_random_arrays", "sample_values": [1, 2, 3], "length": 5},
        {
            "type": "generate_lists",
            "unique": True,
            "items": {"type": "generate_values", "choices": [1, 2, 3]},
            "length": 3,
        },
    ),
    (
        {
            "type": "generate_random_arrays",
            "sample_values": {"a": 1},
            "allow_duplicates": True,
            "max_length": 5,
        },
        {
            "type": "generate_lists",
            "items": {"type": "generate_values", "choices": ["a"], "weights": [1]},
            "max_length": 5,
        },
    ),
    (
        {"type": "generate_random_arrays", "sample_values": "u.id", "max_length": 2, "to_json": True},
        {
            "type": "generate_lists",
            "unique": True,
            "items": {"type": "copy_column", "source": "u.id"},
            "max_length": 2,
            "as_json": True,
        },
    ),
    (
        {"type": "map_values", "input_column": "t.x", "mapping": {"a": 1}, "default_value": 0, "seed": 1},
        {"type": "map_values", "input_column": "t.x", "mapping": {"a": 1}, "default": 0},
    ),
    (
        {"type": "generate_dates", "start_dt": "a", "end_dt": "b", "freq": "M", "sort_dates": False},
        {"type": "generate_dates", "start_dt": "a", "end_dt": "b", "freq": "M"},
    ),
    (
        {
            "type": "column_apply",
            "input_columns": ["t.x"],
            "column_func": "numpy.cumsum",
            "column_func_kwargs": {},
        },
        {"type": "column_apply", "input_columns": ["t.x"], "function": "numpy.cumsum", "arguments": {}},
    ),
    (
        {
            "type": "column_apply",
            "input_columns": ["u.a", "u.b"],
            "column_func": "fabrication.cross_product",
            "column_func_kwargs": {"position": 1},
            "check_all_inputs_same_length": False,
            "resize": True,
        },
        {"type": "cross_product", "source": "u.b"},
    ),
    (
        {"type": "copy_column", "source_column": "u.id", "sample": {"num_rows": 3, "seed": 1}},
        {"type": "copy_column", "source": "u.id", "sampling": "with_replacement"},
    ),
    (
        {"type": "copy_column", "source_column": "u.id", "inject_nulls": {"probability": 0.5, "value": "x"}},
        {
            "type": "copy_column",
            "sampling": "in_order",
            "source": "u.id",
            "null_probability": 0.5,
            "null_value": "x",
        },
    ),
]


@pytest.mark.parametrize("flow", [False, True], ids=["block", "flow"])
@pytest.mark.parametrize(("old", "new"), COLUMNS)
def test_a_column_is_converted(old: dict[str, Any], new: dict[str, Any], flow: bool) -> None:  # noqa: FBT001
    """Each kind of column, written in lines or in braces."""
    after, converted = _convert_column(old, flow=flow)
    assert after == new
    assert not [note for note in converted.notes if "new file" in note]


@given(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=5), st.booleans(), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_columns_are_converted_next_to_each_other(
    columns: list[Any],
    flow: bool,  # noqa: FBT001  Hypothesis passes it
    indent: int,
) -> None:
    """Any columns, in any layout: the edits of one do not touch the others."""
    old = {"t": {"num_rows": 9, "columns": {f"c{number}": old for number, (old, _) in enumerate(columns)}}}
    text = yaml.safe_dump(old, default_flow_style=flow, sort_keys=False, indent=indent + 1)
    after = yaml.safe_load(_convert(text).text)["t"]["columns"]
    copies = sum(old["type"] == "copy_column" and "sample" in old for old, _ in columns)
    expected = {f"c{number}": dict(new) for number, (_, new) in enumerate(columns)}
    if copies > 1:  # equal seeds are a common draw
        for number, (old_column, _) in enumerate(columns):
            if "sample" in old_column:
                expected[f"c{number}"]["draw"] = "u_1"
    assert after == expected


def test_comments_and_layout_stay() -> None:
    """Every comment of the file is in the converted one, and lines that need no change are equal."""
    before = CLINIC.read_text().splitlines()
    after = _convert(CLINIC.read_text()).text.splitlines()
    comments = {line[line.index("#") :] for line in before if "#" in line}
    assert comments == {line[line.index("#") :] for line in after if "#" in line}
    assert "          prefixes:" in after


def test_equal_seeds_become_a_common_draw() -> None:
    """Columns that were sampled with one seed came from the same rows; others did not."""
    columns = yaml.safe_load(_convert(CLINIC.read_text()).text)["fabricator"]["clinic"]["visits"]["columns"]
    assert columns["patient"]["draw"] == columns["patient_name"]["draw"] == "patients_99"
    assert "draw" not in columns["other"]


@pytest.mark.parametrize(
    ("column", "note"),
    [
        (
            {"type": "row_apply", "input_columns": ["t.x"], "row_func": "shout"},
            "'shout' is not an import path",
        ),
        ({"type": "row_apply", "input_columns": ["t.x"], "row_func": "lambda a b"}, "is not an import path"),
        ({"type": "row_apply", "input_columns": ["t.x"], "row_func": "lambda: 1"}, "does not take 1 values"),
        ({"type": "row_apply", "input_columns": ["t.x"], "row_func": "lambda a: LIMIT"}, "uses 'LIMIT'"),
        (
            {"type": "row_apply", "input_columns": ["x"], "row_func": "lambda a: random.random()"},
            "random numbers",
        ),
        ({"type": "generate_random_arrays", "sample_values": "u.id"}, "no 'max_length'"),
        (
            {"type": "column_apply", "input_columns": ["t.x"], "column_func": "cross_product"},
            "the same table",
        ),
        ({"type": "graph_walk", "steps": 3}, "graph_walk"),
        ({"type": "faker", "provider": "name", "flavour": 1}, "columns.c.faker.flavour: unknown key"),
        ({"type": "copy_column", "source_column": "u.id"}, "sources={'u': <dataset>}"),
    ],
)
def test_what_cannot_be_converted_is_listed(column: dict[str, Any], note: str) -> None:
    """With the line of the column, or of the new file."""
    _, converted = _convert_column(column, flow=False)
    assert note in "\n".join(converted.notes)


def test_a_file_without_tables_is_an_error() -> None:
    """And so is one that is not YAML."""
    with pytest.raises(FabricationError, match="no tables"):
        _convert("a: {b: 1}\n")
    with pytest.raises(FabricationError, match="not valid YAML"):
        _convert("a: [\n")


@pytest.mark.project
def test_a_project_is_converted_and_its_tables_made(project: KedroProject) -> None:
    """``kedro matrix init --fabricator`` writes the tables and the functions; both then make data."""
    pytest.importorskip("faker")
    project.write("conf/base/parameters_fabricator.yml", CLINIC.read_text())
    shown = project.kedro(
        "matrix", "init", "--fabricator", "conf/base/parameters_fabricator.yml", "--dry-run"
    )
    assert "+          function: shop.fabrication_functions.patients_heavy" in shown.stdout
    assert project.read("conf/base/parameters_fabricator.yml") == CLINIC.read_text()
    project.kedro("matrix", "init", "--fabricator", "conf/base/parameters_fabricator.yml", "--yes")
    assert "return math.floor(weight) > 80" in project.read("src/shop/fabrication_functions.py")
    done = project.python(
        """
import sys; sys.path.insert(0, "src")
import yaml
from kedro_matrix_ext.fabrication import fabricate_datasets
tables = yaml.safe_load(open("conf/base/parameters_fabricator.yml"))["fabricator"]["clinic"]
made = fabricate_datasets(tables)
print({name: frame.shape for name, frame in made.items()})
pairs = set(zip(made["patients"]["id"], made["patients"]["name"]))
print(set(zip(made["visits"]["patient"], made["visits"]["patient_name"])) <= pairs)
"""
    )
    assert "'patients': (60, 10)" in done.stdout
    assert done.stdout.strip().endswith("True")


def test_converted_tables_make_frames() -> None:
    """The whole file but its lambda, in this process."""
    tables = yaml.safe_load(_convert(CLINIC.read_text()).text)["fabricator"]["clinic"]
    tables["patients"]["columns"].pop("heavy")
    pytest.importorskip("faker")
    made = fabricate_datasets(tables)
    assert made["rooms"].shape == (4, 2)
    assert made["patients"]["id"].str.len().eq(24).all()

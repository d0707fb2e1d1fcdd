"""A csv or tsv file in another dialect: the same for every engine, and the same as Python's csv module."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import DatasetError
from tests.catalog.frames import ENGINES, make_frame, rows_of

from kedro_matrix_ext.catalog import expand_transcoding
from kedro_matrix_ext.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMNS = ["id", "text"]
ROWS = [{"id": 1, "text": "a;b\t'c'"}, {"id": 2, "text": "Größe, €"}, {"id": 3, "text": 'say "x"'}]
PLAIN = [{"id": 1, "text": "a"}, {"id": 2, "text": "Größe"}]
DIALECTS: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    ("csv", {}, ROWS),
    ("csv", {"delimiter": ";"}, ROWS),
    ("csv", {"delimiter": "|", "encoding": "cp1252"}, ROWS),
    ("csv", {"encoding": "latin-1"}, PLAIN),
    ("csv", {"encoding": "utf-16"}, ROWS),
    ("csv", {"quoting": "all"}, ROWS),
    ("csv", {"quoting": "none", "delimiter": ";"}, PLAIN),
    ("csv", {"header": False, "columns": COLUMNS}, ROWS),
    ("tsv", {}, ROWS),
    ("tsv", {"encoding": "cp1252", "header": False, "columns": COLUMNS, "quoting": "all"}, ROWS),
]


@pytest.mark.parametrize("reader", ENGINES)
@pytest.mark.parametrize("writer", ENGINES)
def test_every_engine_reads_what_every_engine_writes(
    make: Callable[..., Any], writer: str, reader: str
) -> None:
    """In each dialect, with text that needs quotes where the dialect has them."""
    for number, (file_format, dialect, rows) in enumerate(DIALECTS):
        arguments = {"dialect": dialect} if dialect else {}
        make(writer, file_format, str(number), **arguments).save(make_frame(writer, rows, COLUMNS))
        loaded = make(reader, file_format, str(number), **arguments).load()
        assert rows_of(loaded) == rows, dialect


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_files_of_others_are_read(
    make: Callable[..., Any], tmp_path: Path, engine: str, encoding: str
) -> None:
    """A file by Python's csv module, with quotes all over, by each engine."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([[row["id"], row["text"]] for row in ROWS])
    (tmp_path / "table").write_bytes(text.getvalue().encode(encoding))
    dialect = {"delimiter": ";", "encoding": encoding, "header": False, "columns": COLUMNS}
    assert rows_of(make(engine, "csv", dialect=dialect).load()) == ROWS


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_without_header_and_names_has_numbered_columns(
    make: Callable[..., Any], tmp_path: Path, engine: str
) -> None:
    """The same names in every engine; a frame with others is refused, as they would be lost."""
    (tmp_path / "table").write_text("1,a\n2,b\n")
    dataset = make(engine, "csv", dialect={"header": False})
    assert list(dataset.load().columns) == ["column_0", "column_1"]
    with pytest.raises(DatasetError, match="Write the names as 'columns'"):
        dataset.save(make_frame(engine, PLAIN, COLUMNS))


@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_text_that_a_dialect_cannot_keep_is_refused(
    make: Callable[..., Any], tmp_path: Path, engine: str
) -> None:
    """A character without code, a delimiter without quotes, an empty text without quotes."""
    for dialect, text in (
        ({"encoding": "cp1252"}, "日本"),
        ({"quoting": "none"}, "a,b"),
        ({"quoting": "none"}, ""),
    ):
        with pytest.raises(DatasetError, match="dialect"):
            make(engine, "csv", dialect=dialect).save(make_frame(engine, [{"id": 1, "text": text}], COLUMNS))
    (tmp_path / "table").write_bytes("id,text\n1,Größe\n".encode("cp1252"))
    with pytest.raises(DatasetError, match="'text' is not in encoding 'utf-8'"):
        make(engine, "csv").load()
    (tmp_path / "table").write_bytes(b"id,text\n1,\x81\n")
    with pytest.raises(DatasetError, match="not in encoding 'cp1252'"):
        make(engine, "csv", dialect={"encoding": "cp1252"}).load()


ENTRY = {"transcode": ["pandas", "spark"], "format": "csv", "filepath": "x.csv"}


def test_an_entry_gives_its_dialect_to_every_engine() -> None:
    """Under one key, for all of them."""
    made = expand_transcoding({"t": {**ENTRY, "dialect": {"delimiter": ";"}}})
    assert [entry["dialect"] for entry in made.values()] == [{"delimiter": ";"}] * 2


@pytest.mark.parametrize(
    ("change", "place", "remedy"),
    [
        ({"dialect": {"delimeter": ";"}}, "dialect.delimeter", "Did you mean 'delimiter'?"),
        ({"dialect": {"delimiter": ";;"}}, "dialect.delimiter", "one character"),
        ({"dialect": {"encoding": "cp12525"}}, "dialect.encoding", "cp1252"),
        ({"dialect": {"header": 0}}, "dialect.header", "true or false"),
        ({"dialect": {"quoting": "some"}}, "dialect.quoting", "'minimal'"),
        ({"dialect": {"columns": ["a"]}}, "dialect.columns", "header: false"),
        ({"dialect": {"columns": "a", "header": False}}, "dialect.columns", "a list of names"),
        ({"dialect": ";"}, "dialect", "delimiter"),
        ({"dialect": {}, "format": "parquet"}, "dialect", "Only 'csv' and 'tsv'"),
        ({"format": "parquets"}, "format", "Did you mean 'parquet'?"),
        ({"format": "sql"}, "format", "pandas.SQLTableDataset"),
        ({"table_name": "x"}, "table_name", "pandas.SQLTableDataset"),
        ({"format": "Postgres"}, "format", "pandas.SQLTableDataset"),
        ({"format": "partitions"}, "format", "partitions.PartitionedDataset"),
        ({"filename_suffix": ".csv"}, "filename_suffix", "partitions.PartitionedDataset"),
        ({"partition_by": "id"}, "partition_by", "partitions.PartitionedDataset"),
        ({"sep": ";"}, "sep", "'delimiter' below 'dialect'"),
        ({"encoding": "cp1252"}, "encoding", "'encoding' below 'dialect'"),
    ],
)
def test_what_an_entry_cannot_do_is_said_with_what_to_write(
    change: dict[str, Any], place: str, remedy: str
) -> None:
    """A wrong dialect, another engine or format, partitions and SQL."""
    with pytest.raises(CatalogError) as caught:
        expand_transcoding({"t": {**ENTRY, **change}})
    assert caught.value.config_path == f"catalog: t.{place}"
    assert remedy in str(caught.value.hint)
    assert "Did you mean 'spark'" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("transcode", [engine]) for engine in ("dask", "duckdb", "modin", "cudf", "ray")),
        *(("format", name) for name in ("avro", "orc", "excel", "feather", "iceberg")),
    ],
)
def test_another_engine_or_format_is_answered_with_how_to_add_it(key: str, value: Any) -> None:
    """And with those that exist, not with a distant neighbour."""
    with pytest.raises(CatalogError) as caught:
        expand_transcoding({"t": {**ENTRY, key: value}})
    hint = str(caught.value.hint)
    assert caught.value.config_path == f"catalog: t.{key}"
    assert "add_engine_format()" in hint
    assert "docs/how-to/transcoding.md" in hint
    assert "Did you mean" not in hint

"""What one engine saves, every other loads: the same values, of the same types."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import DatasetError
from kedro.io.core import Version
from tests.catalog.frames import (
    COLUMNS,
    ENGINES,
    FORMATS,
    KEPT,
    NAMES,
    PANDAS_TYPES,
    ROWS,
    expected_rows,
    expected_types,
    make_frame,
    rows_of,
    types_of,
)

from kedro_matrix_ext.catalog import datasets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.object_storage import ObjectStorage


@pytest.mark.parametrize("reader", ENGINES)
@pytest.mark.parametrize("writer", ENGINES)
@pytest.mark.parametrize("file_format", FORMATS)
def test_what_one_engine_saves_every_engine_loads(
    make: Callable[..., Any], file_format: str, writer: str, reader: str
) -> None:
    """Values and types are the same, with nulls, timestamps with and without zone, and lists."""
    columns = KEPT[file_format]
    make(writer, file_format).save(make_frame(writer, ROWS, columns))
    loaded = make(reader, file_format).load()
    assert rows_of(loaded) == expected_rows(columns)
    assert types_of(loaded) == expected_types(reader, columns)


@pytest.mark.parametrize("reader", ["pandas", "polars"])
@pytest.mark.parametrize("writer", ["pandas", "polars"])
def test_delta_is_kept_by_pandas_and_polars(make: Callable[..., Any], writer: str, reader: str) -> None:
    """A delta table is read back, and overwritten with other columns."""
    pytest.importorskip("deltalake", reason="deltalake is not installed")
    make(writer, "delta").save(make_frame(writer, ROWS, COLUMNS))
    loaded = make(reader, "delta").load()
    assert rows_of(loaded) == expected_rows(COLUMNS)
    assert types_of(loaded) == expected_types(reader, COLUMNS)
    make(reader, "delta").save(make_frame(reader, ROWS[:1], ["id", "text"]))
    assert rows_of(make(writer, "delta").load()) == expected_rows(["id", "text"], ROWS[:1])
    assert len(make(writer, "delta", load_args={"version": 0}).load()) == len(ROWS)


@pytest.mark.parametrize("reader", ENGINES)
@pytest.mark.parametrize("writer", ENGINES)
def test_empty_frames_keep_what_their_format_keeps(
    make: Callable[..., Any], writer: str, reader: str
) -> None:
    """Parquet keeps the types of no rows (pandas' objects have none), csv the names, json nothing."""
    columns = [name for name in COLUMNS if writer != "pandas" or PANDAS_TYPES[name] != "object"]
    for file_format in FORMATS:
        make(writer, file_format, file_format).save(
            make_frame(writer, [], [one for one in columns if one in KEPT[file_format]])
        )
    parquet, csv, json = (types_of(make(reader, one, one).load()) for one in FORMATS)
    expected = expected_types(reader, columns)
    if reader == "pandas":
        expected |= {"count": "int64", "known": "bool"}
    assert parquet == expected
    assert list(csv) == [name for name in columns if name in KEPT["csv"]]
    assert json == {}


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("engine", ["pandas", "polars"])
@pytest.mark.spark
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_folder_and_a_file_take_each_others_place(
    make: Callable[..., Any], tmp_path: Path, engine: str, file_format: str
) -> None:
    """Spark's folder, then a file, then a folder again; nothing else is left."""
    for writer, rows in (("spark", ROWS), (engine, ROWS[:1]), (engine, ROWS[:2]), ("spark", ROWS[2:3])):
        make(writer, file_format).save(make_frame(writer, rows, ["id", "count"]))
        assert (tmp_path / "table").is_dir() is (writer == "spark")
        assert [one.name for one in tmp_path.iterdir()] == ["table"]
        for reader in ("spark", engine):
            assert rows_of(make(reader, file_format).load()) == expected_rows(["id", "count"], rows)


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_partitioned_folder_is_read_where_the_format_can_tell(make: Callable[..., Any]) -> None:
    """Parquet in folders by column loads; csv in folders is refused, as its files lack a column."""
    for file_format in ("parquet", "csv"):
        dataset = make("spark", file_format, file_format, save_args={"partitionBy": "id"})
        dataset.save(make_frame("spark", ROWS, ["id", "count"]))
    assert sorted(make("pandas", "parquet", "parquet").load()["id"].astype(int)) == [1, 2, 3, 4]
    with pytest.raises(DatasetError, match="partitioned into folders such as 'id=1'"):
        make("polars", "csv", "csv").load()


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_puts_the_sessions_options_back(make: Callable[..., Any]) -> None:
    """Saving and loading change no option of the session, also when they fail; a mode can be given."""
    dataset = make("spark", "parquet", save_args={"mode": "error"})
    session = importlib.import_module("pyspark.sql").SparkSession.builder.getOrCreate()
    names = ("spark.sql.timestampType", "spark.sql.parquet.outputTimestampType")
    before = [session.conf.get(name) for name in names]
    dataset.save(make_frame("spark", ROWS, ["id"]))
    with pytest.raises(DatasetError):
        dataset.save(make_frame("spark", ROWS, ["id"]))
    assert len(rows_of(dataset.load())) == len(ROWS)
    assert [session.conf.get(name) for name in names] == before
    assert dataset._SINGLE_PROCESS is True


@pytest.mark.parametrize("engine", ENGINES)
def test_versions_are_kept_apart(make: Callable[..., Any], engine: str) -> None:
    """Each save makes a version; the latest loads unless one is named."""
    for version, rows in (("2026-01-01T00.00.00.000Z", ROWS[:1]), ("2026-01-02T00.00.00.000Z", ROWS[:2])):
        dataset = make(engine, "parquet", version=Version(None, version))
        assert dataset.exists() is (version != "2026-01-01T00.00.00.000Z")
        dataset.save(make_frame(engine, rows, ["id"]))
    assert len(rows_of(make("polars", "parquet", version=Version(None, None)).load())) == 2
    earlier = make(engine, "parquet", version=Version("2026-01-01T00.00.00.000Z", None))
    assert len(rows_of(earlier.load())) == 1


@pytest.mark.parametrize("writer", ["pandas", "polars"])
@pytest.mark.parametrize("file_format", FORMATS)
def test_object_storage_keeps_what_a_disk_keeps(
    object_storage: ObjectStorage, writer: str, file_format: str
) -> None:
    """A table goes to S3 and comes back, is overwritten, and takes the place of a folder."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    bucket = object_storage.create_bucket(f"{writer}-{file_format}")
    object_storage.client().put_object(Bucket=bucket, Key="a/table/_SUCCESS", Body=b"")
    credentials = {"key": "testing", "secret": "testing", "endpoint_url": object_storage.url}
    places = {"filepath": f"s3://{bucket}/a/table", "file_format": file_format, "credentials": credentials}
    for rows in (ROWS[:2], ROWS):
        getattr(datasets, NAMES[writer])(**places).save(make_frame(writer, rows, KEPT[file_format]))
        for reader in ("PandasFrameDataset", "PolarsFrameDataset"):
            loaded = getattr(datasets, reader)(**places).load()
            assert rows_of(loaded) == expected_rows(KEPT[file_format], rows)
    listed = object_storage.client().list_objects_v2(Bucket=bucket)["Contents"]
    assert [one["Key"] for one in listed] == ["a/table"]

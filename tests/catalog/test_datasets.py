"""What one engine saves, every other loads: the same values, of the same types."""

from __future__ import annotations

import datetime as dt
import importlib
import shutil
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import DatasetError
from kedro.io.core import Version

from kedro_matrix_ext.catalog import datasets
from kedro_matrix_ext.catalog.engines import find_engine_format, formats_of
from kedro_matrix_ext.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.object_storage import ObjectStorage

pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pd = pytest.importorskip("pandas", reason="pandas is not installed")
pl = pytest.importorskip("polars", reason="polars is not installed")

NAMES = {"pandas": "PandasFrameDataset", "polars": "PolarsFrameDataset", "spark": "SparkFrameDataset"}
SPARK = pytest.param(
    "spark", marks=[pytest.mark.spark, pytest.mark.filterwarnings("ignore::ResourceWarning")]
)
ENGINES = ["pandas", "polars", SPARK]
FORMATS = ["parquet", "csv", "json"]

AT = dt.datetime(2026, 1, 2, 3, 4, 5, 6)  # noqa: DTZ001  without a zone on purpose
ROWS: list[dict[str, Any]] = [
    {
        "id": 1,
        "count": 2**53 + 1,
        "share": 0.1,
        "known": True,
        "text": 'a "q", b\nc',
        "at": AT,
        "instant": AT.replace(tzinfo=dt.timezone.utc),
        "day": AT.date(),
        "tags": [1, None, 2**53 + 1],
    },
    dict.fromkeys(("count", "share", "known", "at", "instant", "day", "tags")) | {"id": 2, "text": ""},
    {
        "id": 3,
        "count": -1,
        "share": 1e-300,
        "known": False,
        "text": " é ",
        "at": AT.replace(year=1969, microsecond=0),
        "instant": AT.replace(year=1969, microsecond=0, tzinfo=dt.timezone.utc),
        "day": dt.date(1969, 7, 20),
        "tags": [],
    },
    dict.fromkeys(("count", "share", "known", "at", "instant", "day", "tags", "text")) | {"id": 4},
]
COLUMNS = [*ROWS[0]]
ROWS = [{name: row[name] for name in COLUMNS} for row in ROWS]
KEPT = {
    "parquet": COLUMNS,
    "csv": [name for name in COLUMNS if name != "tags"],
    "json": [name for name in COLUMNS if name != "day"],
    "delta": COLUMNS,
}
SPARK_TYPES = {
    "id": "bigint",
    "count": "bigint",
    "share": "double",
    "known": "boolean",
    "text": "string",
    "at": "timestamp_ntz",
    "instant": "timestamp",
    "day": "date",
    "tags": "array<bigint>",
}
POLARS_TYPES = {
    "id": pl.Int64,
    "count": pl.Int64,
    "share": pl.Float64,
    "known": pl.Boolean,
    "text": pl.String,
    "at": pl.Datetime("us"),
    "instant": pl.Datetime("us", "UTC"),
    "day": pl.Date,
    "tags": pl.List(pl.Int64),
}
PANDAS_TYPES = {
    "id": "int64",
    "count": "Int64",
    "share": "float64",
    "known": "boolean",
    "text": str(pd.Series(["a"]).dtype),
    "at": "datetime64[us]",
    "instant": "datetime64[us, UTC]",
    "day": "object",
    "tags": "object",
}


@pytest.fixture(scope="session")
def _session() -> Iterator[Any]:
    """One Spark session, in a time zone that is not UTC."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of PySpark, about newer versions of pandas
        sql = importlib.import_module("pyspark.sql")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.session.timeZone", "America/New_York").getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """Make an engine's dataset of a format, over one path of the test's folder."""

    def make_dataset(engine: str, file_format: str, name: str = "table", **arguments: Any) -> Any:
        if engine == "spark":
            request.getfixturevalue("_session")
        kind = getattr(datasets, NAMES[engine])
        return kind(filepath=str(tmp_path / name), file_format=file_format, **arguments)

    return make_dataset


def _make_frame(engine: str, rows: list[dict[str, Any]], columns: list[str]) -> Any:
    """Make an engine's own frame, without going through a file."""
    chosen = [{name: row[name] for name in columns} for row in rows]
    if engine == "polars":
        return pl.DataFrame(chosen, schema={name: POLARS_TYPES[name] for name in columns})
    if engine == "pandas":
        return pd.DataFrame(
            {name: pd.Series([row[name] for row in chosen], dtype=PANDAS_TYPES[name]) for name in columns}
        )
    session = importlib.import_module("pyspark.sql").SparkSession.builder.getOrCreate()
    schema = ", ".join(f"{name} {SPARK_TYPES[name]}" for name in columns)
    return session.createDataFrame([tuple(row.values()) for row in chosen], schema).repartition(2)


def _rows_of(frame: Any) -> list[dict[str, Any]]:
    """Give the rows of any engine's frame as Python values, by id."""
    if hasattr(frame, "toArrow"):
        rows = frame.toArrow().to_pylist()
    elif isinstance(frame, pd.DataFrame):
        rows = [
            {name: _python_value(value) for name, value in row.items()} for row in frame.to_dict("records")
        ]
    else:
        rows = frame.to_dicts()
    return sorted(rows, key=lambda row: int(row["id"]))


def _python_value(value: Any) -> Any:
    if isinstance(value, list):
        return value
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124  NaN
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def _types_of(frame: Any) -> dict[str, Any]:
    """Give the types of the columns as their engine names them."""
    if isinstance(frame, pl.DataFrame):
        return dict(frame.schema)
    if isinstance(frame, pd.DataFrame):
        return {name: str(kind) for name, kind in frame.dtypes.items()}
    return dict(frame.dtypes)


def _expected_types(engine: str, columns: list[str]) -> dict[str, Any]:
    types: dict[str, Any] = {"pandas": PANDAS_TYPES, "polars": POLARS_TYPES, "spark": SPARK_TYPES}[engine]
    return {name: types[name] for name in columns}


def _expected_rows(columns: list[str], rows: list[dict[str, Any]] = ROWS) -> list[dict[str, Any]]:
    return [{name: row[name] for name in columns} for row in rows]


@pytest.mark.parametrize("reader", ENGINES)
@pytest.mark.parametrize("writer", ENGINES)
@pytest.mark.parametrize("file_format", FORMATS)
def test_what_one_engine_saves_every_engine_loads(
    make: Callable[..., Any], file_format: str, writer: str, reader: str
) -> None:
    """Values and types are the same, with nulls, timestamps with and without zone, and lists."""
    columns = KEPT[file_format]
    make(writer, file_format).save(_make_frame(writer, ROWS, columns))
    loaded = make(reader, file_format).load()
    assert _rows_of(loaded) == _expected_rows(columns)
    assert _types_of(loaded) == _expected_types(reader, columns)


@pytest.mark.parametrize("reader", ["pandas", "polars"])
@pytest.mark.parametrize("writer", ["pandas", "polars"])
def test_delta_is_kept_by_pandas_and_polars(make: Callable[..., Any], writer: str, reader: str) -> None:
    """A delta table is read back, and overwritten with other columns."""
    pytest.importorskip("deltalake", reason="deltalake is not installed")
    make(writer, "delta").save(_make_frame(writer, ROWS, COLUMNS))
    loaded = make(reader, "delta").load()
    assert _rows_of(loaded) == _expected_rows(COLUMNS)
    assert _types_of(loaded) == _expected_types(reader, COLUMNS)
    make(reader, "delta").save(_make_frame(reader, ROWS[:1], ["id", "text"]))
    assert _rows_of(make(writer, "delta").load()) == _expected_rows(["id", "text"], ROWS[:1])
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
            _make_frame(writer, [], [one for one in columns if one in KEPT[file_format]])
        )
    parquet, csv, json = (_types_of(make(reader, one, one).load()) for one in FORMATS)
    expected = _expected_types(reader, columns)
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
    """Spark's folder, then a file, then a folder again; nothing is left beside them."""
    for writer, rows in (("spark", ROWS), (engine, ROWS[:1]), (engine, ROWS[:2]), ("spark", ROWS[2:3])):
        make(writer, file_format).save(_make_frame(writer, rows, ["id", "count"]))
        assert (tmp_path / "table").is_dir() is (writer == "spark")
        assert [one.name for one in tmp_path.iterdir()] == ["table"]
        for reader in ("spark", engine):
            assert _rows_of(make(reader, file_format).load()) == _expected_rows(["id", "count"], rows)


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_partitioned_folder_is_read_where_the_format_can_tell(make: Callable[..., Any]) -> None:
    """Parquet in folders by column loads; csv in folders is refused, as its files lack a column."""
    for file_format in ("parquet", "csv"):
        dataset = make("spark", file_format, file_format, save_args={"partitionBy": "id"})
        dataset.save(_make_frame("spark", ROWS, ["id", "count"]))
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
    dataset.save(_make_frame("spark", ROWS, ["id"]))
    with pytest.raises(DatasetError):
        dataset.save(_make_frame("spark", ROWS, ["id"]))
    assert len(_rows_of(dataset.load())) == len(ROWS)
    assert [session.conf.get(name) for name in names] == before
    assert dataset._SINGLE_PROCESS is True


@pytest.mark.parametrize("engine", ENGINES)
def test_versions_are_kept_apart(make: Callable[..., Any], engine: str) -> None:
    """Each save makes a version; the latest loads unless one is named."""
    for version, rows in (("2026-01-01T00.00.00.000Z", ROWS[:1]), ("2026-01-02T00.00.00.000Z", ROWS[:2])):
        dataset = make(engine, "parquet", version=Version(None, version))
        assert dataset.exists() is (version != "2026-01-01T00.00.00.000Z")
        dataset.save(_make_frame(engine, rows, ["id"]))
    assert len(_rows_of(make("polars", "parquet", version=Version(None, None)).load())) == 2
    earlier = make(engine, "parquet", version=Version("2026-01-01T00.00.00.000Z", None))
    assert len(_rows_of(earlier.load())) == 1


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
        getattr(datasets, NAMES[writer])(**places).save(_make_frame(writer, rows, KEPT[file_format]))
        for reader in ("PandasFrameDataset", "PolarsFrameDataset"):
            loaded = getattr(datasets, reader)(**places).load()
            assert _rows_of(loaded) == _expected_rows(KEPT[file_format], rows)
    listed = object_storage.client().list_objects_v2(Bucket=bucket)["Contents"]
    assert [one["Key"] for one in listed] == ["a/table"]


def test_a_table_that_cannot_be_saved_leaves_the_former_one(make: Callable[..., Any], tmp_path: Path) -> None:
    """What fails half-way is not seen, and nothing is left beside the file."""
    former = pl.DataFrame({"id": [1]})
    refused = {
        "csv": (pl.DataFrame({"tags": [[1]]}), "csv cannot keep column 'tags'"),
        "json": (pl.DataFrame({"x": [1.0, float("nan")]}), "json cannot keep a value"),
        "parquet": (pl.DataFrame({"d": [dt.timedelta(1)]}), "column 'd' is of type duration"),
    }
    for file_format, (frame, message) in refused.items():
        dataset = make("polars", file_format, file_format)
        dataset.save(former)
        with pytest.raises(DatasetError, match=message):
            dataset.save(frame)
        assert dataset.load().equals(former)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["csv", "json", "parquet"]


def test_finer_timestamps_than_all_engines_keep_are_refused(make: Callable[..., Any]) -> None:
    """Nanoseconds that would be lost are an error; those that are zero are not."""
    whole = pd.DataFrame({"at": pd.to_datetime([AT]).astype("datetime64[ns]")})
    make("pandas", "parquet").save(whole)
    assert str(make("pandas", "parquet").load()["at"].dtype) == "datetime64[us]"
    with pytest.raises(DatasetError, match="round finer ones first"):
        make("pandas", "parquet").save(whole + pd.Timedelta(1, "ns"))


def test_a_named_index_is_refused(make: Callable[..., Any]) -> None:
    """An index that says something would be lost; one that only counts is dropped."""
    frame = pd.DataFrame({"id": [1, 2]})
    make("pandas", "csv").save(frame[frame["id"] > 1])
    assert make("pandas", "csv").load().to_dict("list") == {"id": [2]}
    with pytest.raises(DatasetError, match=r"reset_index\(\)"):
        make("pandas", "csv").save(frame.set_index("id"))


def test_categories_and_lazy_frames_are_saved_as_their_values(make: Callable[..., Any]) -> None:
    """A category is its text, a structure keeps its fields, a lazy frame is collected."""
    frame = pl.LazyFrame({"id": [1], "kind": ["a"], "place": [{"x": 1}]}).cast({"kind": pl.Categorical})
    make("polars", "parquet").save(frame)
    assert make("pandas", "parquet").load().to_dict("records") == [{"id": 1, "kind": "a", "place": {"x": 1}}]


def test_types_of_a_csv_can_be_given(make: Callable[..., Any], tmp_path: Path) -> None:
    """Text that looks like a number stays text where `column_types` says so; a time of day is text."""
    (tmp_path / "table").write_text("code,time\n007,12:30:00\n")
    given = make("polars", "csv", load_args={"column_types": {"code": "string"}}).load()
    assert given.to_dicts() == [{"code": "007", "time": "12:30:00"}]


def test_folders_of_csv_with_different_headers_are_refused(make: Callable[..., Any], tmp_path: Path) -> None:
    """Rows of one table are not read under the names of another."""
    (tmp_path / "table").mkdir()
    (tmp_path / "table/part-0.csv").write_text("a,b\n1,2\n")
    (tmp_path / "table/part-1.csv").write_text("b,a\n1,2\n")
    with pytest.raises(DatasetError, match="different headers"):
        make("pandas", "csv").load()


@pytest.mark.parametrize(
    "values", [["2026-01-02T03:04:05", "x"], ["2026-01-02T03:04:05", "2026-01-02T03:04:05Z"]]
)
def test_text_in_json_that_is_not_all_timestamps_stays_text(
    make: Callable[..., Any], values: list[str]
) -> None:
    """Timestamps are those of which every value is one, all with or all without an offset."""
    make("polars", "json").save(pl.DataFrame({"at": values}))
    assert make("polars", "json").load()["at"].to_list() == values


def test_json_that_has_no_notation_is_refused(make: Callable[..., Any]) -> None:
    """Bytes have none; a date within a list is its ISO text, a timestamp too."""
    with pytest.raises(DatasetError, match="of type bytes"):
        make("polars", "json").save(pl.DataFrame({"x": [b"a"]}))
    make("polars", "json").save(pl.DataFrame({"d": [[AT.date()]], "t": [[AT]]}))
    assert make("polars", "json").load().to_dicts() == [
        {"d": ["2026-01-02"], "t": ["2026-01-02T03:04:05.000006"]}
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_file_and_an_unknown_format_are_named(
    make: Callable[..., Any], tmp_path: Path, engine: str
) -> None:
    """The error says the path and what to do."""
    dataset = make(engine, "parquet")
    assert not dataset.exists()
    dataset.release()
    with pytest.raises(DatasetError, match=f"there is no file or folder '{tmp_path}/table'"):
        dataset.load()
    with pytest.raises(CatalogError, match="Did you mean 'parquet'"):
        make(engine, "parkett")
    assert "parquet" in str(dataset)


def test_delta_does_not_write_over_a_file(make: Callable[..., Any], tmp_path: Path) -> None:
    """A file at the path is no delta table."""
    pytest.importorskip("deltalake", reason="deltalake is not installed")
    (tmp_path / "table").write_text("x")
    with pytest.raises(DatasetError, match="is a file, no delta table"):
        make("polars", "delta").save(pl.DataFrame({"id": [1]}))


def test_a_missing_engine_names_its_extra(monkeypatch: pytest.MonkeyPatch, make: Callable[..., Any]) -> None:
    """Without the engine's package, the class is an error that says what to install."""
    monkeypatch.setattr(datasets, "find_spec", lambda _: None)
    monkeypatch.delitem(vars(datasets), "PolarsFrameDataset", raising=False)
    with pytest.raises(CatalogError, match=r"kedro-matrix-ext\[polars\]"):
        _ = datasets.PolarsFrameDataset
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = datasets.Nothing
    assert set(dir(datasets)) == set(NAMES.values())


def test_a_missing_deltalake_names_its_extra(
    monkeypatch: pytest.MonkeyPatch, make: Callable[..., Any]
) -> None:
    """Delta needs a package of its own."""
    dataset = make("polars", "delta")
    monkeypatch.setattr("kedro_matrix_ext.catalog.datasets.arrow_frames.find_spec", lambda _: None)
    with pytest.raises(DatasetError, match=r"kedro-matrix-ext\[delta\]"):
        dataset.save(pl.DataFrame({"id": [1]}))


@pytest.mark.parametrize("engine", NAMES)
def test_every_row_of_the_table_names_a_dataset_that_keeps_its_format(engine: str) -> None:
    """The rows and the classes agree."""
    for file_format in formats_of(engine):
        row = find_engine_format(engine, file_format)
        assert row is not None
        assert row.dataset == f"kedro_matrix_ext.catalog.datasets.{NAMES[engine]}"
        assert row.arguments == {"file_format": file_format}

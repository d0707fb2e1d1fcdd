"""What the formats of tables cannot store, and the errors for it."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from kedro.io import DatasetError
from tests.catalog.frames import (
    AT,
    ENGINES,
    NAMES,
    pd,
    pl,
)

from kedro_matrix_ext.catalog import datasets
from kedro_matrix_ext.catalog.engines import find_engine_format, formats_of
from kedro_matrix_ext.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_table_that_cannot_be_saved_leaves_the_former_one(make: Callable[..., Any], tmp_path: Path) -> None:
    """What fails half-way is not seen, and no other file is left."""
    former = pl.DataFrame({"id": [1]})
    refused = {
        "csv": (pl.DataFrame({"tags": [[1]]}), "csv cannot store column 'tags'"),
        "json": (pl.DataFrame({"x": [1.0, float("nan")]}), "json cannot store a value"),
        "parquet": (pl.DataFrame({"d": [dt.timedelta(1)]}), "column 'd' is of type duration"),
    }
    for file_format, (frame, message) in refused.items():
        dataset = make("polars", file_format, file_format)
        dataset.save(former)
        with pytest.raises(DatasetError, match=message):
            dataset.save(frame)
        assert dataset.load().equals(former)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["csv", "json", "parquet"]


def test_a_file_that_cannot_be_opened_is_told_as_it_is(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file system's own error, not that there is nothing to take away."""
    table = make("pandas", "parquet")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(table._fs, "open", refuse)
    with pytest.raises(DatasetError, match="not yours"):
        table.save(pd.DataFrame({"id": [1]}))


def test_finer_timestamps_than_all_engines_keep_are_refused(make: Callable[..., Any]) -> None:
    """Nanoseconds that would be lost are an error; those that are zero are not."""
    whole = pd.DataFrame({"at": pd.to_datetime([AT]).astype("datetime64[ns]")})
    make("pandas", "parquet").save(whole)
    assert str(make("pandas", "parquet").load()["at"].dtype) == "datetime64[us]"
    with pytest.raises(DatasetError, match="round finer ones first"):
        make("pandas", "parquet").save(whole + pd.Timedelta(1, "ns"))


@pytest.mark.parametrize(
    "index",
    [
        [3, 7],
        ["a", "b"],
        pd.RangeIndex(1, 3),
        pd.Index([0, 1], name="id"),
        pd.MultiIndex.from_tuples([(0, 0), (0, 1)]),
        pd.to_datetime(["2026-01-01", "2026-01-02"]),
    ],
)
def test_an_index_that_would_be_lost_is_refused(make: Callable[..., Any], index: Any) -> None:
    """Only 0, 1, 2 ... may be dropped; any other index may mean something."""
    frame = pd.DataFrame({"x": [1, 2]}, index=index)
    with pytest.raises(DatasetError, match=r"reset_index\(\)"):
        make("pandas", "csv").save(frame)
    make("pandas", "csv").save(frame.reset_index(drop=True))
    make("pandas", "csv").save(pd.DataFrame({"x": [1, 2]}, index=pd.Index([0, 1])))


@pytest.mark.parametrize("file_format", ["parquet", "csv", "json"])
def test_columns_that_would_not_be_read_back_are_refused(make: Callable[..., Any], file_format: str) -> None:
    """Two columns with one name, and names that are not text; the old file stays."""
    dataset = make("pandas", file_format)
    dataset.save(pd.DataFrame({"x": [1]}))
    with pytest.raises(DatasetError, match="2 columns named 'a'"):
        dataset.save(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    for columns in ([0, 1], pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])):
        with pytest.raises(DatasetError, match="a name that is not text"):
            dataset.save(pd.DataFrame([[1, 2]], columns=columns))
    assert dataset.load().to_dict("list") == {"x": [1]}


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


@pytest.mark.parametrize(
    ("content", "line", "shown", "remedy"),
    [
        ('[{"a": 1}, {"a": 2}]', 1, '\'[{"a": 1}', "jq -c"),
        ('[\n  {"a": 1},\n  {"a": 2}\n]\n', 1, "Expecting value", "jq -c"),
        ('{"a": 1}\n\n{"a": }\n', 3, "Expecting value", "Correct the line"),
        ('{"a": 1}\n"' + 99 * "b" + '"\n', 2, "'\"bbb", "Correct the line"),
    ],
)
def test_json_that_is_not_one_object_on_each_line_is_refused(  # noqa: PLR0913, PLR0917  parts of a message
    make: Callable[..., Any], tmp_path: Path, content: str, line: int, shown: str, remedy: str
) -> None:
    """An array, on one line or several, and a broken line: file, line and remedy."""
    (tmp_path / "table").write_text(content)
    with pytest.raises(CatalogError) as caught:
        make("polars", "json").load()
    error = caught.value
    assert (error.file, error.line) == (str(tmp_path / "table"), line)
    assert shown in error.message
    assert len(error.message) < 100
    assert remedy in str(error.hint)
    assert f"line {line}" in str(error)


@pytest.mark.parametrize(
    ("engine", "data", "remedy"),
    [
        ("polars", pd.DataFrame({"a": [1]}), "'@pandas', or convert the frame: 'polars.from_pandas(frame)'"),
        ("pandas", pl.DataFrame({"a": [1]}), "'@polars', or convert the frame: 'frame.to_pandas()'"),
        ("pandas", pl.LazyFrame({"a": [1]}), "'@polars'"),
        (
            "spark",
            pd.DataFrame({"a": [1]}),
            "'@pandas', or convert the frame: 'spark.createDataFrame(frame)'",
        ),
        ("polars", pd.Series([1]), "return a frame of polars"),
        ("pandas", {"a": [1]}, "return a frame of pandas"),
        ("spark", [1], "return a frame of spark"),
    ],
)
def test_a_frame_of_another_engine_is_named_with_the_way_out(
    tmp_path: Path, engine: str, data: Any, remedy: str
) -> None:
    """The dataset's path, what the node returned, and the name to write instead; nothing is saved."""
    kind = getattr(datasets, NAMES[engine])
    dataset = kind(filepath=str(tmp_path / "table"), file_format="parquet")
    with pytest.raises(CatalogError) as caught:
        dataset.save(data)
    error = caught.value
    assert str(tmp_path / "table") in error.message
    assert f"with {engine}" in error.message
    assert repr(type(data).__qualname__) in error.message
    assert remedy in str(error.hint)
    assert not list(tmp_path.iterdir())


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
    """A file at the path is not a delta table."""
    pytest.importorskip("deltalake", reason="deltalake is not installed")
    (tmp_path / "table").write_text("x")
    with pytest.raises(DatasetError, match="is a file, not a delta table"):
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
    """Delta needs a separate package."""
    dataset = make("polars", "delta")
    monkeypatch.setattr("kedro_matrix_ext.catalog.datasets.arrow.frames.find_spec", lambda _: None)
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


_EXACT = decimal.Decimal("2.123456789012345678")


@pytest.mark.parametrize("file_format", ["parquet", "csv", "json", "delta"])
@pytest.mark.parametrize(
    ("engine", "values", "message"),
    [
        ("polars", [{1, 2}], "Object"),
        ("polars", [1 + 2j], "Object"),
        ("polars", [object()], "Object"),
        ("polars", [2**70], "Int128"),
        ("polars", [{"x": [2**70]}], "Int128"),
        ("pandas", [{1, 2}, None], "sets"),
        ("pandas", [[1], frozenset([2])], "Arrow cannot store"),
        ("pandas", [1, "a"], "Arrow cannot store"),
        ("pandas", [2**70, 1], "Arrow cannot store"),
        ("pandas", pd.period_range("2026", periods=2, freq="M"), "period"),
        ("pandas", pd.interval_range(0, 2), "interval"),
    ],
)
def test_what_would_come_back_as_something_else_is_refused(
    make: Callable[..., Any], engine: str, values: Any, message: str, file_format: str
) -> None:
    """In every format, and the former table stays."""
    frames: Any = pd if engine == "pandas" else pl
    former = frames.DataFrame({"a": [1, 2]})
    dataset = make(engine, file_format)
    dataset.save(former)
    with pytest.raises(DatasetError, match=f"column 'a' .*{message}"):
        dataset.save(frames.DataFrame({"a": values}))
    assert dataset.load().equals(former)


@pytest.mark.parametrize("engine", ["pandas", "polars"])
@pytest.mark.parametrize(
    ("file_format", "values"),
    [
        ("json", [2**63, 1]),
        ("json", pl.Series([[1], [2**64 - 1]], dtype=pl.List(pl.UInt64))),
        ("json", pl.Series([{"x": 2**63}], dtype=pl.Struct({"x": pl.UInt64}))),
        ("csv", [2**64 - 1, 1]),
        ("csv", [_EXACT, None]),
    ],
)
def test_numbers_that_text_does_not_keep_are_refused(
    make: Callable[..., Any], engine: str, file_format: str, values: Any
) -> None:
    """Such integers could not be read, and such digits would be lost; parquet keeps both."""
    plain = pl.DataFrame({"a": values})
    frame = plain.to_pandas() if engine == "pandas" else plain
    with pytest.raises(DatasetError, match=r"fewer digits|64 bits|Arrow cannot store"):
        make(engine, file_format).save(frame)
    make("polars", "parquet", "kept").save(plain)
    assert make("polars", "parquet", "kept").load()["a"].to_list() == plain["a"].to_list()


@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_numbers_whose_type_is_given_are_kept_in_csv(make: Callable[..., Any], engine: str) -> None:
    """As `column_types` of `load_args`; integers and decimals that floats hold need none."""
    frames: Any = pd if engine == "pandas" else pl
    types = {"a": pa.uint64(), "b": pa.decimal128(20, 18)}
    dataset = make(engine, "csv", load_args={"column_types": types})
    dataset.save(frames.DataFrame({"a": [2**64 - 1], "b": [_EXACT]}))
    back = dataset.load()
    assert (back["a"].to_list(), back["b"].to_list()) == ([2**64 - 1], [_EXACT])
    plain = make(engine, "csv", "plain")
    plain.save(frames.DataFrame({"a": [2**63 - 1], "b": [decimal.Decimal("1.10")]}))
    back = plain.load()
    assert (back["a"].to_list(), back["b"].to_list()) == ([2**63 - 1], [1.1])


@pytest.mark.parametrize("engine", ["pandas", "polars"])
@pytest.mark.parametrize("file_format", ["parquet", "csv", "json"])
@pytest.mark.parametrize("at", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "1500-01-01T00:00:00"])
def test_timestamps_of_any_year_are_kept(
    make: Callable[..., Any], engine: str, file_format: str, at: str
) -> None:
    """Also beyond those that nanoseconds reach, in any row."""
    frames: Any = pd if engine == "pandas" else pl
    dataset = make(engine, file_format)
    times = [at, "2026-01-01T00:00:00"]
    dataset.save(frames.DataFrame({"at": list(map(dt.datetime.fromisoformat, times)), "text": times}))
    assert [value.isoformat() for value in dataset.load()["at"]] == times


@pytest.mark.parametrize("file_format", ["parquet", "csv", "json"])
@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_a_column_without_a_name_keeps_it(make: Callable[..., Any], engine: str, file_format: str) -> None:
    """Polars would call it `column_0`."""
    dataset = make(engine, file_format)
    dataset.save((pd if engine == "pandas" else pl).DataFrame({"": [1], "b": [2]}))
    assert list(dataset.load().columns) == ["", "b"]

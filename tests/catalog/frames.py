"""One table in the frames of every engine, and what each makes of it."""

from __future__ import annotations

import datetime as dt
import importlib
from typing import Any

import pytest

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


def make_frame(engine: str, rows: list[dict[str, Any]], columns: list[str]) -> Any:
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


def rows_of(frame: Any) -> list[dict[str, Any]]:
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


def types_of(frame: Any) -> dict[str, Any]:
    """Give the types of the columns as their engine names them."""
    if isinstance(frame, pl.DataFrame):
        return dict(frame.schema)
    if isinstance(frame, pd.DataFrame):
        return {name: str(kind) for name, kind in frame.dtypes.items()}
    return dict(frame.dtypes)


def expected_types(engine: str, columns: list[str]) -> dict[str, Any]:
    """Give the types that an engine should load, as it names them."""
    types: dict[str, Any] = {"pandas": PANDAS_TYPES, "polars": POLARS_TYPES, "spark": SPARK_TYPES}[engine]
    return {name: types[name] for name in columns}


def expected_rows(columns: list[str], rows: list[dict[str, Any]] = ROWS) -> list[dict[str, Any]]:
    """Give the rows that every engine should load."""
    return [{name: row[name] for name in columns} for row in rows]

"""Read and write Arrow tables as csv and JSON lines, in the dialects of ``dialects``."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from kedro_matrix_ext.catalog.datasets.dialects import ISO_TIMESTAMP
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["parse_csv", "parse_json", "write_csv", "write_json"]

_LARGEST_BLOCK = 2**31 - 1  # Arrow's; types are inferred within the first block


def parse_csv(parts: Sequence[bytes], **convert_options: Any) -> pa.Table:
    """Read the parts of one csv table, each with its header.

    Raises:
        CatalogError: If the parts have different headers.
    """
    content = _join_csv(parts)
    if not content:
        return pa.table({})
    options = {
        "null_values": [""],
        "true_values": ["true", "True", "TRUE"],
        "false_values": ["false", "False", "FALSE"],
        "strings_can_be_null": True,
        "quoted_strings_can_be_null": False,
        **convert_options,
    }
    table = csv.read_csv(
        io.BytesIO(content),
        csv.ReadOptions(block_size=min(len(content) + 1, _LARGEST_BLOCK)),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=len(_header(content).split(b",")) > 1),
        csv.ConvertOptions(**options),
    )
    times = [index for index, field in enumerate(table.schema) if pa.types.is_time(field.type)]
    for index in times:
        table = table.set_column(index, table.schema.names[index], table.column(index).cast(pa.string()))
    return table


def write_csv(table: pa.Table, file: IO[bytes]) -> None:
    """Write a table as csv.

    Raises:
        CatalogError: If a column holds lists or mappings.
    """
    for field in table.schema:
        if pa.types.is_nested(field.type):
            raise CatalogError(
                f"csv cannot store column {field.name!r} of type {field.type}",
                hint="Use 'format: parquet' or 'format: json'.",
            )
    csv.write_csv(_with_iso_timestamps(table), file)


def parse_json(parts: Sequence[bytes]) -> pa.Table:
    """Read the parts of one table of JSON lines; a key that a line does not have is null there."""
    rows = [json.loads(line) for part in parts for line in part.splitlines() if line.strip()]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: pa.array([row.get(name) for row in rows]) for name in names}
    return pa.table({name: _parse_timestamps(column) for name, column in columns.items()})


def write_json(table: pa.Table, file: IO[bytes]) -> None:
    """Write a table as JSON lines.

    Raises:
        CatalogError: If a value cannot be written as JSON.
    """
    try:
        for batch in _with_iso_timestamps(table).to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                line = json.dumps(row, default=_render_value, ensure_ascii=False, allow_nan=False)
                file.write(line.encode() + b"\n")
    except (TypeError, ValueError) as error:
        raise CatalogError(
            f"json cannot store a value: {error}", hint="Replace it, or use 'format: parquet'."
        ) from error


def _join_csv(parts: Sequence[bytes]) -> bytes:
    filled = [part for part in parts if part]
    if not filled:
        return b""
    header = _header(filled[0])
    if not all(part.startswith(header) for part in filled):
        raise CatalogError("the files of a csv folder have different headers", hint="Save the table again.")
    ended = [part if part.endswith(b"\n") else part + b"\n" for part in filled]
    return header + b"".join(part[len(header) :] for part in ended)


def _header(content: bytes) -> bytes:
    end = content.find(b"\n")
    while end >= 0 and content.count(b'"', 0, end) % 2:
        end = content.find(b"\n", end + 1)
    return content[: end + 1] if end >= 0 else content


def _with_iso_timestamps(table: pa.Table) -> pa.Table:
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            pattern = "%Y-%m-%dT%H:%M:%S" + ("Z" if field.type.tz else "")
            table = table.set_column(index, field.name, pc.strftime(table.column(index), format=pattern))
    return table


def _parse_timestamps(column: pa.Array) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column
    values = column.drop_null()
    if not len(values) or not pc.all(pc.match_substring_regex(values, ISO_TIMESTAMP)).as_py():
        return column
    offset = pc.match_substring_regex(values, r"(Z|[+-]\d\d:\d\d)$")
    if pc.all(offset).as_py():
        return column.cast(pa.timestamp("us", "UTC"))
    return column if pc.any(offset).as_py() else column.cast(pa.timestamp("us"))


def _render_value(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} of type {type(value).__name__}")

"""Read and write Arrow tables as csv and JSON lines, in the dialects of ``dialects``."""

from __future__ import annotations

import codecs
import datetime as dt
import decimal
import io
import json
import re
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from kedro_matrix_ext.catalog.datasets.dialects import ISO_TIMESTAMP
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.catalog.datasets.dialects import Dialect

__all__ = ["parse_csv", "parse_json", "write_csv", "write_json"]

_SHOWN = 40  # characters of a line, in a message
_LARGEST_INTEGER = 2**63 - 1  # of those that are read back as integers
_LARGEST_BLOCK = 2**31 - 1  # Arrow's; types are inferred within the first block


def parse_csv(parts: Sequence[bytes], dialect: Dialect, **convert_options: Any) -> pa.Table:
    """Read the parts of one csv table, each with its header if the dialect has one; types are inferred.

    ``convert_options`` are arguments of ``pyarrow.csv.ConvertOptions``, as ``column_types``.

    Raises:
        CatalogError: If the parts have different headers, or another encoding.
    """
    content = _join_csv([_decode(part, dialect) for part in parts], dialect)
    if not content:
        return pa.table({})
    first_line = _first_line(content, dialect).rstrip(b"\r\n")
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
        csv.ReadOptions(
            block_size=min(len(content) + 1, _LARGEST_BLOCK),
            autogenerate_column_names=not dialect.header and dialect.columns is None,
            column_names=list(dialect.columns) if dialect.columns else None,
        ),
        csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=False if dialect.quoting == "none" else '"',
            newlines_in_values=dialect.quoting != "none",
            ignore_empty_lines=dialect.delimiter.encode() in first_line,
        ),
        csv.ConvertOptions(**options),
    )
    if not dialect.header and dialect.columns is None:
        table = table.rename_columns(dialect.column_names(table.num_columns))
    _check_text(table, options)
    times = [index for index, field in enumerate(table.schema) if pa.types.is_time(field.type)]
    for index in times:
        table = table.set_column(index, table.schema.names[index], table.column(index).cast(pa.string()))
    return _with_distant_timestamps(table, options.get("column_types") or {})


def write_csv(
    table: pa.Table, file: IO[bytes], dialect: Dialect, typed: frozenset[str] = frozenset()
) -> None:
    """Write a table as csv; ``typed`` names the columns whose types are given when it is read.

    Raises:
        CatalogError: If a column holds lists, mappings or numbers that would lose digits, or the dialect
            cannot keep a name or a text.
    """
    for field in table.schema:
        if pa.types.is_nested(field.type):
            raise CatalogError(
                f"csv cannot store column {field.name!r} of type {field.type}",
                hint="Use 'format: parquet' or 'format: json'.",
            )
        if field.name not in typed and _loses_digits(table.column(field.name)):
            raise CatalogError(
                f"csv cannot store column {field.name!r} of type {field.type}: it has a number that is "
                "read back with fewer digits",
                hint="Use 'format: parquet', or give its type in 'load_args: {column_types: {...}}'.",
            )
    _check_dialect(table, dialect)
    unquoted = dialect.quoting == "none"
    options = csv.WriteOptions(
        include_header=dialect.header and not unquoted,  # which Arrow would quote
        delimiter=dialect.delimiter,
        quoting_style={"minimal": "needed", "all": "all_valid", "none": "none"}[dialect.quoting],
    )
    target = file if _is_utf8(dialect) else _EncodedFile(file, dialect.encoding)
    if dialect.header and unquoted:
        target.write(dialect.delimiter.join(table.column_names).encode() + b"\n")
    csv.write_csv(_with_iso_timestamps(table), target, options)


def _loses_digits(column: pa.ChunkedArray) -> bool:
    """Return whether a column has numbers that are read back as other floats."""
    if pa.types.is_uint64(column.type):
        return bool(pc.any(pc.greater(column, pa.scalar(_LARGEST_INTEGER, pa.uint64()))).as_py())
    if not pa.types.is_decimal(column.type):
        return False
    values = column.drop_null().to_pylist()
    return any(decimal.Decimal(repr(float(value))) != value for value in values)


class _EncodedFile(io.RawIOBase):
    """A file that takes UTF-8 and writes another encoding."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        super().__init__()
        self._file, self._encoding = file, encoding
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._encoder = codecs.getincrementalencoder(encoding)()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        text = self._decoder.decode(bytes(content))
        try:
            self._file.write(self._encoder.encode(text))
        except UnicodeEncodeError as error:
            raise CatalogError(
                f"encoding {self._encoding!r} has no {error.object[error.start]!r}",
                hint="Write 'encoding: utf-8' in the entry's dialect, or replace the character.",
            ) from error
        return len(content)


def parse_json(parts: Mapping[str, bytes]) -> pa.Table:
    """Read the parts of one table of JSON lines, by file; a key that a line does not have is null there.

    Raises:
        CatalogError: If a line is not one JSON object, as in a file that is one array.
    """
    rows = [
        _parse_row(line, file, number)
        for file, part in parts.items()
        for number, line in enumerate(part.splitlines(), start=1)
        if line.strip()
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: pa.array([row.get(name) for row in rows]) for name in names}
    return pa.table({name: _parse_timestamps(column) for name, column in columns.items()})


def _parse_row(line: bytes, file: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        row, reason = None, f"is not a JSON object: {error}"
    else:
        reason = f"is {_shorten(line)}, not a JSON object"
    if isinstance(row, dict):
        return row
    remedy = (
        "Take the rows out of the array, as by 'jq -c .[] old.json > new.json'."
        if line.lstrip().startswith(b"[")
        else "Correct the line."
    )
    raise CatalogError(
        f"line {number} {reason}",
        file=file,
        line=number,
        hint=f"With 'format: json' a file has one object on each line. {remedy}",
    )


def _shorten(line: bytes) -> str:
    text = line.decode(errors="replace").strip()
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def write_json(table: pa.Table, file: IO[bytes]) -> None:
    """Write a table as JSON lines.

    Raises:
        CatalogError: If a value cannot be written as JSON.
    """
    may_be_too_large = "uint64" in str(table.schema)  # also inside lists and mappings
    try:
        for batch in _with_iso_timestamps(table).to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                if may_be_too_large:
                    _check_integers(row)
                line = json.dumps(row, default=_render_value, ensure_ascii=False, allow_nan=False)
                file.write(line.encode() + b"\n")
    except (TypeError, ValueError) as error:
        raise CatalogError(
            f"json cannot store a value: {error}", hint="Replace it, or use 'format: parquet'."
        ) from error


def _check_integers(value: object) -> None:
    """Refuse integers that would not be read back."""
    if isinstance(value, int) and value > _LARGEST_INTEGER:
        raise ValueError(f"{value} does not fit in 64 bits with a sign")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_integers(item)


def _is_utf8(dialect: Dialect) -> bool:
    return codecs.lookup(dialect.encoding).name == "utf-8"


def _decode(part: bytes, dialect: Dialect) -> bytes:
    """Return a part in UTF-8."""
    if _is_utf8(dialect):
        return part
    try:
        return part.decode(dialect.encoding).encode()
    except UnicodeDecodeError as error:
        raise CatalogError(
            f"the file is not in encoding {dialect.encoding!r}: {error.reason} at byte {error.start}",
            hint="Correct 'encoding' in the entry's dialect.",
        ) from error


def _check_text(table: pa.Table, options: dict[str, Any]) -> None:
    """Refuse columns that Arrow returns as bytes because they are not UTF-8."""
    given = dict(options.get("column_types") or {})
    for field in table.schema:
        if pa.types.is_binary(field.type) and field.name not in given:
            raise CatalogError(
                f"column {field.name!r} is not in encoding 'utf-8'",
                hint="Write the file's encoding in the entry: 'dialect: {encoding: cp1252}'.",
            )


def _check_dialect(table: pa.Table, dialect: Dialect) -> None:
    """Refuse what would not be read back: names without a header, special characters without quotes."""
    expected = dialect.column_names(table.num_columns)
    if not dialect.header and table.column_names != expected:
        raise CatalogError(
            f"the columns are {table.column_names}, and the file without header has {expected}",
            hint="Write the names as 'columns' of the entry's dialect.",
        )
    if dialect.quoting != "none":
        return
    special = f'[{re.escape(dialect.delimiter)}"\r\n]|^$'
    if dialect.header and any(re.search(special, name) for name in table.column_names):
        raise CatalogError(
            f"a name of {table.column_names} needs quotes",
            hint="Write 'quoting: minimal' in the entry's dialect, or rename the column.",
        )
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_string(column.type) and pc.any(pc.match_substring_regex(column, special)).as_py():
            raise CatalogError(
                f"column {name!r} has text that needs quotes",
                hint="Write 'quoting: minimal' in the entry's dialect, or another delimiter.",
            )


def _join_csv(parts: Sequence[bytes], dialect: Dialect) -> bytes:
    filled = [part for part in parts if part]
    if not filled:
        return b""
    header = _first_line(filled[0], dialect) if dialect.header else b""
    if not all(part.startswith(header) for part in filled):
        raise CatalogError("the files of a csv folder have different headers", hint="Save the table again.")
    ended = [part if part.endswith(b"\n") else part + b"\n" for part in filled]
    return header + b"".join(part[len(header) :] for part in ended)


def _first_line(content: bytes, dialect: Dialect) -> bytes:
    end = content.find(b"\n")
    while end >= 0 and dialect.quoting != "none" and content.count(b'"', 0, end) % 2:
        end = content.find(b"\n", end + 1)
    return content[: end + 1] if end >= 0 else content


def _with_iso_timestamps(table: pa.Table) -> pa.Table:
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            pattern = "%Y-%m-%dT%H:%M:%S" + ("Z" if field.type.tz else "")
            table = table.set_column(index, field.name, pc.strftime(table.column(index), format=pattern))
    return table


def _parse_timestamps(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    if not pa.types.is_string(column.type):
        return column
    values = column.drop_null()
    if not len(values) or not pc.all(pc.match_substring_regex(values, ISO_TIMESTAMP)).as_py():
        return column
    offset = pc.match_substring_regex(values, r"(Z|[+-]\d\d:\d\d)$")
    if pc.all(offset).as_py():
        return column.cast(pa.timestamp("us", "UTC"))
    return column if pc.any(offset).as_py() else column.cast(pa.timestamp("us"))


def _with_distant_timestamps(table: pa.Table, given: Mapping[str, Any]) -> pa.Table:
    """Read the timestamps that Arrow leaves as text in csv, since it does not have them in nanoseconds."""
    for index, field in enumerate(table.schema):
        column = table.column(index)
        if pa.types.is_string(field.type) and field.name not in given and _begins_with_timestamp(column):
            table = table.set_column(index, field.name, _parse_timestamps(column))
    return table


def _begins_with_timestamp(column: pa.ChunkedArray) -> bool:
    values = column.drop_null()
    return len(values) > 0 and re.search(ISO_TIMESTAMP, values[0].as_py()) is not None


def _render_value(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} of type {type(value).__name__}")

"""One dialect per text format, the same for every engine.

csv
    A header line; fields quoted with ``"``, which is doubled inside; no whitespace is trimmed; an empty field
    is null and ``""`` is the empty string. csv has no types: each engine infers them (integers have 64
    bits), so ``007`` loads as a number unless the types are given. No lists.
json
    One object per line, nulls included. JSON has no dates: they load as text. An empty frame loses its
    columns, and Spark sorts the columns by name.
both
    Timestamps are ISO 8601 with six decimals, with an offset only if they have a time zone; those load in
    UTC. A column of nulls only loads as text.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, fields
from typing import Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.errors import CatalogError

__all__ = [
    "ISO_TIMESTAMP",
    "QUOTINGS",
    "TEXT_FORMATS",
    "Dialect",
    "java_charset",
    "parse_dialect",
    "spark_read_options",
    "spark_write_options",
]

TEXT_FORMATS = {"csv": ",", "tsv": "\t"}  # each with its delimiter
QUOTINGS = ("minimal", "all", "none")


@dataclass(frozen=True)
class Dialect:
    """How a csv or tsv file is written; the defaults are what every engine reads.

    Attributes:
        delimiter: One character.
        encoding: A name that Python knows, as ``cp1252``.
        header: Whether the first line holds the names of the columns.
        columns: The names of the columns of a file without header; by default ``column_0``, ``column_1`` ...
        quoting: ``minimal``, ``all``, or ``none``: a quote is an ordinary character.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    header: bool = True
    columns: tuple[str, ...] | None = None
    quoting: str = "minimal"

    def column_names(self, count: int) -> list[str]:
        """Return the names of the columns of a file without header."""
        return list(self.columns or (f"column_{index}" for index in range(count)))


def parse_dialect(given: object, file_format: str) -> Dialect:
    """Check the ``dialect:`` of a catalog entry.

    Raises:
        CatalogError: If the format has no dialect, or a key or value is wrong; ``config_path`` is the key.

    Examples:
        >>> parse_dialect({"delimiter": ";", "encoding": "cp1252"}, "csv").delimiter
        ';'
    """
    if file_format not in TEXT_FORMATS:
        raise CatalogError(
            f"format {file_format!r} has no dialect", hint="Only 'csv' and 'tsv' have; remove the key."
        )
    if not isinstance(given, dict):
        raise CatalogError(f"{given!r} is not a mapping", hint="Write 'delimiter: \";\"' under 'dialect:'.")
    known = [field.name for field in fields(Dialect)]
    for key, value in given.items():
        if key not in known:
            hint = did_you_mean(str(key), known) or f"Choose from {', '.join(map(repr, known))}."
            raise CatalogError(f"a dialect has no key {key!r}", config_path=str(key), hint=hint)
        _check_value(key, value)
    arguments = {"delimiter": TEXT_FORMATS[file_format], **given}
    if arguments.get("columns") is not None:
        if arguments.get("header", True):
            raise CatalogError(
                "'columns' names the columns of a file without header, and 'header' is true",
                config_path="columns",
                hint="Write 'header: false', or remove 'columns'.",
            )
        arguments["columns"] = tuple(arguments["columns"])
    return Dialect(**arguments)


def _check_value(key: str, value: object) -> None:
    if key == "delimiter" and not (isinstance(value, str) and len(value) == 1 and value not in '"\r\n'):
        raise _wrong(key, value, "one character, as ';' or '\\t'")
    if key == "header" and not isinstance(value, bool):
        raise _wrong(key, value, "true or false")
    if key == "quoting" and value not in QUOTINGS:
        raise _wrong(key, value, ", ".join(map(repr, QUOTINGS)))
    if key == "columns" and not (isinstance(value, list) and all(isinstance(name, str) for name in value)):
        raise _wrong(key, value, "a list of names")
    if key == "encoding":
        try:
            codecs.lookup(str(value))
        except LookupError:
            raise _wrong(key, value, "an encoding that Python knows, as 'utf-8' or 'cp1252'") from None


def _wrong(key: str, value: object, right: str) -> CatalogError:
    return CatalogError(f"{value!r} is not a {key!r}", config_path=key, hint=f"Write {right}.")


# A timestamp as text; the one group is its offset, if it has one.
ISO_TIMESTAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$"

_WRITTEN_TIMESTAMPS = {
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}
_READ_TIMESTAMPS = {
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]XXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]",
}
_NO_FIELD = "\0"  # what Spark's parser returns for an empty field; the empty string would match '""' too


def spark_write_options(file_format: str, dialect: Dialect) -> dict[str, Any]:
    """Return Spark's options to write a format.

    See https://spark.apache.org/docs/latest/sql-data-sources-csv.html and -json.html.
    """
    if file_format == "json":
        return {**_WRITTEN_TIMESTAMPS, "ignoreNullFields": False}
    if file_format in TEXT_FORMATS:
        options = {**_spark_dialect(dialect), **_WRITTEN_TIMESTAMPS, "nullValue": "", "emptyValue": '""'}
        return {**options, "quoteAll": dialect.quoting == "all"}
    return {}


def spark_read_options(file_format: str, dialect: Dialect) -> dict[str, Any]:
    """Return Spark's options to read a format."""
    if file_format == "json":
        return {**_READ_TIMESTAMPS, "inferTimestamp": True}
    if file_format in TEXT_FORMATS:
        options = {**_spark_dialect(dialect), **_READ_TIMESTAMPS, "inferSchema": True, "multiLine": True}
        return {**options, "nullValue": "" if dialect.quoting == "none" else _NO_FIELD}
    return {}


def _spark_dialect(dialect: Dialect) -> dict[str, Any]:
    quote = "" if dialect.quoting == "none" else '"'  # the empty text turns quoting off
    return {
        "header": dialect.header,
        "sep": dialect.delimiter,
        "encoding": java_charset(dialect.encoding),
        "quote": quote,
        "escape": quote or "\\",
        "ignoreLeadingWhiteSpace": False,
        "ignoreTrailingWhiteSpace": False,
    }


def java_charset(encoding: str) -> str:
    """Return Java's name of one of Python's encodings, where the two differ."""
    name = codecs.lookup(encoding).name
    if name.startswith("cp125"):
        return f"windows-{name[2:]}"
    if name.startswith("iso8859-"):
        return f"ISO-8859-{name[8:]}"
    return {"ascii": "US-ASCII", "utf-8-sig": "UTF-8", "mac-roman": "x-MacRoman"}.get(
        name, name.replace("_", "-").upper().replace("-LE", "LE").replace("-BE", "BE")
    )

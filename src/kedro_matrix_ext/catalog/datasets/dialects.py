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

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ISO_TIMESTAMP", "SPARK_READ_OPTIONS", "SPARK_WRITE_OPTIONS"]

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
_CSV = {
    "header": True,
    "quote": '"',
    "escape": '"',
    "ignoreLeadingWhiteSpace": False,
    "ignoreTrailingWhiteSpace": False,
}
_NO_FIELD = "\0"  # what Spark's parser returns for an empty field; the empty string would match '""' too

# https://spark.apache.org/docs/latest/sql-data-sources-csv.html and -json.html
SPARK_WRITE_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "csv": {**_CSV, **_WRITTEN_TIMESTAMPS, "nullValue": "", "emptyValue": '""'},
    "json": {**_WRITTEN_TIMESTAMPS, "ignoreNullFields": False},
    "parquet": {},
}
SPARK_READ_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "csv": {**_CSV, **_READ_TIMESTAMPS, "inferSchema": True, "multiLine": True, "nullValue": _NO_FIELD},
    "json": {**_READ_TIMESTAMPS, "inferTimestamp": True},
    "parquet": {},
}

"""How the text formats are written: one dialect per format, the same for every engine.

csv
    A header line; fields quoted with ``"``, which is doubled inside; no whitespace is trimmed; an empty field
    is null and ``""`` is the empty string. csv keeps no types: each engine infers them (whole numbers are 64
    bits wide), so a text such as ``007`` comes back as a number unless the types are given. No lists.
json
    One object per line, nulls written. Dates and decimals have no notation of their own: dates come back as
    text. An empty frame keeps no columns, and Spark sorts the columns by name.
both
    Timestamps are ISO 8601 with six decimals, with an offset exactly where they have a time zone, and come
    back in UTC. A column of nothing but nulls comes back as text.
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
_NO_FIELD = "\0"  # what Spark's parser puts for an empty field; the empty text would swallow '""'

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

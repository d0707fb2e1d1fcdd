"""The schema of a catalog: ``transcode:`` entries are described, all others are Kedro's."""

from __future__ import annotations

from typing import Any

from kedro_matrix_ext.catalog.datasets.dialects import QUOTINGS
from kedro_matrix_ext.catalog.engines import engines, formats_of
from kedro_matrix_ext.catalog.transcoding import SHARED_KEYS, TRANSCODE

__all__ = ["make_catalog_schema"]

_SHARED: dict[str, dict[str, Any]] = {
    "versioned": {"type": "boolean", "description": "Whether each save keeps what was saved before."},
    "credentials": {"type": ["string", "object"], "description": "A name in credentials.yml."},
    "fs_args": {"type": "object", "description": "Arguments of the file system."},
    "dialect": {
        "type": "object",
        "description": "How a csv or tsv file is written, for every engine.",
        "properties": {
            "delimiter": {"type": "string", "minLength": 1, "maxLength": 1},
            "encoding": {"type": "string", "description": "A name that Python knows, as cp1252."},
            "header": {"type": "boolean", "description": "Whether the first line holds the columns' names."},
            "columns": {"type": "array", "items": {"type": "string"}},
            "quoting": {"enum": list(QUOTINGS)},
        },
        "additionalProperties": False,
    },
    "metadata": {"description": "What Kedro ignores and plugins read."},
}


def make_catalog_schema() -> dict[str, Any]:
    """Make the schema of a catalog file, with the engines and formats that there are in this process.

    Examples:
        >>> make_catalog_schema()["$defs"]["TranscodeEntry"]["properties"]["format"]["enum"]
        ['csv', 'delta', 'json', 'parquet', 'tsv']
    """
    entry = {
        "if": {"type": "object", "required": [TRANSCODE]},
        "then": {"$ref": "#/$defs/TranscodeEntry"},
        "else": {
            "properties": {"type": {"type": "string", "description": "The dataset, as pandas.CSVDataset."}}
        },
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "catalog.yml",
        "type": "object",
        "patternProperties": {"^[^_]": entry},
        "$defs": {"TranscodeEntry": _make_entry_schema()},
    }


def _make_entry_schema() -> dict[str, Any]:
    names = engines()
    formats = sorted({file_format for name in names for file_format in formats_of(name)})
    own = {
        name: {"type": "object", "description": f"Arguments of the {name} dataset alone."} for name in names
    }
    return {
        "type": "object",
        "description": "One table for several engines.",
        "required": [TRANSCODE, "format", "filepath"],
        "properties": {
            TRANSCODE: {
                "description": "The engines that read and write it.",
                "anyOf": [{"enum": names}, {"type": "array", "items": {"enum": names}, "minItems": 1}],
            },
            "format": {"enum": formats, "description": "How the file is written."},
            "filepath": {"type": "string", "description": "Where the file is."},
            **{key: _SHARED[key] for key in SHARED_KEYS},
            **own,
        },
        "additionalProperties": False,
    }

"""Expand ``transcode:`` entries: one declaration becomes a catalog entry per engine, all with one path."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._suggestion import did_you_mean, nearest_names
from kedro_matrix_ext.catalog.datasets.dialects import TEXT_FORMATS, parse_dialect
from kedro_matrix_ext.catalog.engine_names import ENGINE_SEPARATOR
from kedro_matrix_ext.catalog.engines import EngineFormat, engines, find_engine_format, formats_of
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Locate = Callable[[tuple[str, ...]], tuple[str | None, int | None]]

__all__ = ["SHARED_KEYS", "TRANSCODE", "expand_transcoding"]

TRANSCODE = "transcode"
_FORMAT = "format"
_FILEPATH = "filepath"
_ARGUMENT_TABLES = ("load_args", "save_args", "fs_args")
_LEAST_SIMILARITY = 0.7  # of 1; 'dask' is not a typo of 'spark' or 'pandas'
_DIALECT = "dialect"
_OURS = "kedro_matrix_ext.catalog.datasets."
SHARED_KEYS = ("versioned", "credentials", "fs_args", _DIALECT, "metadata")
_ADD_A_ROW = "Add another with add_engine_format(), see docs/how-to/transcoding.md."
# Keys of other datasets, and what to write for them.
_PARTITIONS = "one per engine, as 'orders@pandas' of type partitions.PartitionedDataset, over one 'path'"
_SQL = (
    "one per engine, as 'orders@pandas' of type pandas.SQLTableDataset and 'orders@spark' of SparkJDBCDataset"
)
_OTHER_KINDS = {
    **dict.fromkeys(("path", "dataset", "filename_suffix", "partitions", "partitioned"), _PARTITIONS),
    **dict.fromkeys(("partition_by", "partition_cols", "partitionBy"), _PARTITIONS),
    **dict.fromkeys(("sql", "con", "table", "table_name", "database", "query", "schema_name"), _SQL),
    **dict.fromkeys(("url", "jdbc_url", "connection_string"), _SQL),
}
_OTHER_FORMATS = {
    **dict.fromkeys(("sql", "jdbc", "sqltable", "sql_table", "database", "hive"), _SQL),
    **dict.fromkeys(("sqlite", "postgres", "postgresql", "mysql"), _SQL),
    **dict.fromkeys(("partition", "partitioned", "partitions"), _PARTITIONS),
}
# What pandas, polars and Spark call the keys of a dialect.
_OF_DIALECT = {
    **dict.fromkeys(("delimiter", "sep", "separator"), "delimiter"),
    **dict.fromkeys(("encoding", "charset"), "encoding"),
    **dict.fromkeys(("header", "has_header"), "header"),
    **dict.fromkeys(("columns", "names"), "columns"),
    **dict.fromkeys(("quoting", "quote_style", "quoteAll"), "quoting"),
}


def expand_transcoding(
    entries: Mapping[str, Any],
    *,
    locate: Locate | None = None,
    faults: list[CatalogError] | None = None,
) -> dict[str, Any]:
    """Replace each ``transcode:`` entry by the entries ``name@engine`` that it stands for.

    Args:
        entries: Catalog entries by name; names may be factory patterns. They are not changed.
        locate: Returns file and line of a key path, for messages.
        faults: If given, the error of an entry that cannot be expanded is added to it instead of raised, and
            the entry is left out.

    Returns:
        The entries in the same order; those without ``transcode:`` as they are.

    Raises:
        CatalogError: If the name of an entry or of one of its arguments is not text; if an entry names an
            unknown engine or key, a format its engine has no dataset for, or no file path; or if an entry
            with the expanded name is declared too.

    Examples:
        >>> expanded = expand_transcoding(
        ...     {"features": {"transcode": ["spark", "pandas"], "format": "parquet", "filepath": "f.parquet"}}
        ... )
        >>> list(expanded)
        ['features@spark', 'features@pandas']
        >>> {entry["filepath"] for entry in expanded.values()}
        {'f.parquet'}
    """
    expanded: dict[str, Any] = {}
    for name, entry in entries.items():
        try:
            _require_text_names(name, entry, locate)
            if not isinstance(entry, dict) or TRANSCODE not in entry:
                expanded.setdefault(name, entry)
            else:
                expanded.update(_Declaration(name, entry, locate).expand(entries))
        except CatalogError as error:  # noqa: PERF203  each fault is of one entry
            if faults is None:
                raise
            faults.append(error)
    return expanded


def _require_text_names(name: object, entry: object, locate: Locate | None) -> None:
    """Refuse an entry whose name, or the name of one of its arguments, YAML reads as a number or the like."""
    keys = entry if isinstance(entry, dict) else {}
    for path in ((name,), *((name, key) for key in keys)):
        key = path[-1]
        if not isinstance(key, str):
            file, line = locate(path) if locate else (None, None)  # type: ignore[arg-type]  # as YAML has it
            what = "a dataset" if len(path) == 1 else f"an argument of {name!r}"
            raise CatalogError(
                f"the name of {what} is {key!r}, which is not text",
                config_path=render_config_path("catalog", list(path)),
                file=file,
                line=line,
                hint=f"Put it in quotes, as '{key}', or give it a name that begins with a letter.",
            )


class _Declaration:
    """One ``transcode:`` entry, read and checked."""

    def __init__(self, name: str, entry: Mapping[str, Any], locate: Locate | None) -> None:
        self._name = name
        self._entry = entry
        self._locate = locate

    def expand(self, declared: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the entry of each engine by name; refuse a name that is declared by hand."""
        expanded = self._entries()
        for name in expanded:
            if name in declared:
                raise self.error(
                    f"{name!r} is declared, and {self._name!r} expands to the same name",
                    hint=f"Remove {name!r}, or move its arguments to the engine's key of {self._name!r}.",
                )
        return expanded

    def _entries(self) -> dict[str, dict[str, Any]]:
        chosen = self._engines()
        file_format = self._file_format()
        self._check_keys(chosen)
        if not isinstance(self._entry.get(_FILEPATH), str):
            raise self.error(f"{self._name!r} has no {_FILEPATH!r}", hint="Write the path of its file.")
        self._check_tables(chosen)
        rows = [(engine, self._row(engine, file_format)) for engine in chosen]
        self._check_dialect(rows, file_format)
        self._check_address(rows)
        return {
            f"{self._name}{ENGINE_SEPARATOR}{engine}": self._engine_entry(engine, row) for engine, row in rows
        }

    def error(self, message: str, *keys: str, hint: str) -> CatalogError:
        """Return an error with its place in the catalog."""
        path = (self._name, *keys)
        file, line = self._locate(path) if self._locate else (None, None)
        place = render_config_path("catalog", path)
        return CatalogError(message, config_path=place, file=file, line=line, hint=hint)

    def _engines(self) -> list[str]:
        chosen = self._entry[TRANSCODE]
        names = [chosen] if isinstance(chosen, str) else chosen
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise self.error(
                f"{chosen!r} is not a list of engines", TRANSCODE, hint=f"Choose from {_listed(engines())}."
            )
        for name in names:
            if name not in engines():
                hint = f"{_remedy(name, engines())} {_ADD_A_ROW}"
                raise self.error(f"there is no engine {name!r}", TRANSCODE, hint=hint)
        if len(set(names)) < len(names):
            raise self.error(f"{names!r} names an engine twice", TRANSCODE, hint="Name each once.")
        return names

    def _file_format(self) -> str:
        file_format = self._entry.get(_FORMAT)
        if not isinstance(file_format, str):
            raise self.error(
                f"{self._name!r} has no {_FORMAT!r}",
                hint="Write 'format: parquet', or another that its engines have.",
            )
        return file_format

    def _row(self, engine: str, file_format: str) -> EngineFormat:
        row = find_engine_format(engine, file_format)
        if row is None and file_format.lower() in _OTHER_FORMATS:
            raise self._other_kind(_FORMAT, file_format, _OTHER_FORMATS[file_format.lower()])
        if row is None:
            raise self.error(
                f"there is no dataset for format {file_format!r} in engine {engine!r}",
                _FORMAT,
                hint=f"{_remedy(file_format, formats_of(engine))} {_ADD_A_ROW}",
            )
        return row

    def _check_keys(self, chosen: Iterable[str]) -> None:
        known = [TRANSCODE, _FORMAT, _FILEPATH, *SHARED_KEYS, *chosen]
        for key, value in self._entry.items():
            if key in engines() and key not in known:
                hint = f"Add {key!r} to {TRANSCODE!r}, or remove its arguments."
                raise self.error(f"{key!r} is not among the engines of {self._name!r}", str(key), hint=hint)
            if key not in known and key in _OTHER_KINDS:
                raise self._other_kind(key, key, _OTHER_KINDS[key])
            if key not in known and key in _OF_DIALECT:
                hint = f"Write {_OF_DIALECT[key]!r} below {_DIALECT!r}, for all engines of the entry."
                raise self.error(f"a 'transcode' entry takes no key {key!r}", key, hint=hint)
            if key not in known:
                hint = f"{_remedy(str(key), known)} An engine's own arguments go under its name."
                raise self.error(f"a 'transcode' entry takes no key {key!r}", str(key), hint=hint)
            if key in chosen and not isinstance(value, dict):
                raise self.error(
                    f"{value!r} is not a mapping",
                    key,
                    hint=f"Write arguments of the {key} dataset, as 'save_args'.",
                )

    def _other_kind(self, key: str, found: str, remedy: str) -> CatalogError:
        message = f"a 'transcode' entry is one table at one 'filepath', and {found!r} belongs to another kind"
        return self.error(message, key, hint=f"Write entries without 'transcode': {remedy}.")

    def _check_dialect(self, rows: Iterable[tuple[str, EngineFormat]], file_format: str) -> None:
        """Check the dialect, which every chosen engine must accept."""
        if _DIALECT not in self._entry:
            return
        for engine, row in rows:
            if _DIALECT not in row.accepts and file_format in TEXT_FORMATS:
                hint = f"Remove it, or write the engine's own arguments under {engine!r}."
                raise self.error(f"the dataset of engine {engine!r} has no dialect", _DIALECT, hint=hint)
        try:
            parse_dialect(self._entry[_DIALECT], file_format)
        except CatalogError as error:
            keys = [error.config_path] if error.config_path else []
            raise self.error(error.message, _DIALECT, *keys, hint=error.hint or "") from None

    def _check_address(self, rows: Iterable[tuple[str, EngineFormat]]) -> None:
        """Refuse an address that our datasets refuse, with its file and line; a plain path needs no check."""
        filepath = self._entry[_FILEPATH]
        is_plain = not re.search(r"[:\\]", filepath) or "{" in filepath.partition(":")[0]
        if is_plain or not any(row.dataset.startswith(_OURS) for _, row in rows):
            return
        from kedro_matrix_ext.catalog.datasets.addresses import parse_address

        try:
            parse_address(filepath)
        except CatalogError as error:
            raise self.error(error.message, _FILEPATH, hint=error.hint or "") from None

    def _check_tables(self, chosen: Iterable[str]) -> None:
        """Check that tables of arguments are mappings, for all engines and for each."""
        places = [(), *((engine,) for engine in chosen if engine in self._entry)]
        for place in places:
            holder = self._entry[place[0]] if place else self._entry
            for table in _ARGUMENT_TABLES:
                if table in holder and not isinstance(holder[table], dict):
                    raise self.error(
                        f"{holder[table]!r} is not a mapping",
                        *place,
                        table,
                        hint="Write arguments by name, or leave it out.",
                    )

    def _engine_entry(self, engine: str, row: EngineFormat) -> dict[str, Any]:
        shared = {
            key: self._entry[key]
            for key in SHARED_KEYS
            if key in self._entry and (key in row.accepts or key in ("versioned", "metadata"))
        }
        defaults = {**row.arguments, "load_args": dict(row.load_args), "save_args": dict(row.save_args)}
        layers = ({_FILEPATH: self._entry[_FILEPATH]}, defaults, shared, self._entry.get(engine, {}))
        entry: dict[str, Any] = {"type": row.dataset}
        for layer in layers:
            for key, value in layer.items():
                entry[key] = {**entry.get(key, {}), **value} if key in _ARGUMENT_TABLES else value
        return {key: value for key, value in entry.items() if key not in _ARGUMENT_TABLES or value}


def _remedy(name: str, known: Iterable[str]) -> str:
    near = [one for one in nearest_names(name, known, 1) if _similarity(name, one) > _LEAST_SIMILARITY]
    return did_you_mean(name, near) or f"Choose from {_listed(known)}."


def _similarity(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second).ratio()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, sorted(names))) or "none"

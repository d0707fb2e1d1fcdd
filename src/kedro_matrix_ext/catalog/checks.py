"""Check transcoded datasets: engines of one dataset that disagree, or that no entry declares."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.engine_names import ENGINE_SEPARATOR
from kedro_matrix_ext.catalog.lookup.entries import EntryLookup
from kedro_matrix_ext.findings import Finding, Location, finding

__all__ = ["check_transcoding"]

_FORMATS = ("parquet", "csv", "json", "delta", "excel", "feather", "xml", "avro", "orc", "pickle")
_SCHEMES = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}


def check_transcoding(
    catalog_config: Mapping[str, Any],
    *,
    used: Iterable[str] = (),
    declared_in: Mapping[str, Collection[str]] | None = None,
    locate: Callable[[str], Location] | None = None,
) -> list[Finding]:
    """Report every ``name@engine`` group that would not work as one dataset.

    Args:
        catalog_config: The resolved catalog configuration, ``transcode:`` entries expanded.
        used: Dataset names that pipelines use; entries from patterns are checked as resolved for them.
        declared_in: The entry names that an environment's files declare, by environment, without base. Where
            engines disagree and one environment overrides some of them only, the remedy names it.
        locate: Returns where an entry is written, by its name.

    Returns:
        Findings; empty if there is nothing to report.

    Examples:
        >>> found = check_transcoding({
        ...     "table@spark": {"type": "spark.SparkDataset", "filepath": "a", "file_format": "parquet"},
        ...     "table@pandas": {"type": "pandas.ParquetDataset", "filepath": "b"},
        ... })
        >>> [one.message for one in found]
        ["the engines of 'table' have different paths: spark 'a', pandas 'b'"]
    """
    groups = _group_engines(catalog_config)
    transcoded = sorted(name for name in set(used) if ENGINE_SEPARATOR in name and name not in catalog_config)
    lookup = EntryLookup(catalog_config) if transcoded else None
    resolved = _group_engines(_resolve_patterns(transcoded, lookup)) if lookup else {}
    joined = {**groups, **{base: {**groups.get(base, {}), **made} for base, made in resolved.items()}}
    partial = {base: _find_partial_override(base, made, declared_in or {}) for base, made in joined.items()}
    named = [found for base, made in joined.items() for found in _check_group(base, made, partial[base])]
    if lookup:
        named += [found for name in transcoded for found in _check_undeclared(name, lookup, groups)]
    return [found if locate is None else replace(found, location=locate(name)) for name, found in named]


Engines = dict[str, Mapping[str, Any]]
Named = tuple[str, Finding]  # entry name and finding


def _group_engines(catalog_config: Mapping[str, Any]) -> dict[str, Engines]:
    groups: dict[str, Engines] = defaultdict(dict)
    for name, entry in catalog_config.items():
        base, separator, engine = name.rpartition(ENGINE_SEPARATOR)
        if separator and isinstance(entry, Mapping):
            groups[base][engine] = entry
    return groups


def _check_group(base: str, engines: Engines, partial: str | None) -> list[Named]:
    paths = {engine: entry["filepath"] for engine, entry in engines.items() if "filepath" in entry}
    formats = {engine: _format_of(entry) for engine, entry in engines.items()}
    versioned = {engine: bool(entry.get("versioned")) for engine, entry in engines.items()}
    known = {engine: each for engine, each in formats.items() if each}
    remedies = {
        "paths": (paths, "Give all engines one 'filepath'."),
        "formats": (known, "Give all engines the format of the file."),
        "'versioned' settings": (versioned, "Write 'versioned: true' on all engines, or on none."),
    }
    found = []
    for what, (values, fix) in remedies.items():
        if len({_comparable(value) for value in values.values()}) > 1:
            listed = ", ".join(f"{engine} {value!r}" for engine, value in values.items())
            message = f"the engines of {base!r} have different {what}: {listed}"
            remedy = partial or f"{fix} A 'transcode:' entry does this."
            found.append(_mismatch(message, base, next(iter(values)), remedy))
    return found


def _comparable(value: Any) -> str:
    """Give one text to all spellings of a path, and to Spark's and fsspec's names of one storage."""
    scheme, separator, rest = str(value).rpartition("://")
    if not separator:
        return posixpath.normpath(rest)
    return f"{_SCHEMES.get(scheme, scheme)}://{rest.rstrip('/')}"


def _find_partial_override(
    base: str, engines: Engines, declared_in: Mapping[str, Collection[str]]
) -> str | None:
    """Return what to do if an environment overrides some engines of a dataset and not the others."""
    for env, names in declared_in.items():
        overridden = [engine for engine in engines if f"{base}{ENGINE_SEPARATOR}{engine}" in names]
        left = [engine for engine in engines if engine not in overridden]
        if overridden and left:
            return (
                f"Environment {env!r} overrides {base!r} for {', '.join(overridden)} but not for "
                f"{', '.join(left)}: override all engines, or the path they share."
            )
    return None


def _format_of(entry: Mapping[str, Any]) -> str | None:
    """Read the format from ``file_format`` or the class's name; None if neither shows it."""
    if isinstance(entry.get("file_format"), str):
        return str(entry["file_format"])
    class_name = str(entry.get("type", "")).rpartition(".")[2].lower()
    if class_name == "sparkdataset":
        return "parquet"  # kedro-datasets' default
    return next((known for known in _FORMATS if class_name.startswith(known)), None)


def _resolve_patterns(names: Iterable[str], lookup: EntryLookup) -> dict[str, Any]:
    """Return the entries of names that patterns with ``@`` declare."""
    patterns = {name: lookup.find(name) or "" for name in names}
    return {name: lookup.resolve(name) for name, pattern in patterns.items() if ENGINE_SEPARATOR in pattern}


def _check_undeclared(name: str, lookup: EntryLookup, groups: Mapping[str, Engines]) -> list[Named]:
    matched = lookup.find(name)
    if matched and ENGINE_SEPARATOR in matched:
        return []
    base, _, engine = name.rpartition(ENGINE_SEPARATOR)
    if matched:
        message = f"pattern {matched!r} would match {name!r}, which no entry declares"
    else:
        message = f"a pipeline uses {name!r}, and no entry declares it"
    known = groups.get(base, {})
    hint = did_you_mean(engine, known)
    fix = f"Declare {name!r}, or add {engine!r} to the 'transcode:' of {base!r}. {hint}".rstrip()
    return [_mismatch(message, base, engine, fix)]


def _mismatch(message: str, base: str, engine: str, fix: str) -> Named:
    name = f"{base}{ENGINE_SEPARATOR}{engine}"
    location = Location(config_path=render_config_path("catalog", [name]))
    return name, finding("transcoding-mismatch", message, fix=fix, location=location, dataset=base)

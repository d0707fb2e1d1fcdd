"""Which catalog entry a dataset has: its own, or that of a factory pattern, by Kedro's own ranking."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.catalog.errors import CatalogError
from kedro_matrix_ext.catalog.lookup.entries import PatternTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro.io import CatalogConfigResolver

    from kedro_matrix_ext._config_path import Keys

__all__ = ["PatternCandidate", "PatternMatch", "is_catch_all", "match_dataset", "named_credentials"]

_MOST_WAYS = 20_000_000  # about two seconds


@dataclass(frozen=True)
class PatternCandidate:
    """A pattern that matches a dataset's name, and is not used.

    Attributes:
        pattern: The pattern.
        reason: Why another one, or the dataset's own entry, comes before it.
    """

    pattern: str
    reason: str


@dataclass(frozen=True)
class PatternMatch:
    """The catalog entry that a dataset has.

    Attributes:
        dataset: The dataset's name.
        entry: The name of the entry in the catalog: its own, a pattern, or Kedro's default for a run.
        declared: Whether the catalog has that entry; Kedro's default is none of its entries.
        config: The entry with the pattern's placeholders filled; credentials are named only.
        values: Per placeholder what it stands for.
        candidates: The other patterns that match, in Kedro's order.
    """

    dataset: str
    entry: str
    declared: bool
    config: dict[str, Any]
    values: dict[str, str]
    candidates: tuple[PatternCandidate, ...]


def match_dataset(catalog: Mapping[str, Any], dataset: str) -> PatternMatch:
    """Find the entry of a dataset.

    Raises:
        CatalogError: If Kedro refuses the catalog, or matching a pattern with many placeholders would take
            minutes.

    Examples:
        >>> catalog = {"{name}.model": {"type": "a.B", "filepath": "{name}.bin"}, "{any}": {"type": "a.C"}}
        >>> match = match_dataset(catalog, "base.model")
        >>> match.entry, match.config["filepath"], match.values
        ('{name}.model', 'base.bin', {'name': 'base'})
        >>> match.candidates
        (PatternCandidate(pattern='{any}', reason='a catch-all, 0 characters outside braces against 6'),)
    """
    from kedro.io import CatalogConfigResolver, DataCatalog, DatasetError

    relevant = {name: entry for name, entry in catalog.items() if "{" in name or name == dataset}
    for pattern in relevant:
        _require_quick(pattern, dataset)
    names: dict[str, Any] = {name: name for _, name in named_credentials(relevant)}
    try:
        resolver = CatalogConfigResolver(relevant, names, DataCatalog.default_runtime_patterns)
    except DatasetError as error:
        raise CatalogError(str(error).splitlines()[0], config_path="catalog") from error
    table = PatternTable(resolver.list_patterns())
    order = list(table.matching(dataset))
    entry = dataset if dataset in catalog and "{" not in dataset else order.pop(0)
    others = [pattern for pattern in order if pattern in catalog]
    return PatternMatch(
        dataset=dataset,
        entry=entry,
        declared=entry in catalog,
        config=_resolve_quietly(resolver, dataset),
        values=table.placeholders(entry, dataset),
        candidates=tuple(PatternCandidate(pattern, _why(entry, pattern)) for pattern in others),
    )


def _require_quick(pattern: str, dataset: str) -> None:
    """Refuse a pattern whose placeholders can divide a name in too many ways: each of them is tried."""
    placeholders = pattern.count("{")
    if comb(len(dataset), placeholders) > _MOST_WAYS:
        raise CatalogError(
            f"the pattern {pattern!r} has {placeholders} placeholders, which is too many for a name of "
            f"{len(dataset)} characters",
            config_path=render_config_path("catalog", [pattern]),
            hint="Matching would take minutes. Use fewer placeholders, or a shorter name.",
        )


def is_catch_all(name: str) -> bool:
    """Return whether the name of an entry is a pattern that matches any dataset."""
    return "{" in name and not _specificity(name)


def named_credentials(node: Any, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """List the credentials that an entry, or all of a catalog, names.

    Yields:
        The key path and the name.
    """
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "credentials" and isinstance(value, str):
                yield (*keys, key), value
            else:
                yield from named_credentials(value, (*keys, key))


def _resolve_quietly(resolver: CatalogConfigResolver, dataset: str) -> dict[str, Any]:
    """Fill the pattern; Kedro logs a warning for a catch-all, which is for runs."""
    logger = logging.getLogger("kedro.io.catalog_config_resolver")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        return dict(resolver.resolve_pattern(dataset))
    finally:
        logger.setLevel(level)


def _why(entry: str, pattern: str) -> str:
    """Say why Kedro prefers an entry to a pattern that matches too."""
    if "{" not in entry:
        return "the dataset has its own entry"
    ours, theirs = _specificity(entry), _specificity(pattern)
    if theirs < ours:
        catch_all = "a catch-all, " if not theirs else ""
        return f"{catch_all}{theirs} characters outside braces against {ours}"
    if pattern.count("{") < entry.count("{"):
        return f"as specific, {pattern.count('{')} placeholders against {entry.count('{')}"
    return "as specific, later in the alphabet"


def _specificity(pattern: str) -> int:
    """Kedro's measure: the characters outside braces."""
    return len(re.sub(r"\{.*?\}", "", pattern))

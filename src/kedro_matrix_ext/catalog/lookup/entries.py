"""Which entry of a catalog a dataset's name is resolved to: its own, a pattern, or the catch-all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["EntryLookup", "PatternTable"]


class PatternTable:
    """Factory patterns in Kedro's order of preference, each compiled once.

    Args:
        patterns: The patterns, as ``CatalogConfigResolver.list_patterns`` returns them.

    Examples:
        >>> table = PatternTable(["{name}_raw", "{any}"])
        >>> list(table.matching("cars_raw")), table.placeholders("{name}_raw", "cars_raw")
        (['{name}_raw', '{any}'], {'name': 'cars'})
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        from parse import compile as compile_pattern

        self._compiled = {pattern: compile_pattern(pattern) for pattern in patterns}

    def matching(self, dataset: str) -> Iterator[str]:
        """Yield the patterns that match a dataset's name."""
        return (name for name, pattern in self._compiled.items() if pattern.parse(dataset))

    def placeholders(self, pattern: str, dataset: str) -> dict[str, str]:
        """Return the values of a pattern's placeholders; empty if it does not match."""
        found = self._compiled[pattern].parse(dataset) if pattern in self._compiled else None
        return {} if found is None else {name: str(value) for name, value in found.named.items()}


class EntryLookup:
    """The entries of a catalog, by the datasets they are for. Each pattern is compiled once.

    Args:
        entries: Catalog entries by name or pattern, each a mapping; credentials are not looked at.

    Examples:
        >>> lookup = EntryLookup({"cars": {"type": "a"}, "{name}_raw": {"type": "b", "path": "{name}"}})
        >>> lookup.find("cars"), lookup.find("bikes_raw"), lookup.find("bikes")
        ('cars', '{name}_raw', None)
        >>> lookup.resolve("bikes_raw")
        {'type': 'b', 'path': 'bikes'}
    """

    def __init__(self, entries: Mapping[str, Any]) -> None:
        from kedro.io import CatalogConfigResolver

        self._entries = entries
        self._resolver = CatalogConfigResolver(
            config={name: without_credentials(entry) for name, entry in entries.items()},
            default_runtime_patterns={},
        )
        self._patterns = PatternTable(
            pattern for pattern in self._resolver.list_patterns() if pattern in entries
        )

    def find(self, dataset: str) -> str | None:
        """Name the entry of a dataset."""
        if dataset in self._entries:
            return dataset
        return next(self._patterns.matching(dataset), None)

    def resolve(self, dataset: str) -> dict[str, Any] | None:
        """Give the entry of a dataset, the placeholders of a pattern filled in."""
        if self.find(dataset) is None:
            return None
        resolved: dict[str, Any] = self._resolver.resolve_pattern(dataset)
        return resolved


def without_credentials(entry: Any) -> Any:
    """Copy an entry without the names of credentials in it, which Kedro would look up."""
    if not isinstance(entry, dict):
        return entry
    return {key: without_credentials(value) for key, value in entry.items() if key != "credentials"}

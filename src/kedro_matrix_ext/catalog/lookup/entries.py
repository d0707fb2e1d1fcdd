"""Which entry of a catalog a dataset's name is resolved to: its own, a pattern, or the catch-all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["EntryLookup"]


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
        from parse import compile as compile_pattern

        self._entries = entries
        self._resolver = CatalogConfigResolver(
            config={name: without_credentials(entry) for name, entry in entries.items()},
            default_runtime_patterns={},
        )
        self._patterns = {
            pattern: compile_pattern(pattern)
            for pattern in self._resolver.list_patterns()
            if pattern in entries
        }

    def find(self, dataset: str) -> str | None:
        """Name the entry of a dataset."""
        if dataset in self._entries:
            return dataset
        return next(self._matches(dataset), None)

    def resolve(self, dataset: str) -> dict[str, Any] | None:
        """Give the entry of a dataset, the placeholders of a pattern filled in."""
        if self.find(dataset) is None:
            return None
        resolved: dict[str, Any] = self._resolver.resolve_pattern(dataset)
        return resolved

    def _matches(self, dataset: str) -> Iterator[str]:
        return (name for name, pattern in self._patterns.items() if pattern.parse(dataset))


def without_credentials(entry: Any) -> Any:
    """Copy an entry without the names of credentials in it, which Kedro would look up."""
    if not isinstance(entry, dict):
        return entry
    return {key: without_credentials(value) for key, value in entry.items() if key != "credentials"}

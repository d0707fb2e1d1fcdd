"""Where a dataset keeps its data, read off its entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["find_storage", "is_local"]

_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9.]+)(?:\+[a-z0-9]+)?:", re.IGNORECASE)
# On the disk, or in the memory, of whoever opens it.
_LOCAL_SCHEMES = frozenset({"file", "local", "memory", "sqlite", "duckdb"})
_MOUNTED = "/dbfs/"  # Databricks shows shared storage to each of its machines there


def find_storage(entry: object) -> str | None:
    """Find the path or URL that an entry names, in whatever it wraps.

    Args:
        entry: A catalog entry, or a dataset.

    Returns:
        The path or URL; none where it names none, as a table of a database server.

    Examples:
        >>> find_storage({"type": "CachedDataset", "dataset": {"type": "text.TextDataset", "filepath": "a"}})
        'a'
    """
    if isinstance(entry, Mapping):
        return _find_in_mapping(entry)
    if entry is None or isinstance(entry, str):
        return None
    attributes: Mapping[str, Any] = getattr(entry, "__dict__", {})
    path = attributes.get("_filepath") or attributes.get("_path")
    if path is None:
        return find_storage(attributes.get("_dataset"))
    protocol = attributes.get("_protocol")
    return f"{protocol}://{path}" if protocol and "://" not in str(path) else str(path)


def _find_in_mapping(entry: Mapping[Any, Any]) -> str | None:
    credentials = entry.get("credentials")
    candidates = (
        entry.get("filepath"),
        entry.get("path"),
        entry.get("con"),
        credentials.get("con") if isinstance(credentials, Mapping) else None,
    )
    found = next((str(value) for value in candidates if value), None)
    return found or find_storage(entry.get("dataset"))


def is_local(storage: str) -> bool:
    """Tell whether only one machine sees what is stored there.

    Args:
        storage: A path or URL; of chained ones, ``simplecache::s3://...``, the last counts.

    Returns:
        True for paths on disk, ``file://``, ``sqlite:``, and data in memory.

    Examples:
        >>> [is_local(path) for path in ("data/a.csv", "file:///a", "s3://b/a", "C:/a", "/dbfs/a", "dbfs:/a")]
        [True, True, False, True, False, False]
    """
    last = storage.rpartition("::")[2]
    scheme = _SCHEME.match(last)
    if scheme is None:
        return not last.startswith(_MOUNTED)
    return scheme["scheme"].lower() in _LOCAL_SCHEMES

"""Where a dataset stores its data, read from its entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kedro_matrix_ext._secrets import REDACTED, show_address

__all__ = ["find_storage", "is_local", "show_storage"]

_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9.]+)(?:\+[a-z0-9]+)?:", re.IGNORECASE)
# On the disk or in the memory of the process that opens it.
_LOCAL_SCHEMES = frozenset({"file", "local", "memory", "sqlite", "duckdb"})
_MOUNTED = "/dbfs/"  # Databricks mounts shared storage there on each of its machines


def find_storage(entry: object) -> str | None:
    """Return the path or URL of a catalog entry or dataset, inside wrappers too; none for a database table.

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


def show_storage(entry: object, storage: str) -> str:
    """Return how messages call the storage of an entry: a database only by scheme and host.

    Examples:
        >>> show_storage({"filepath": "data/cars.csv"}, "data/cars.csv")
        'data/cars.csv'
        >>> address = "postgresql://me:hidden@db.example.com/shop"
        >>> show_storage({"credentials": {"con": address}}, address)
        'postgresql://db.example.com'
    """
    inner = entry
    while isinstance(inner, Mapping):
        if storage in (str(inner.get("filepath")), str(inner.get("path"))):
            return show_address(storage)
        inner = inner.get("dataset")
    if not isinstance(entry, Mapping):
        return show_address(storage)
    return show_address(f"{storage}?") if "://" in storage else REDACTED


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
    """Return whether only one machine sees a path or URL; of chained ones, the last part counts.

    Examples:
        >>> [is_local(path) for path in ("data/a.csv", "file:///a", "s3://b/a", "C:/a", "/dbfs/a", "dbfs:/a")]
        [True, True, False, True, False, False]
    """
    last = storage.rpartition("::")[2]
    scheme = _SCHEME.match(last)
    if scheme is None:
        return not last.startswith(_MOUNTED)
    return scheme["scheme"].lower() in _LOCAL_SCHEMES

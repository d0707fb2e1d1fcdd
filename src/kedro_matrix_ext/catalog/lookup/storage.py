"""Where a dataset stores its data, read from its entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._secrets import REDACTED, show_address

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_storage", "is_local", "list_storages", "show_storage"]

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
        return next(list_storages(entry), None)
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


def list_storages(entry: object) -> Iterator[str]:
    """Yield every path and URL of a catalog entry: a query's file and its database, and those inside.

    Examples:
        >>> list(list_storages({"filepath": "s3://b/q.sql", "credentials": {"con": "sqlite:///a.db"}}))
        ['s3://b/q.sql', 'sqlite:///a.db']
    """
    if not isinstance(entry, Mapping):
        found = find_storage(entry)
        yield from [found] if found else []
        return
    credentials = entry.get("credentials")
    candidates = (
        entry.get("filepath"),
        entry.get("path"),
        entry.get("con"),
        credentials.get("con") if isinstance(credentials, Mapping) else None,
    )
    yield from (str(value) for value in candidates if value)
    yield from list_storages(entry.get("dataset"))


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

"""Which library opens a path or a database: the package of its protocol, the driver of its database."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.lookup.storage import list_storages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["find_storage_libraries", "is_installed", "list_storage_needs"]

_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9.]*)(?:\+(?P<driver>[a-z0-9_]+))?:", re.IGNORECASE)
_FSSPEC = re.compile(r"^\s*(?:import|from) fsspec\b", re.MULTILINE)
# Protocols of fsspec whose class does not say what it imports, and those that packages register.
_PROTOCOLS = {
    **dict.fromkeys(("s3", "s3a", "s3n"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("abfs", "abfss", "az", "adl"), "adlfs"),
    **dict.fromkeys(("hdfs", "arrow_hdfs"), "pyarrow"),
    **dict.fromkeys(("webhdfs", "dbfs", "github", "jupyter", "jlab"), "requests"),
    **dict.fromkeys(("http", "https"), "aiohttp"),
    **dict.fromkeys(("sftp", "ssh"), "paramiko"),
    "smb": "smbprotocol",
    "git": "pygit2",
    "libarchive": "libarchive",
}
# What SQLAlchemy imports for a database: its default driver, and drivers whose library has another name.
_DATABASES = {
    "postgresql": "psycopg2",
    "postgres": "psycopg2",
    "mysql": "MySQLdb",
    "mariadb": "MySQLdb",
    "mssql": "pyodbc",
    "oracle": "cx_Oracle",
    "snowflake": "snowflake",
    "bigquery": "sqlalchemy_bigquery",
    "redshift": "sqlalchemy_redshift",
    "databricks": "databricks",
    "duckdb": "duckdb_engine",
    "trino": "trino",
    "clickhouse": "clickhouse_sqlalchemy",
}
_DRIVERS = {"mysqldb": "MySQLdb", "mysqlconnector": "mysql", "psycopg_async": "psycopg"}
_WITHOUT_LIBRARY = frozenset({"file", "local", "memory", "sqlite", "data"})


def find_storage_libraries(storage: str, *, protocols: bool = True) -> Iterator[str]:
    """Yield the libraries that a path or a database's URL needs, by their import names.

    Args:
        storage: As a catalog entry has it; chained URLs have several protocols.
        protocols: Whether the dataset opens paths through fsspec; databases count anyway.

    Yields:
        Libraries; none for local paths and for protocols that nothing is known of.

    Examples:
        >>> list(find_storage_libraries("simplecache::gs://bucket/cars.csv"))
        ['gcsfs']
        >>> [*find_storage_libraries("mysql+pymysql://host/db"), *find_storage_libraries("data/cars.csv")]
        ['pymysql']
    """
    for part in storage.split("::"):
        match = _SCHEME.match(part)
        if match is None:
            continue
        scheme, driver = match["scheme"].lower(), (match["driver"] or "").lower()
        if driver and scheme not in _PROTOCOLS:
            yield _DRIVERS.get(driver, driver)
        elif scheme in _DATABASES:
            yield _DATABASES[scheme]
        elif protocols and scheme in _PROTOCOLS:
            yield _PROTOCOLS[scheme]
        elif protocols and scheme not in _WITHOUT_LIBRARY:
            yield from _ask_fsspec(scheme)


def list_storage_needs(entry: object, classes: Iterable[type]) -> Iterator[tuple[str, str]]:
    """Yield the libraries that the storage of a dataset needs, each with the protocol or database.

    Args:
        entry: The catalog entry, or the dataset.
        classes: Its class, and those of the datasets that it wraps.

    Examples:
        >>> from kedro.io import CachedDataset
        >>> entry = {"type": "CachedDataset", "dataset": {"type": "x.Y", "con": "postgresql://db/shop"}}
        >>> list(list_storage_needs(entry, [CachedDataset]))
        [('psycopg2', 'postgresql:')]
    """
    found = list(classes)
    protocols, spark = any(map(_uses_protocols, found)), any("spark" in each.__module__ for each in found)
    for storage in list_storages(entry):
        for library in find_storage_libraries(storage, protocols=protocols):
            scheme = f"{storage.rpartition('::')[2].partition(':')[0]}:"
            if not (spark and scheme == "hdfs:"):  # Kedro's class has a separate client for it
                yield library, scheme


def _uses_protocols(found: type) -> bool:
    """Return whether a class opens its paths through fsspec, as its source says; Spark opens them itself."""
    from kedro.io import AbstractDataset

    if not issubclass(found, AbstractDataset):  # a class that cannot be imported here
        return "spark" not in found.__module__
    return any(_mentions_fsspec(base.__module__) for base in found.__mro__)


@cache
def _mentions_fsspec(module: str) -> bool:
    file = getattr(sys.modules.get(module), "__file__", None)
    if module.startswith("kedro.io") or file is None:
        return False
    return bool(_FSSPEC.search(Path(file).read_text(encoding="utf-8", errors="replace")))


def _ask_fsspec(scheme: str) -> Iterator[str]:
    """Yield the package of a protocol that fsspec knows: it names the class."""
    from fsspec.registry import known_implementations, registry

    known: dict[str, Any] = known_implementations.get(scheme, {}) if scheme not in registry else {}
    library = str(known.get("class", "")).partition(".")[0]
    if library and library != "fsspec":
        yield library


def is_installed(library: str) -> bool:
    """Return whether a library can be found here, without importing it.

    Examples:
        >>> is_installed("kedro"), is_installed("absent_library")
        (True, False)
    """
    try:
        return find_spec(library) is not None
    except (ImportError, ValueError):  # a module whose spec is gone
        return False

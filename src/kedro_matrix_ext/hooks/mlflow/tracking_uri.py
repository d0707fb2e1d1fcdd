"""Where MLflow's store is, and whether anybody answers there; nothing here imports mlflow."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

__all__ = [
    "check_answers",
    "choose_experiment",
    "choose_store",
    "database_file",
    "hide_credentials",
    "is_on_this_machine",
    "locate_store",
]

DEFAULT_STORE = "sqlite:///mlruns.db"
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>[^?]+)")


def choose_store(config: TrackingConfig, project_path: Path) -> str:
    """Choose the experiment: ``tracking.yml``, else ``MLFLOW_EXPERIMENT_NAME``, else the project."""
    uri = config.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_STORE
    return locate_store(uri, project_path)


def choose_experiment(config: TrackingConfig, project_name: str) -> str:
    """Choose the experiment: that of ``tracking.yml``, of ``MLFLOW_EXPERIMENT_NAME``, or the project's."""
    return config.experiment or os.environ.get("MLFLOW_EXPERIMENT_NAME") or project_name


def locate_store(uri: str, project_path: Path) -> str:
    """Put a store's relative path under the project.

    Examples:
        >>> locate_store("sqlite:///mlruns.db", Path("/srv/shop"))
        'sqlite:////srv/shop/mlruns.db'
        >>> locate_store("http://localhost:5000", Path("/srv/shop"))
        'http://localhost:5000'
    """
    found = _SQLITE.match(uri)
    if found and found["path"] != ":memory:":
        start, end = found.span("path")
        return f"{uri[:start]}{(project_path / found['path']).as_posix()}{uri[end:]}"
    if "://" not in uri and uri != "databricks":
        return (project_path / uri.removeprefix("file:")).as_uri()
    return uri


def is_on_this_machine(uri: str) -> bool:
    """Return whether a store is a file or a folder here, so that its artifacts are here too."""
    return uri.startswith(("sqlite", "file:"))


def database_file(uri: str) -> Path | None:
    """Return which file a store is.

    Examples:
        >>> str(database_file("sqlite:////srv/shop/mlruns.db"))
        '/srv/shop/mlruns.db'
        >>> database_file("sqlite:///:memory:"), database_file("http://localhost:5000")
        (None, None)
    """
    found = _SQLITE.match(uri)
    return Path(found["path"]) if found and found["path"] != ":memory:" else None


def hide_credentials(text: str) -> str:
    """Take user names, passwords and other secrets out of a text, so that it may be logged.

    Examples:
        >>> hide_credentials("postgresql://me:hid@d/en@db.example.com/mlflow")
        'postgresql://********@db.example.com/mlflow'
    """
    return scrub(text)


def check_answers(uri: str, timeout: float) -> None:
    """Find out quickly whether a store can be had, before MLflow retries for minutes.

    Raises:
        HookError: If the file is not a database or cannot be written, or the address is invalid or
            does not answer.
    """
    file = database_file(uri)
    try:
        if file is not None:
            _check_database(file, timeout)
        else:
            _check_listens(uri, timeout)
    except (OSError, ValueError, sqlite3.Error) as error:
        raise HookError(
            f"the MLflow store at {hide_credentials(uri)!r} does not answer: {hide_credentials(str(error))}",
            config_path="tracking: tracking_uri",
            hint="Start it or correct the address; with 'required: false' a run goes on without.",
        ) from error


def _check_database(file: Path, timeout: float) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, timeout=timeout)) as connection:
        connection.execute("PRAGMA schema_version")


def _check_listens(uri: str, timeout: float) -> None:
    address = urlsplit(uri)
    scheme = address.scheme.partition("+")[0]
    proxied = scheme in getproxies() and not proxy_bypass(address.hostname or "")
    if scheme in _PORTS and address.hostname and not proxied:
        port = address.port or _PORTS[scheme]
        socket.create_connection((address.hostname, port), timeout=timeout).close()

"""Where MLflow's store is, whether it answers, and the variables that name it, without mlflow."""

from __future__ import annotations

import math
import os
import re
import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

__all__ = [
    "GO_ON",
    "at_file",
    "check_answers",
    "choose_experiment",
    "choose_store",
    "database_file",
    "hide_credentials",
    "is_on_this_machine",
    "locate_store",
    "name_store",
    "read_variables",
    "restore_variables",
    "shorten_requests",
    "tolerated",
]

DEFAULT_STORE = "sqlite:///mlruns.db"
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
GO_ON = "With 'required: false' in tracking.yml a run goes on without MLflow."
_NO_LINKS = "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"
_BACKOFF = ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER")
_RETRIES = 7  # of MLflow, by default
_REQUEST = ("MLFLOW_HTTP_REQUEST_TIMEOUT", "MLFLOW_HTTP_REQUEST_MAX_RETRIES")
_NAMES = (
    *("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"),
    *(_NO_LINKS, *_BACKOFF, *_REQUEST),
)
_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///(?!:memory:|file:)(?P<path>[^?]+)")


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
    if found:
        return at_file(uri, project_path / found["path"])
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
    return Path(found["path"]) if found else None


def at_file(uri: str, file: Path) -> str:
    """Return the address of another sqlite file, with the same options.

    Examples:
        >>> at_file("sqlite:////srv/shop/mlruns.db?timeout=9", Path("/tmp/new.db"))
        'sqlite:////tmp/new.db?timeout=9'
    """
    scheme, _, rest = uri.partition(":///")
    return f"{scheme}:///{file.as_posix()}{''.join(rest.partition('?')[1:])}"


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
            hint=f"Start it or correct the address. {GO_ON}",
        ) from error


def tolerated(error: HookError) -> HookError:
    """Return an error as the warning that it becomes with ``required: false``, without that advice.

    Examples:
        >>> print(tolerated(HookError("no answer", hint=f"Start it. {GO_ON}")))
        no answer
          Start it.
    """
    return replace(error, hint=(error.hint or "").replace(GO_ON, "").strip() or None)


def _check_database(file: Path, timeout: float) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        return  # MLflow makes it, or says why not; a connection would leave an empty file
    with closing(sqlite3.connect(file, timeout=timeout)) as connection:
        connection.execute("PRAGMA schema_version")


def _check_listens(uri: str, timeout: float) -> None:
    address = urlsplit(uri)
    scheme = address.scheme.partition("+")[0]
    proxied = scheme in getproxies() and not proxy_bypass(address.hostname or "")
    if scheme in _PORTS and address.hostname and not proxied:
        port = address.port or _PORTS[scheme]
        socket.create_connection((address.hostname, port), timeout=timeout).close()


def read_variables() -> dict[str, str | None]:
    """Return what ``restore_variables`` puts back."""
    return {name: os.environ.get(name) for name in _NAMES}


def restore_variables(variables: dict[str, str | None]) -> None:
    """Undo ``name_store`` and ``shorten_requests``."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def name_store(tracking_uri: str, experiment_id: str, timeout: float) -> None:
    """Name store and experiment to MLflow, here and in processes that nodes start, but not the run.

    The first ``mlflow.start_run(nested=True)`` would take the run that ``MLFLOW_RUN_ID`` names for its own.
    If the server is gone, what nodes log is retried for ``timeout`` seconds in all, not for minutes; the time
    for one request stays MLflow's, since an upload may take long. MLflow prints links to a run, which are
    suppressed if the store's address holds a password.
    """
    os.environ.pop("MLFLOW_RUN_ID", None)
    os.environ.pop("MLFLOW_EXPERIMENT_NAME", None)  # with an id too, MLflow compares the two
    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri
    os.environ["MLFLOW_EXPERIMENT_ID"] = experiment_id
    if not set(_BACKOFF) & set(os.environ):
        os.environ.update(zip(_BACKOFF, ("0", str(timeout / _RETRIES)), strict=True))
    if hide_credentials(tracking_uri) != tracking_uri:
        os.environ[_NO_LINKS] = "true"


def shorten_requests(timeout: float) -> None:
    """Let nodes wait no longer than this for a lost store, which may take connections and never answer."""
    if not set(_REQUEST) & set(os.environ):
        os.environ.update(zip(_REQUEST, (str(math.ceil(timeout)), "0"), strict=True))

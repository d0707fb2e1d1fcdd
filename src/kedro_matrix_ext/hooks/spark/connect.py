"""A Spark Connect server: which one, whether it answers, and the options that a session there takes.

Nothing here imports pyspark or starts a session. PySpark connects to the server in ``SPARK_REMOTE``, and
applies the options in ``PYSPARK_REMOTE_INIT_CONF_0`` when it opens the session, whoever asks for one
(``SparkSession.Builder._apply_options`` of ``pyspark.sql.connect``).
"""

from __future__ import annotations

import json
import os
import socket
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_server", "choose_server", "connect_session", "ignored_options", "offer_server"]

_REMOTE_VARIABLE = "SPARK_REMOTE"
_OURS_VARIABLE = "KEDRO_MATRIX_SPARK_REMOTE"  # what we wrote there, so that we can undo it
_COUNT_VARIABLE, _OPTIONS_VARIABLE = "PYSPARK_REMOTE_INIT_CONF_LEN", "PYSPARK_REMOTE_INIT_CONF_0"
_MODE_VARIABLE = "SPARK_CONNECT_MODE_ENABLED"  # set by PySpark once it has connected
_DEFAULT_PORT = 15002
_CLIENT = ("grpc", "grpc_status")  # of pyspark[connect]
_STATIC = ("spark.sql.extensions", "spark.sql.warehouse.dir", "spark.sql.catalogImplementation")


def choose_server(options: Mapping[str, str]) -> str | None:
    """Return the server in ``SPARK_REMOTE``, else ``spark.remote`` of ``spark.yml``, else None."""
    present = os.environ.get(_REMOTE_VARIABLE)
    if present and present != os.environ.get(_OURS_VARIABLE):
        return present
    return options.get("spark.remote")


def offer_server(server: str | None, options: Mapping[str, str]) -> None:
    """Make this the server of the session that is opened next, with these options; None for no server."""
    if os.environ.pop(_OURS_VARIABLE, None):
        for name in (_REMOTE_VARIABLE, _COUNT_VARIABLE, _OPTIONS_VARIABLE, _MODE_VARIABLE):
            os.environ.pop(name, None)
    if server is None:
        return
    taken = {name: value for name, value in options.items() if name not in ignored_options(options)}
    os.environ[_OURS_VARIABLE] = os.environ[_REMOTE_VARIABLE] = server
    os.environ[_COUNT_VARIABLE], os.environ[_OPTIONS_VARIABLE] = "1", json.dumps(taken)
    session = connect_session()
    if session is not None:
        for name in filter(session.conf.isModifiable, taken):
            session.conf.set(name, taken[name])


def ignored_options(options: Mapping[str, str]) -> list[str]:
    """Return the options that only the server can have: all but those of SQL, and its static ones."""
    return [
        name
        for name in options
        if name != "spark.remote" and (not name.startswith("spark.sql.") or name in _STATIC)
    ]


def check_server(server: str, timeout: float) -> None:
    """Find out quickly whether a server listens, as Spark's client retries for minutes.

    Raises:
        HookError: If it does not, or if the client's packages are not installed.
    """
    address = urlsplit(server)
    try:
        port = address.port or _DEFAULT_PORT
        socket.create_connection((address.hostname or "localhost", port), timeout=timeout).close()
    except (OSError, ValueError) as error:
        raise HookError(
            f"the Spark Connect server at '{address.scheme}://{address.netloc}' does not answer: {error}",
            config_path="spark: spark.remote",
            hint="Start it, or correct the address in spark.yml or SPARK_REMOTE.",
        ) from error
    missing = [package for package in _CLIENT if find_spec(package) is None]
    if missing:
        raise HookError(
            f"'spark.remote' needs {missing[0]!r}, which is not installed",
            config_path="spark: spark.remote",
            hint="Install 'pyspark[connect]'.",
        )


def connect_session() -> Any:
    """Return the session with a server that this process has open, or None."""
    module = sys.modules.get("pyspark.sql.connect.session")
    return module and module.SparkSession._default_session  # noqa: SLF001  the public way needs a session

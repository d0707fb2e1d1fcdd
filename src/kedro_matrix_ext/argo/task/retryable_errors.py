"""Errors after which the same task may succeed: connections that broke, services and machines that were gone.

Errors of libraries are known by the names of their classes, and of the classes these derive from, so that
nothing has to be imported to recognise them. ``docs/how-to/argo-tasks.md`` lists them.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.task.service_answers import read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["RETRY_VARIABLE", "find_retryable"]

RETRY_VARIABLE = "KEDRO_MATRIX_RETRY_ON"
"""Names of further classes of errors worth retrying, joined by commas."""

_CLASSES = {
    "builtins": ("ConnectionError", "TimeoutError"),
    "asyncio.exceptions": ("TimeoutError",),
    "socket": ("gaierror",),
    "ssl": ("SSLEOFError", "SSLZeroReturnError"),
    "http.client": ("IncompleteRead", "RemoteDisconnected"),
    "urllib3.exceptions": ("NameResolutionError", "NewConnectionError", "ProtocolError", "TimeoutError"),
    "requests.exceptions": ("ChunkedEncodingError", "ConnectionError", "Timeout"),
    "httpx": ("NetworkError", "RemoteProtocolError", "TimeoutException"),
    "aiohttp.client_exceptions": ("ClientConnectionError", "ClientPayloadError"),
    "botocore.exceptions": ("ConnectionError", "HTTPClientError", "IncompleteReadError"),
    "google.api_core.exceptions": ("RetryError", "ServerError", "TooManyRequests"),
    "google.auth.exceptions": ("TransportError",),
    "azure.core.exceptions": ("ServiceRequestError", "ServiceResponseError"),
    "psycopg.errors": ("AdminShutdown", "CannotConnectNow", "ConnectionException"),
    "psycopg2.errors": ("AdminShutdown", "CannotConnectNow", "ConnectionException"),
    "py4j.protocol": ("Py4JNetworkError",),
    "distributed.comm.core": ("CommClosedError",),
    "ray.exceptions": ("NodeDiedError",),
}
# A retry does not fix these, although they derive from an error above: a certificate, a malformed proxy.
_NEVER = {
    "aiohttp.client_exceptions": ("ClientConnectorCertificateError",),
    "requests.exceptions": ("InvalidProxyURL",),
    "ssl": ("SSLCertVerificationError",),
}
_OS_ERRORS = frozenset({"EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETRESET", "ENETUNREACH", "ESTALE"})
_NAME_OF_ERROR = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)", re.MULTILINE)


def find_retryable(error: BaseException) -> str | None:
    """Find out whether an error, or one that led to it, is worth another attempt.

    Examples:
        >>> try:
        ...     try:
        ...         raise ConnectionResetError
        ...     except OSError as error:
        ...         raise RuntimeError("cannot load 'cars'") from error
        ... except RuntimeError as error:
        ...     print(find_retryable(error), find_retryable(KeyError()))
        ConnectionResetError None
    """
    errors = list(_walk(error))
    if any(_names_of_class(type(each)) & _join(_NEVER) for each in errors):
        return None
    return next(filter(None, map(_judge, errors)), None)


def _walk(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those that led to it, each once."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        context = None if each.__suppress_context__ else each.__context__
        reason = getattr(each, "reason", None)  # of urllib and urllib3
        left += [reason if isinstance(reason, BaseException) else None, each.__cause__ or context]
        left += getattr(each, "exceptions", ())  # of a group


def _judge(error: BaseException) -> str | None:
    names, name = _names_of_class(type(error)), _name(type(error))
    if names & _worth_retrying() or getattr(error, "connection_invalidated", False) is True:  # SQLAlchemy
        return name
    if name == "concurrent.futures.process._RemoteTraceback":
        return _judge_text(str(error))
    answer = read_answer(error, names) or _network_error(error)
    return f"{name} with {answer}" if answer else None


def _judge_text(traceback: str) -> str | None:
    """Judge what a worker process wrote down of its errors, of which only the last gets here itself."""
    for name in _NAME_OF_ERROR.findall(traceback):
        module, _, attribute = name.rpartition(".")
        kind = getattr(sys.modules.get(module or "builtins"), attribute, None)
        names = _names_of_class(kind) if isinstance(kind, type) else {name}
        if names & _join(_NEVER):
            return None
        if names & _worth_retrying():
            return str(name)
    return None


def _names_of_class(kind: type) -> set[str]:
    return {_name(base) for base in kind.__mro__}


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _join(classes: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {
        name if module == "builtins" else f"{module}.{name}"
        for module, names in classes.items()
        for name in names
    }


def _worth_retrying() -> set[str]:
    own = map(str.strip, os.environ.get(RETRY_VARIABLE, "").split(","))
    return {*_join(_CLASSES), *filter(None, own)}


def _network_error(error: BaseException) -> str | None:
    name = errno.errorcode.get(error.errno or 0) if isinstance(error, OSError) else None
    return name if name in _OS_ERRORS else None

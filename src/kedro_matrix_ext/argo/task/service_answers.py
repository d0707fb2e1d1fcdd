"""What services say in their errors: come back later. In the statuses of HTTP, AWS, gRPC and Spark's JVM."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

__all__ = ["read_answer"]

_HTTP_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_HTTP_PACKAGES = frozenset(
    {"aiohttp", "azure", "gcsfs", "google", "httpx", "kubernetes", "requests", "urllib"}
)
_AWS_CODES = frozenset(
    {
        "InternalError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_GRPC_CODES = frozenset({"ABORTED", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "UNAVAILABLE"})
_JAVA_PACKAGES = frozenset({"py4j", "pyspark"})
_JAVA_ERRORS = re.compile(
    r"\bjava\.net\.(ConnectException|NoRouteToHostException|SocketException|SocketTimeoutException"
    r"|UnknownHostException)\b|\bExecutorLostFailure\b|\b(Metadata)?FetchFailedException\b"
)


def read_answer(error: BaseException, class_names: AbstractSet[str]) -> str | None:
    """Read the status or code that says: later.

    Examples:
        >>> from io import BytesIO
        >>> from urllib.error import HTTPError
        >>> with HTTPError("http://shop.example", 503, "busy", None, BytesIO()) as error:
        ...     read_answer(error, {"urllib.error.HTTPError"})
        '503'
    """
    packages = {name.partition(".")[0] for name in class_names}
    if "botocore" in packages:
        return _read_aws(error)
    if "grpc" in packages:
        return _read_grpc(error)
    if packages & _JAVA_PACKAGES:
        found = _JAVA_ERRORS.search(str(error))
        return found[0] if found else None
    return _read_http(error) if packages & _HTTP_PACKAGES else None


def _read_aws(error: BaseException) -> str | None:
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return None
    code = response.get("Error", {}).get("Code")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return code if code in _AWS_CODES else str(status) if status in _HTTP_STATUSES else None


def _read_grpc(error: BaseException) -> str | None:
    code = getattr(error, "code", None)
    name = getattr(code(), "name", None) if callable(code) else None
    return name if name in _GRPC_CODES else None


def _read_http(error: BaseException) -> str | None:
    response = getattr(error, "response", None)
    candidates = (
        getattr(response, "status_code", None),
        *(getattr(error, name, None) for name in ("status_code", "status", "code")),
    )
    return next((str(status) for status in candidates if status in _HTTP_STATUSES), None)

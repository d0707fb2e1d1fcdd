"""Which errors are worth another attempt, tested with the errors that libraries raise."""

from __future__ import annotations

import errno
import socket
import ssl
import urllib.error
from concurrent.futures import ProcessPoolExecutor
from email.message import Message
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from kedro.io import DatasetError

from kedro_matrix_ext.argo.task.exit_status import exiting_by_error
from kedro_matrix_ext.argo.task.retryable_errors import find_retryable
from kedro_matrix_ext.errors import KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable


def _catch(raising: Callable[[], object]) -> BaseException:
    try:
        raising()
    except Exception as error:  # noqa: BLE001  whatever it is
        return error
    raise AssertionError("nothing was raised")


def _wrapped(error: BaseException, *, suppress: bool = False) -> BaseException:
    """Give the error that Kedro makes of one while saving or loading."""

    def load() -> None:
        try:
            raise error
        except type(error):
            if suppress:
                raise DatasetError("cannot load 'cars'") from None
            raise DatasetError("cannot load 'cars'")  # noqa: B904  as its context

    return _catch(load)


def _lose_connection() -> None:
    raise DatasetError("cannot save") from BrokenPipeError("by peer")


def _in_a_worker() -> BaseException:
    with ProcessPoolExecutor(1) as pool:
        return _catch(pool.submit(_lose_connection).result)


def _http(status: int) -> urllib.error.HTTPError:
    with urllib.error.HTTPError("http://shop.example", status, "", Message(), BytesIO()) as error:
        return error


@pytest.mark.parametrize(
    "make",
    [
        ConnectionRefusedError,
        TimeoutError,
        lambda: _catch(lambda: socket.getaddrinfo("no-such-host.invalid", 80)),
        lambda: OSError(errno.EHOSTUNREACH, "no route"),
        lambda: _wrapped(ConnectionResetError()),
        lambda: _wrapped(_wrapped(TimeoutError())),
        lambda: urllib.error.URLError(ConnectionRefusedError()),
        lambda: _http(503),
        _in_a_worker,
    ],
)
def test_lost_connections_and_busy_services_are(make: Callable[[], BaseException]) -> None:
    """Also as the cause of another error, or in a worker process, where only its text is left."""
    assert find_retryable(make()) is not None


@pytest.mark.parametrize(
    "make",
    [
        lambda: KeyError("boom"),
        lambda: FileNotFoundError("cars.csv"),
        lambda: PermissionError(errno.EACCES, "denied"),
        lambda: _wrapped(ConnectionResetError(), suppress=True),
        lambda: _wrapped(ssl.SSLCertVerificationError("self-signed")),
        lambda: urllib.error.URLError(ssl.SSLCertVerificationError("self-signed")),
        lambda: _http(404),
        MemoryError,
    ],
)
def test_mistakes_are_not(make: Callable[[], BaseException]) -> None:
    """A missing file, a denied access, a wrong certificate stay as they are."""
    assert find_retryable(make()) is None


def test_errors_of_aws() -> None:
    """Connections and throttling are retried, what is forbidden is not."""
    exceptions = pytest.importorskip("botocore.exceptions")

    def answer(code: str, status: int) -> BaseException:
        told = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
        error: BaseException = exceptions.ClientError(told, "PutObject")
        return error

    assert find_retryable(exceptions.EndpointConnectionError(endpoint_url="http://s3")) is not None
    assert find_retryable(exceptions.ConnectionClosedError(endpoint_url="http://s3")) is not None
    assert find_retryable(answer("SlowDown", 503)) == "botocore.exceptions.ClientError with SlowDown"
    assert find_retryable(answer("Other", 500)) == "botocore.exceptions.ClientError with 500"
    assert find_retryable(answer("AccessDenied", 403)) is None


def test_errors_of_requests() -> None:
    """A refused connection is retried; a certificate that is not trusted, three causes down, is not."""
    requests = pytest.importorskip("requests")
    refused = _catch(lambda: requests.get("http://127.0.0.1:9", timeout=1))
    assert find_retryable(_wrapped(refused)) == "requests.exceptions.ConnectionError"
    untrusted = requests.exceptions.SSLError()
    untrusted.__context__ = ssl.SSLCertVerificationError("self-signed")
    assert find_retryable(untrusted) is None


def test_errors_known_by_name_alone() -> None:
    """Libraries that are not installed here: their classes are recognised by module, name and bases."""

    def derive(module: str, name: str, *bases: type, **members: object) -> type[Exception]:
        kind = type(name, bases or (Exception,), members)
        kind.__module__ = module
        return kind

    code = type("Code", (), {"name": "UNAVAILABLE"})
    rpc = derive("grpc", "RpcError")
    assert find_retryable(derive("grpc._channel", "Call", rpc, code=lambda _: code)()) is not None
    java = derive("py4j.protocol", "Py4JJavaError")
    assert find_retryable(java("Caused by: java.net.ConnectException: refused")) is not None
    assert find_retryable(java("org.apache.spark.sql.AnalysisException: no such column")) is None
    server = derive("google.api_core.exceptions", "ServerError")
    assert find_retryable(derive("google.api_core.exceptions", "BadGateway", server)()) is not None
    gone = derive("sqlalchemy.exc", "OperationalError", connection_invalidated=True)
    assert find_retryable(gone()) == "sqlalchemy.exc.OperationalError"


def test_classes_of_ones_own_are_named_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """`KEDRO_MATRIX_RETRY_ON` adds to the list; subclasses count."""
    monkeypatch.setenv("KEDRO_MATRIX_RETRY_ON", "shop.QuotaError, LookupError")
    assert find_retryable(KeyError("quota")) == "KeyError"
    assert find_retryable(ValueError()) is None


def test_status_75_and_our_errors_with_a_cause_show_their_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The user sees what was raised, whatever the status."""

    def run(error: BaseException, cause: BaseException | None) -> None:
        with exiting_by_error():
            raise error from cause

    with pytest.raises(SystemExit) as exited:
        run(KedroMatrixError("the store does not answer"), TimeoutError("5 s"))
    assert exited.value.code == 75
    assert "TimeoutError: 5 s" in capsys.readouterr().err
    with pytest.raises(KedroMatrixError):
        run(KedroMatrixError("wrong"), KeyError("deep"))
    assert "KeyError: 'deep'" in capsys.readouterr().err
    with pytest.raises(KedroMatrixError):
        run(KedroMatrixError("wrong"), None)
    assert capsys.readouterr().err == ""

"""A folder on the web, over HTTP or HTTPS on loopback."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
import ssl
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["make_certificate", "serve_folder", "serve_status"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


class _Failing(_Quiet):
    def do_GET(self) -> None:
        self.send_error(int(self.path[1:]))

    do_HEAD = do_GET  # noqa: N815


@contextmanager
def serve_status() -> Iterator[str]:
    """Answer every request with the status that its path names; gives the address."""
    with _serving(_Failing) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def serve_folder(folder: Path, certificate: Path | None = None) -> Iterator[str]:
    """Serve a folder, without support for parts of files; gives the address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with _serving(handler, certificate) as server:
        yield f"{'http' if certificate is None else 'https'}://127.0.0.1:{server.server_port}"


@contextmanager
def _serving(
    handler: Callable[..., SimpleHTTPRequestHandler], certificate: Path | None = None
) -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def make_certificate(folder: Path) -> Path:
    """Write a key and a certificate for loopback that nobody has signed to one file."""
    x509 = pytest.importorskip("cryptography.x509", reason="cryptography is not installed")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.timezone.utc)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    builder = builder.add_extension(address, critical=False)
    signed = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(private + signed.public_bytes(pem))
    return file

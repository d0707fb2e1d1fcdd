"""An S3 server on loopback, for what talks to object storage."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ObjectStorage", "serve_object_storage"]


@dataclass(frozen=True)
class ObjectStorage:
    """A running S3 server.

    Attributes:
        url: Its endpoint.
    """

    url: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables by which S3 clients find it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def client(self) -> Any:
        """A boto3 client for it."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106  a stand-in's password
        )

    def create_bucket(self, name: str) -> str:
        """Make a bucket and give its name back."""
        self.client().create_bucket(Bucket=name)
        return name


@contextmanager
def serve_object_storage(port: int = 0) -> Iterator[ObjectStorage]:
    """Serve S3 on loopback until the block ends; what it holds, other servers of this process hold too.

    Args:
        port: The port, or 0 for a free one.
    """
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    host, served = server.get_host_and_port()
    try:
        yield ObjectStorage(f"http://{host}:{served}")
    finally:
        server.stop()

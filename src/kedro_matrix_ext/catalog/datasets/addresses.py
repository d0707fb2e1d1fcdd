"""The address of a table, as a catalog entry has it, and as fsspec, deltalake and Hadoop take it.

Kedro's ``get_protocol_and_path`` is not used: it drops the container of ``az://container/t`` and the first
part of ``memory://a/t`` and ``file://a/t``, and takes ``file:/t`` and ``s3:/b/t`` for files of a folder.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import fsspec

from kedro_matrix_ext._secrets import show_address
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsspec import AbstractFileSystem

__all__ = ["LOCAL", "OBJECT_STORAGE", "WEB", "Address", "open_address", "parse_address"]

LOCAL = "file"
WEB = ("http", "https")
OBJECT_STORAGE = frozenset(
    {"s3", "s3a", "s3n", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "obs", "cos", "r2"}
)
_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+):(?P<slashes>//)?(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_WINDOWS = re.compile(r"/?[a-z]:[\\/]|\\\\", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """Where a table is.

    Attributes:
        protocol: The name that fsspec has for the file system.
        authority: The part before the first slash: bucket, container or host; empty for a local path.
        path: The rest; a local path is absolute.
    """

    protocol: str
    authority: str
    path: str

    def url(self, scheme: str, path: str | None = None) -> str:
        """Return the table's URL, or that of another path under the same authority."""
        return f"{scheme}://{self.authority}/{self.path if path is None else path.lstrip('/')}"


def parse_address(filepath: str) -> Address:
    """Read the ``filepath`` of an entry.

    Raises:
        CatalogError: If libraries would take it for different places.

    Examples:
        >>> parse_address("s3://bucket/raw/t.csv")
        Address(protocol='s3', authority='bucket', path='raw/t.csv')
        >>> parse_address("file:/data/../t.csv")
        Address(protocol='file', authority='', path='/t.csv')
    """
    found = _SCHEME.fullmatch(filepath)
    scheme = found["scheme"].lower() if found else ""
    if found is None or not (found["slashes"] or scheme in ("file", "local") or _is_protocol(scheme)):
        return _local(filepath, filepath)
    if "::" in filepath:
        raise _refusal(filepath, "is a chain of file systems", "Write the address of one table.")
    rest = found["rest"]
    if scheme in ("file", "local"):
        path = rest.removeprefix("localhost") if found["slashes"] else rest
        if not path.startswith("/"):
            raise _refusal(
                filepath, "holds no absolute path", "Write a path, as 'data/t.csv', or 'file:///data/t.csv'."
            )
        return _local(path, filepath)
    if not found["slashes"]:
        raise _refusal(
            filepath, "has no two slashes behind its protocol", f"Write '{scheme}://{rest.lstrip('/')}'."
        )
    return _remote(scheme, rest, filepath)


def open_address(address: Address, options: Mapping[str, Any]) -> tuple[AbstractFileSystem, str]:
    """Return the file system and the table's path in it; on the web, its URL without the protocol.

    Raises:
        CatalogError: If there is no such protocol.
    """
    protocol, url = address.protocol, address.url(address.protocol)
    if protocol == LOCAL:
        return fsspec.filesystem(LOCAL, **options), address.path
    if not _is_protocol(protocol):
        near = did_you_mean(protocol, fsspec.available_protocols())
        hint = f"{near} Write a path, or a URL that fsspec takes.".lstrip()
        raise _refusal(url, f"has the unknown protocol {protocol!r}", hint)
    fs, path = fsspec.url_to_fs(url, **options)
    return fs, path.partition("://")[2] if protocol in WEB else path


def _is_protocol(scheme: str) -> bool:
    return scheme in OBJECT_STORAGE or scheme in fsspec.available_protocols()


def _local(path: str, filepath: str) -> Address:
    if _WINDOWS.match(path) and (os.name != "nt" or path.startswith("/")):
        raise _refusal(
            filepath, "is a path of Windows, which only Windows has", "Write a path of this system."
        )
    absolute = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  pathlib keeps '..'
    return Address(LOCAL, "", absolute.replace(os.sep, "/"))


def _remote(scheme: str, rest: str, filepath: str) -> Address:
    authority, _, path = rest.partition("/")
    if not rest.strip("/") or (not authority and (scheme in OBJECT_STORAGE or scheme in WEB)):
        part = "bucket" if scheme in OBJECT_STORAGE else "place"
        raise _refusal(filepath, f"names no {part}", f"Write it behind '{scheme}://'.")
    if scheme not in WEB and {".", ".."} & set(path.split("/")):
        raise _refusal(filepath, "has relative parts, which engines read differently", "Write them out.")
    return Address(scheme, authority, path if scheme in WEB else path.rstrip("/"))


def _refusal(filepath: str, what: str, remedy: str) -> CatalogError:
    return CatalogError(f"the address {show_address(filepath)!r} {what}", hint=remedy)

"""Replace a file or a folder on any file system once the new one is complete.

On a disk the new one is written next to the old and renamed. Object storage cannot rename: a file appears
there when its upload is complete, and a folder is copied under a marker that readers refuse.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING

from kedro_matrix_ext.catalog.datasets.addresses import OBJECT_STORAGE
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fsspec import AbstractFileSystem

__all__ = ["check_complete", "replace_file", "replace_folder"]

MARKER = "_kedro_matrix_saving"  # in a folder of object storage while its files are exchanged


def replace_file(fs: AbstractFileSystem, path: str, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file that replaces the file or folder at the path; if writing fails, nothing changes."""
    fs.invalidate_cache()
    if _is_object_storage(fs):
        _upload(fs, path, write)
    else:
        new = _hidden_sibling(path)
        with _removing_on_error(fs, new):
            fs.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            with fs.open(new, "wb") as file:
                write(file)
                _flush(file)
        _rename(fs, new, path)
    fs.invalidate_cache()


@contextmanager
def replace_folder(fs: AbstractFileSystem, path: str) -> Iterator[str]:
    """Give a path to write a folder to, which replaces what is at ``path`` when the block ends.

    If the block fails, nothing changes.
    """
    new = _hidden_sibling(path)
    with _removing_on_error(fs, new):
        yield new
    fs.invalidate_cache()
    if _is_object_storage(fs):
        _exchange(fs, new, path)
    else:
        _rename(fs, new, path)
    fs.invalidate_cache()


def check_complete(fs: AbstractFileSystem, path: str) -> None:
    """Refuse a folder whose last save was killed while its files were exchanged.

    Raises:
        CatalogError: If it was; the hint names the folder with the complete data.
    """
    marker = f"{path}/{MARKER}"
    if _is_object_storage(fs) and fs.exists(marker):
        raise CatalogError(
            f"the last save of {path!r} was interrupted, so its files are mixed",
            hint=f"Run the node again; the complete table is in {fs.cat_file(marker).decode()!r}.",
        )


def _is_object_storage(fs: AbstractFileSystem) -> bool:
    protocols = [fs.protocol] if isinstance(fs.protocol, str) else fs.protocol
    return not OBJECT_STORAGE.isdisjoint(protocols)


def _hidden_sibling(path: str) -> str:
    place = PurePosixPath(path)
    return str(place.with_name(f".{place.name}.{uuid.uuid4().hex}"))


@contextmanager
def _removing_on_error(fs: AbstractFileSystem, new: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        fs.invalidate_cache()
        with suppress(OSError):  # nothing was written; the error itself is raised below
            fs.rm(new, recursive=True)
        raise


def _flush(file: IO[bytes]) -> None:
    with suppress(OSError, AttributeError, ValueError):  # not a file of this machine
        file.flush()
        os.fsync(file.fileno())


def _rename(fs: AbstractFileSystem, new: str, path: str) -> None:
    """Rename a file or folder; a folder at its place is moved away first, as no rename replaces it."""
    former = f"{new}.former"
    replaces_folder = fs.isdir(path) or (fs.isdir(new) and fs.exists(path))
    if replaces_folder:
        fs.mv(path, former, recursive=True)
    fs.mv(new, path, recursive=True)
    if replaces_folder:
        fs.rm(former, recursive=True)


def _upload(fs: AbstractFileSystem, path: str, write: Callable[[IO[bytes]], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        complete = os.path.join(folder, "table")  # noqa: PTH118  fsspec takes text
        with open(complete, "wb") as file:  # noqa: PTH123
            write(file)
        fs.put_file(complete, path)
    _remove(fs, [key for key in fs.find(path) if PurePosixPath(key) != PurePosixPath(path)])


def _exchange(fs: AbstractFileSystem, new: str, path: str) -> None:
    marker = f"{path}/{MARKER}"
    former = [key for key in fs.find(path) if PurePosixPath(key) != PurePosixPath(marker)]
    written = fs.find(new)
    fs.pipe_file(marker, new.encode())
    _remove(fs, former)
    for key in written:
        fs.copy(key, f"{path}/{PurePosixPath(key).relative_to(new)}")
    fs.rm_file(marker)
    _remove(fs, written)


def _remove(fs: AbstractFileSystem, keys: list[str]) -> None:
    if keys:
        fs.rm(keys)
        fs.invalidate_cache()

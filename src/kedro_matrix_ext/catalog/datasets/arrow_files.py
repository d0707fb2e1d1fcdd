"""Arrow tables on any file system, in each format; a folder that Spark wrote reads as a file does."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any

import pyarrow.parquet as pq

from kedro_matrix_ext.catalog.datasets.arrow_text import parse_csv, parse_json, write_csv, write_json
from kedro_matrix_ext.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    from fsspec import AbstractFileSystem

__all__ = ["read_table", "replace_table"]

_HIDDEN = ("_", ".")  # Spark's marks of success, checksums, and files not yet finished


def read_table(fs: AbstractFileSystem, path: str, file_format: str, arguments: Mapping[str, Any]) -> pa.Table:
    """Read a file, or all files of a folder.

    Args:
        fs: The file system.
        path: The file or folder on it.
        file_format: ``parquet``, ``csv`` or ``json``.
        arguments: For ``pyarrow.parquet.read_table``, ``pyarrow.csv.ConvertOptions``; json takes none.

    Returns:
        The table, with the types that the file has or that are inferred.

    Raises:
        CatalogError: If there is nothing there, or a folder is laid out in a way the format cannot tell.
    """
    fs.invalidate_cache()
    if not fs.exists(path):
        raise CatalogError(f"there is no file or folder {path!r}", hint="Run the node that makes it first.")
    if file_format == "parquet":
        return pq.read_table(path, filesystem=fs, **arguments)
    parse = {"csv": parse_csv, "json": parse_json}[file_format]
    return parse([_read(fs, file) for file in _files(fs, path)], **arguments)


def replace_table(
    fs: AbstractFileSystem, path: str, file_format: str, table: pa.Table, arguments: Mapping[str, Any]
) -> None:
    """Write a table to one file, which takes the place of a file or folder there once it is whole.

    Args:
        fs: The file system.
        path: The file on it.
        file_format: ``parquet``, ``csv`` or ``json``.
        table: A table of portable types.
        arguments: For ``pyarrow.parquet.write_table``; csv and json take none.

    Raises:
        CatalogError: If the format cannot keep the table; what was there is unchanged.
    """
    write = {"parquet": pq.write_table, "csv": write_csv, "json": write_json}[file_format]
    _replace(fs, path, lambda file: write(table, file, **arguments))


def _read(fs: AbstractFileSystem, file: str) -> bytes:
    with fs.open(file, "rb", compression="infer") as opened:
        return bytes(opened.read())


def _files(fs: AbstractFileSystem, path: str) -> list[str]:
    if not fs.isdir(path):
        return [path]
    shown = [
        entry
        for entry in sorted(fs.ls(path, detail=True), key=lambda entry: str(entry["name"]))
        if not PurePosixPath(entry["name"]).name.startswith(_HIDDEN)
    ]
    for entry in shown:
        if entry["type"] == "directory":
            raise CatalogError(
                f"{path!r} is partitioned into folders such as {PurePosixPath(entry['name']).name!r}",
                hint="Only parquet is read from partitions: use 'format: parquet', or save it without them.",
            )
    return [entry["name"] for entry in shown]


def _replace(fs: AbstractFileSystem, path: str, write: Callable[[IO[bytes]], None]) -> None:
    place = PurePosixPath(path)
    beside = str(place.with_name(f".{place.name}.{uuid.uuid4().hex}"))
    fs.makedirs(str(place.parent), exist_ok=True)
    try:
        with fs.open(beside, "wb") as file:
            write(file)
    except BaseException:
        with suppress(OSError):  # where it could not even be opened; that error is on its way
            fs.rm(beside)
        raise
    _swap(fs, beside, path)
    fs.invalidate_cache()


def _swap(fs: AbstractFileSystem, beside: str, path: str) -> None:
    fs.invalidate_cache()
    former = f"{beside}.former"
    is_folder, is_local = fs.isdir(path), "file" in fs.protocol
    if is_folder and is_local:
        fs.mv(path, former, recursive=True)
    elif is_folder:  # object storage has no folders to rename
        fs.rm(path, recursive=True)
    fs.mv(beside, path)
    if is_folder and is_local:
        fs.rm(former, recursive=True)

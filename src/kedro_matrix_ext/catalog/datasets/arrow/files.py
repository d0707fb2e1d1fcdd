"""Read and write Arrow tables on any file system; a folder that Spark wrote is read like a file."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any

import pyarrow.parquet as pq

from kedro_matrix_ext.catalog.datasets.arrow.text import parse_csv, parse_json, write_csv, write_json
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    from fsspec import AbstractFileSystem

__all__ = ["read_table", "replace_table"]

_HIDDEN = ("_", ".")  # Spark's success markers, checksums and unfinished files


def read_table(fs: AbstractFileSystem, path: str, file_format: str, arguments: Mapping[str, Any]) -> pa.Table:
    """Read a file, or all files of a folder.

    Raises:
        CatalogError: If nothing exists at the path, or the format cannot read the layout of a folder.
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
    """Write a table to one file, which replaces the file or folder at the path once it is complete.

    Raises:
        CatalogError: If the format cannot store the table; the file or folder is unchanged.
    """
    write = {"parquet": pq.write_table, "csv": write_csv, "json": write_json}[file_format]
    _replace(fs, path, lambda file: write(table, file, **arguments))


def _read(fs: AbstractFileSystem, file: str) -> bytes:
    with fs.open(file, "rb", compression="infer") as opened:
        return bytes(opened.read())


def _files(fs: AbstractFileSystem, path: str) -> list[str]:
    if not fs.isdir(path):
        return [path]
    visible = [
        entry
        for entry in sorted(fs.ls(path, detail=True), key=lambda entry: str(entry["name"]))
        if not PurePosixPath(entry["name"]).name.startswith(_HIDDEN)
    ]
    for entry in visible:
        if entry["type"] == "directory":
            raise CatalogError(
                f"{path!r} is partitioned into folders such as {PurePosixPath(entry['name']).name!r}",
                hint="Only parquet is read from partitions: use 'format: parquet', or save it without them.",
            )
    return [entry["name"] for entry in visible]


def _replace(fs: AbstractFileSystem, path: str, write: Callable[[IO[bytes]], None]) -> None:
    place = PurePosixPath(path)
    beside = str(place.with_name(f".{place.name}.{uuid.uuid4().hex}"))
    fs.makedirs(str(place.parent), exist_ok=True)
    try:
        with fs.open(beside, "wb") as file:
            write(file)
    except BaseException:
        with suppress(OSError):  # if opening failed; that error is raised below
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

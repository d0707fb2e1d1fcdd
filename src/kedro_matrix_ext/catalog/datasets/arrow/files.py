"""Read and write Arrow tables on any file system; a folder that Spark wrote is read like a file."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from kedro_matrix_ext._secrets import show_address
from kedro_matrix_ext.catalog.datasets.arrow.text import parse_csv, parse_json, write_csv, write_json
from kedro_matrix_ext.catalog.datasets.dialects import TEXT_FORMATS
from kedro_matrix_ext.catalog.datasets.replacement import check_complete, replace_file
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from fsspec import AbstractFileSystem

    from kedro_matrix_ext.catalog.datasets.dialects import Dialect

__all__ = ["read_table", "replace_table"]

_HIDDEN = ("_", ".")  # Spark's success markers, checksums and unfinished files
_WEB = ("http://", "https://")
_NOT_FOUND = 404


def read_table(
    fs: AbstractFileSystem, path: str, file_format: str, dialect: Dialect, arguments: Mapping[str, Any]
) -> pa.Table:
    """Read a file, or all files of a folder.

    Raises:
        CatalogError: If nothing exists at the path, or the format cannot read the layout of a folder.
    """
    fs.invalidate_cache()
    files = _find_files(fs, path)
    if file_format == "parquet":
        in_memory = path.startswith(_WEB)  # some web servers serve no parts of a file
        return pq.read_table(
            io.BytesIO(_read(fs, path)) if in_memory else path,
            filesystem=None if in_memory else fs,
            **arguments,
        )
    parts = {file: _read(fs, file) for file in (_list_parts(fs, path) if files is None else files)}
    if file_format in TEXT_FORMATS:
        return parse_csv(list(parts.values()), dialect, **arguments)
    return parse_json(parts)


def replace_table(  # noqa: PLR0913  the place, the content and the form of a file
    fs: AbstractFileSystem,
    path: str,
    table: pa.Table,
    *,
    file_format: str,
    dialect: Dialect,
    arguments: Mapping[str, Any],
    typed: frozenset[str] = frozenset(),
) -> None:
    """Write a table to one file, which replaces the file or folder at the path once it is complete.

    ``typed`` names the columns whose types are given when the file is read.

    Raises:
        CatalogError: If the format cannot store the table; the file or folder is unchanged.
    """
    if path.startswith(_WEB):
        raise CatalogError(
            f"{path!r} can be read only", hint="Save to a folder or to object storage, as 's3://...'."
        )
    if file_format in TEXT_FORMATS:
        replace_file(fs, path, lambda file: write_csv(table, file, dialect, typed))
    elif file_format == "json":
        replace_file(fs, path, lambda file: write_json(table, file))
    else:
        replace_file(fs, path, lambda file: pq.write_table(table, file, **arguments))


def _read(fs: AbstractFileSystem, file: str) -> bytes:
    try:
        with fs.open(file, "rb", compression="infer") as opened:
            return bytes(opened.read())
    except FileNotFoundError as error:
        raise _no_answer(file, error.__cause__) if file.startswith(_WEB) else _not_found(file) from error


def _find_files(fs: AbstractFileSystem, path: str) -> list[str] | None:
    """Return the path if it is a file, None if it is a folder."""
    if path.startswith(_WEB):  # whose folders cannot be listed
        return [path]
    try:
        kind = fs.info(path)["type"]
    except FileNotFoundError as error:
        raise _not_found(path) from error
    if kind == "directory":
        check_complete(fs, path)
        return None
    return [path]


def _list_parts(fs: AbstractFileSystem, path: str) -> list[str]:
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


def _no_answer(address: str, cause: BaseException | None) -> CatalogError:
    """Return the error for what a web server does not give, without the login of the address."""
    status = getattr(cause, "status", None)
    if cause is None or status == _NOT_FOUND:
        return _not_found(address)
    answer = f"the server answers {status} {getattr(cause, 'message', '')}" if status else str(cause)
    return CatalogError(
        f"{show_address(address)!r} cannot be read: {answer}",
        hint="Check the server, and the entry's credentials and fs_args.",
    )


def _not_found(path: str) -> CatalogError:
    hint = "Check the address." if path.startswith(_WEB) else "Run the node that makes it first."
    return CatalogError(f"there is no file or folder {show_address(path)!r}", hint=hint)

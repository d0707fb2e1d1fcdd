"""The shared part of the pandas and polars datasets, which save and load Arrow tables."""

from __future__ import annotations

from abc import abstractmethod
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kedro_matrix_ext.catalog.datasets.addresses import LOCAL
from kedro_matrix_ext.catalog.datasets.arrow.files import read_table, replace_table
from kedro_matrix_ext.catalog.datasets.arrow.types import as_portable
from kedro_matrix_ext.catalog.datasets.base import FrameDataset
from kedro_matrix_ext.catalog.datasets.storage_options import DELTA_SCHEMES, to_delta_options
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from pathlib import PurePath

    import pyarrow as pa

__all__ = ["ArrowFrameDataset"]


class ArrowFrameDataset(FrameDataset):
    """A table at a path, for an engine that converts from and to Arrow tables.

    ``load_args`` go to ``pyarrow.parquet.read_table``, ``pyarrow.csv.ConvertOptions`` or
    ``deltalake.DeltaTable``, ``save_args`` to ``pyarrow.parquet.write_table`` or
    ``deltalake.write_deltalake``; the other formats have no arguments.
    """

    def load(self) -> Any:
        """Read the file, or the folder that Spark wrote."""
        path = self._get_load_path()
        if self._file_format == "delta":
            return self._from_arrow(as_portable(self._read_delta(path)))
        place = self._fs_path(path)
        table = read_table(self._fs, place, self._file_format, self._dialect, self._load_args)
        return self._from_arrow(as_portable(table))

    def save(self, data: Any) -> None:
        """Write one file, which replaces what is at the path."""
        path = self._get_save_path()
        table = as_portable(self._to_arrow(data))
        if self._file_format == "delta":
            self._write_delta(path, table)
        else:
            replace_table(
                self._fs,
                self._fs_path(path),
                table,
                file_format=self._file_format,
                dialect=self._dialect,
                arguments=self._save_args,
                typed=frozenset(self._load_args.get("column_types") or ()),
            )

    @abstractmethod
    def _to_arrow(self, data: Any) -> pa.Table:
        """Convert the engine's frame to a table."""

    @abstractmethod
    def _from_arrow(self, table: pa.Table) -> Any:
        """Convert a table of portable types to the engine's frame."""

    def _read_delta(self, path: PurePath) -> pa.Table:
        _require_deltalake(path)
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        address, options = self._delta_place(path)
        try:
            table = DeltaTable(address, storage_options=options, **self._load_args)
        except TableNotFoundError as error:
            raise CatalogError(
                f"there is no delta table {str(path)!r}", hint="Run the node that makes it first."
            ) from error
        return table.to_pyarrow_table()

    def _write_delta(self, path: PurePath, table: pa.Table) -> None:
        _require_deltalake(path)
        from deltalake import write_deltalake

        if self._fs.isfile(str(path)):
            raise CatalogError(
                f"{str(path)!r} is a file, not a delta table", hint="Remove it, or change the path."
            )
        address, options = self._delta_place(path)
        arguments = {"mode": "overwrite", "storage_options": options, **self._save_args}
        if arguments["mode"] == "overwrite":
            arguments.setdefault("schema_mode", "overwrite")
        write_deltalake(address, table, **arguments)

    def _delta_place(self, path: PurePath) -> tuple[str, dict[str, str] | None]:
        """Return a table's address and its storage options, as deltalake takes them."""
        quoted = quote(str(path))  # deltalake reads a URL, where '#', '?' and '%' have a meaning
        if self._protocol == LOCAL:
            return self._url(LOCAL, quoted), None
        options = to_delta_options(self._protocol, self._storage_options)
        return self._url(DELTA_SCHEMES[self._protocol], quoted), options or None


def _require_deltalake(path: PurePath) -> None:
    if find_spec("deltalake") is None:
        raise CatalogError(
            f"{str(path)!r} is a delta table, which needs 'deltalake'",
            hint="Install 'kedro-matrix-ext[delta]'.",
        )

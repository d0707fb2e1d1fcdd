"""The shared part of the datasets of all engines: paths, versions, credentials, arguments."""

from __future__ import annotations

import copy
import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from kedro.io.core import AbstractVersionedDataset, Version

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.datasets.addresses import (
    LOCAL,
    OBJECT_STORAGE,
    WEB,
    open_address,
    parse_address,
)
from kedro_matrix_ext.catalog.datasets.dialects import TEXT_FORMATS, Dialect, parse_dialect
from kedro_matrix_ext.catalog.datasets.storage_options import DELTA_SCHEMES, to_fsspec_options
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

__all__ = ["FrameDataset"]

_ENGINES = {"pandas": "pandas", "polars": "polars", "pyspark": "spark"}  # by the module of a frame
_NOT_IN_DELTA = "%[]^|\\"
_OF_FILES = ("open_args_load", "open_args_save")  # of kedro-datasets' fs_args
_FRAMES = ("DataFrame", "LazyFrame")


class FrameDataset(AbstractVersionedDataset[Any, Any]):
    """A table at a path, in one of the engine's formats.

    Args:
        filepath: A path, or a URL that fsspec knows, such as ``s3://bucket/table.parquet``.
        file_format: One of ``formats``.
        load_args: Arguments of the function that reads; see the subclasses.
        save_args: Arguments of the function that writes.
        version: The version to load and to save, as Kedro gives it for ``versioned: true``.
        credentials: Arguments of the file system; for delta also in the spelling of deltalake.
        fs_args: More arguments of the file system.
        dialect: How a csv or tsv file is written: ``delimiter``, ``encoding``, ``header``, ``columns``,
            ``quoting``.
        metadata: Anything; Kedro ignores it.

    Raises:
        CatalogError: If the engine does not have the format, or cannot use it at such an address.

    Attributes:
        formats: The engine's formats.
    """

    formats: tuple[str, ...] = ("csv", "delta", "json", "parquet", "tsv")
    _engine: ClassVar[str]
    _conversions: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        """Do not wrap an inherited constructor again, or Kedro loses its arguments' names."""
        inherits = "__init__" not in vars(cls)
        super().__init_subclass__()
        if inherits:
            del cls.__init__

    def __init__(  # noqa: PLR0913  the arguments of a Kedro dataset
        self,
        *,
        filepath: str | os.PathLike[str],
        file_format: str,
        load_args: Mapping[str, Any] | None = None,
        save_args: Mapping[str, Any] | None = None,
        version: Version | None = None,
        credentials: Mapping[str, Any] | None = None,
        fs_args: Mapping[str, Any] | None = None,
        dialect: Mapping[str, Any] | None = None,
        metadata: Any = None,
    ) -> None:
        if file_format not in self.formats:
            known = ", ".join(map(repr, self.formats))
            raise CatalogError(
                f"{type(self).__name__} has no format {file_format!r} for {str(filepath)!r}",
                hint=did_you_mean(file_format, self.formats) or f"Choose from {known}.",
            )
        self._address = parse_address(os.fspath(filepath))
        self.metadata = metadata
        self._protocol = self._address.protocol
        self._file_format = file_format
        self._check_address(str(filepath), version)
        is_text = file_format in TEXT_FORMATS
        self._dialect = parse_dialect(dict(dialect or {}), file_format) if dialect or is_text else Dialect()
        self._load_args = copy.deepcopy(dict(load_args or {}))
        self._save_args = copy.deepcopy(dict(save_args or {}))
        for name in set(_OF_FILES) & set(fs_args or {}):
            raise CatalogError(
                f"'fs_args' of {type(self).__name__} takes no {name!r}",
                hint="Remove it: files are read and written whole; 'fs_args' are for the file system.",
            )
        self._storage_options = copy.deepcopy({**(credentials or {}), **(fs_args or {})})
        options = self._storage_options
        if file_format == "delta":
            options = to_fsspec_options(self._protocol, options)
        self._fs, path = open_address(self._address, options)
        self._above = len(path) - len(self._address.path)  # of a path's text: its bucket, where it has one
        super().__init__(PurePosixPath(path), version, self._fs.exists, self._fs.glob)

    def _check_address(self, filepath: str, version: Version | None) -> None:
        """Refuse an address that the engine cannot use for the format."""
        if self._protocol in WEB and version is not None:
            raise CatalogError(f"{filepath!r} has no versions", hint="Remove 'versioned'.")
        if self._protocol in OBJECT_STORAGE and not self._address.path and self._file_format != "delta":
            raise CatalogError(f"{filepath!r} names a bucket, not a table in it", hint="Write its path too.")
        if self._file_format == "delta" and self._protocol not in (LOCAL, *DELTA_SCHEMES):
            raise CatalogError(
                f"delta cannot be stored at {filepath!r}",
                hint=f"Use a folder or one of {', '.join(DELTA_SCHEMES)}; or another format.",
            )
        if self._file_format == "delta" and set(self._address.path) & set(_NOT_IN_DELTA):
            raise CatalogError(
                f"delta cannot be stored at {filepath!r}",
                hint=f"deltalake takes none of {' '.join(_NOT_IN_DELTA)} in a path: rename it.",
            )

    def _fs_path(self, path: PurePath | str) -> str:
        """Return a path as the file system takes it: on the web, the whole URL."""
        return self._address.url(self._protocol) if self._protocol in WEB else str(path)

    def _url(self, scheme: str, path: PurePath | str) -> str:
        """Return the URL of a path of the file system, as engines take it."""
        return self._address.url(scheme, str(path)[self._above :])

    def _wrong_frame(self, data: object) -> CatalogError:
        """Return the error for data that is not a frame of this engine, with the way to one."""
        kind = type(data)
        engine = _ENGINES.get(kind.__module__.partition(".")[0], "")
        known = engine in self._conversions and kind.__name__ in _FRAMES
        return CatalogError(
            f"{str(self._filepath)!r} is saved with {self._engine}, and the node returned "
            f"{kind.__module__.partition('.')[0]}'s {kind.__qualname__!r}",
            hint=f"Let the node write the dataset's name with '@{engine}', or convert the frame: "
            f"'{self._conversions[engine]}'."
            if known
            else f"Let the node return a frame of {self._engine}.",
        )

    def _describe(self) -> dict[str, Any]:
        return {
            "filepath": str(self._filepath),
            "file_format": self._file_format,
            "protocol": self._protocol,
            "load_args": self._load_args,
            "save_args": self._save_args,
            "version": self._version,
            **({"dialect": self._dialect} if self._dialect != Dialect() else {}),
        }

    def _exists(self) -> bool:
        self._fs.invalidate_cache()
        return bool(self._fs.exists(self._fs_path(self._get_load_path())))

    def _release(self) -> None:
        super()._release()
        self._fs.invalidate_cache()

"""The dataset for Spark."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.datasets.base import FrameDataset
from kedro_matrix_ext.catalog.datasets.dialects import SPARK_READ_OPTIONS, SPARK_WRITE_OPTIONS
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SparkFrameDataset"]

_SCHEMES = {"s3": "s3a", "gcs": "gs", "adl": "abfs"}  # fsspec's name of a file system -> Hadoop's
_INFERENCE = {"spark.sql.timestampType": "TIMESTAMP_NTZ"}  # text without an offset has no time zone
_PARQUET = {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"}  # which other engines read
_settings_lock = threading.RLock()


class SparkFrameDataset(FrameDataset):
    """A table as a Spark frame, in the running session or the one that ``SparkSession.builder`` starts.

    ``load_args`` go to ``spark.read.load`` and ``save_args`` to ``frame.write.save``, merged over the dialect
    that all engines share; the default ``mode`` is ``overwrite``. Hadoop takes its credentials from the
    session's options; ``credentials`` serve the look for versions only. Delta needs a package of Spark's own
    and is not kept.
    """

    formats = ("csv", "json", "parquet")
    _SINGLE_PROCESS = True

    def load(self) -> DataFrame:
        """Read the folder, or the file that another engine wrote."""
        path = self._get_load_path()
        self._fs.invalidate_cache()
        if not self._fs.exists(str(path)):
            raise CatalogError(
                f"there is no file or folder {str(path)!r}", hint="Run the node that makes it first."
            )
        arguments = {**SPARK_READ_OPTIONS[self._file_format], **self._load_args}
        session = _session()
        with _set_options(session, _INFERENCE):
            frame = session.read.load(self._url(str(path)), format=self._file_format, **arguments)
        return _widen(frame) if self._file_format == "csv" and "schema" not in arguments else frame

    def save(self, data: DataFrame) -> None:
        """Write a folder, which replaces what is at the path."""
        path = str(self._get_save_path())
        arguments = {"mode": "overwrite", **SPARK_WRITE_OPTIONS[self._file_format], **self._save_args}
        with _set_options(data.sparkSession, _PARQUET):
            data.write.save(self._url(path), format=self._file_format, **arguments)
        self._fs.invalidate_cache()

    def _url(self, path: str) -> str:
        return f"{_SCHEMES.get(self._protocol, self._protocol)}://{path}"


def _session() -> SparkSession:
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()


@contextmanager
def _set_options(session: SparkSession, options: dict[str, str]) -> Iterator[None]:
    """Set options that Spark reads only from the session; one thread at a time, so that each is restored."""
    with _settings_lock:
        before = {name: str(session.conf.get(name)) for name in options}
        for name, value in options.items():
            session.conf.set(name, value)
        try:
            yield
        finally:
            for name, former in before.items():
                session.conf.set(name, former)


def _widen(frame: DataFrame) -> DataFrame:
    """Cast integers to 64 bits, as every other engine infers them."""
    from pyspark.sql import functions

    narrow: list[Any] = [name for name, kind in frame.dtypes if kind == "int"]
    return frame.withColumns({name: functions.col(f"`{name}`").cast("bigint") for name in narrow})

"""The dataset for Spark."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from kedro_matrix_ext.catalog.datasets.base import FrameDataset
from kedro_matrix_ext.catalog.datasets.dialects import (
    TEXT_FORMATS,
    java_charset,
    spark_read_options,
    spark_write_options,
)
from kedro_matrix_ext.catalog.datasets.replacement import check_complete, replace_folder
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro.io.core import Version
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

__all__ = ["SparkFrameDataset"]

_SCHEMES = {"s3": "s3a", "gcs": "gs", "adl": "abfs"}  # fsspec's name of a file system -> Hadoop's
_SPARK_CHARSETS = ("UTF-8", "UTF-16", "UTF-32", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "US-ASCII")
_SPECIAL = re.compile(r"[\\{}\[\]*?]")  # in a pattern of paths
_NOT_IN_SPARK = ("http", "https", "memory")
_INFERENCE = {"spark.sql.timestampType": "TIMESTAMP_NTZ"}  # text without an offset has no time zone
_PARQUET = {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"}  # which other engines read
_NO_DELTA = (
    "DATA_SOURCE_NOT_FOUND",
    "Failed to find data source: delta",
    "DELTA_CONFIGURE_SPARK_SESSION",
    "DeltaSparkSessionExtension",
)
_settings_lock = threading.RLock()


class SparkFrameDataset(FrameDataset):
    """A table as a Spark frame, in the running session or the one that ``SparkSession.builder`` starts.

    ``load_args`` go to ``spark.read.load`` and ``save_args`` to ``frame.write.save``, merged over the dialect
    that all engines share; the default ``mode`` is ``overwrite``, which keeps the old folder until the new
    one is complete. Hadoop takes its credentials from the session's options; ``credentials`` are for fsspec,
    which looks for files and versions. Delta needs Delta Lake's package for Spark.
    """

    _SINGLE_PROCESS = True
    _engine = "spark"
    _conversions: ClassVar[Mapping[str, str]] = {
        "pandas": "spark.createDataFrame(frame)",
        "polars": "spark.createDataFrame(frame.to_pandas())",
    }

    def load(self) -> DataFrame:
        """Read the folder, or the file that another engine wrote."""
        path = str(self._get_load_path())
        self._fs.invalidate_cache()
        if not self._fs.exists(path):
            raise CatalogError(
                f"there is no file or folder {path!r}", hint="Run the node that makes it first."
            )
        check_complete(self._fs, path)
        arguments = {**spark_read_options(self._file_format, self._dialect), **self._load_args}
        session = _session()
        self._allow_charset(session)
        if self._file_format in (*TEXT_FORMATS, "json") and "schema" not in arguments:
            arguments["schema"] = self._infer_schema(session, path, arguments)
        with _explaining_delta(self._file_format):
            return session.read.load(self._glob(path), format=self._spark_format, **arguments)

    def save(self, data: DataFrame) -> None:
        """Write a folder, which replaces what is at the path."""
        if not hasattr(data, "sparkSession"):  # Spark Connect has frames of other classes
            raise self._wrong_frame(data)
        path = str(self._get_save_path())
        arguments = {
            "mode": "overwrite",
            **spark_write_options(self._file_format, self._dialect),
            **self._save_args,
        }
        self._check_columns(data.columns)
        self._allow_charset(data.sparkSession)
        with _set_options(data.sparkSession, _PARQUET), _explaining_delta(self._file_format):
            if self._file_format == "delta":
                overwrites = arguments["mode"] == "overwrite" and "replaceWhere" not in arguments
                schema = {"overwriteSchema": True} if overwrites else {}
                data.write.save(self._hadoop_url(path), format="delta", **{**schema, **arguments})
            elif self._replaces_folder(data.sparkSession, arguments):
                with replace_folder(self._fs, path) as new:
                    data.write.save(self._hadoop_url(new), format=self._spark_format, **arguments)
            else:
                data.write.save(self._hadoop_url(path), format=self._spark_format, **arguments)
        self._fs.invalidate_cache()

    @property
    def _spark_format(self) -> str:
        return "csv" if self._file_format in TEXT_FORMATS else self._file_format

    def _check_address(self, filepath: str, version: Version | None) -> None:
        super()._check_address(filepath, version)
        if self._protocol in _NOT_IN_SPARK:
            raise CatalogError(
                f"Spark cannot use {filepath!r}",
                hint="Load it with pandas or polars, or copy it to a folder or to object storage.",
            )
        name = self._address.path.rpartition("/")[2]
        if name.startswith(("_", ".")) or ":" in name:
            raise CatalogError(
                f"Spark cannot use {filepath!r}",
                hint="It skips files whose name begins with '_' or '.', and takes none with ':'. Rename it.",
            )

    def _check_columns(self, columns: list[str]) -> None:
        repeated = next((name for name in columns if columns.count(name) > 1), None)
        if repeated is not None:
            raise CatalogError(
                f"there are {columns.count(repeated)} columns named {repeated!r}", hint="Rename them."
            )
        expected = self._dialect.column_names(len(columns))
        if not self._dialect.header and columns != expected:
            raise CatalogError(
                f"the columns are {columns}, and the file without header has {expected}",
                hint="Write the names as 'columns' of the entry's dialect.",
            )

    def _allow_charset(self, session: SparkSession) -> None:
        """Let Spark 4 use an encoding beyond UTF and Latin-1; it checks again whenever a frame is used."""
        if java_charset(self._dialect.encoding) not in _SPARK_CHARSETS:
            session.conf.set("spark.sql.legacy.javaCharsets", "true")

    def _infer_schema(self, session: SparkSession, path: str, arguments: Mapping[str, Any]) -> StructType:
        """Let Spark infer the types once, with integers of 64 bits, as every other engine infers them."""
        with _set_options(session, _INFERENCE):
            # Spark Connect infers when the schema is asked for, which has to be while the option is set.
            schema = session.read.load(self._glob(path), format=self._spark_format, **arguments).schema
        if self._file_format == "json":
            return schema
        return _adapt_schema(
            schema, None if self._dialect.header else self._dialect.column_names(len(schema))
        )

    def _replaces_folder(self, session: SparkSession, arguments: Mapping[str, Any]) -> bool:
        """Return whether a save replaces the whole folder, not some of its partitions."""
        dynamic = str(arguments.get("partitionOverwriteMode", "")).lower()
        dynamic = dynamic or str(session.conf.get("spark.sql.sources.partitionOverwriteMode")).lower()
        partitioned = bool(arguments.get("partitionBy"))
        return arguments["mode"] == "overwrite" and not (partitioned and dynamic == "dynamic")

    def _hadoop_url(self, path: str) -> str:
        return self._url(_SCHEMES.get(self._protocol, self._protocol), path)

    def _glob(self, path: str) -> str:
        """Return the pattern that matches one path, as Spark reads all paths that match."""
        return _SPECIAL.sub(r"\\\g<0>", self._hadoop_url(path))


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


@contextmanager
def _explaining_delta(file_format: str) -> Iterator[None]:
    """Say what Spark needs for delta if its package is missing."""
    try:
        yield
    except Exception as error:
        if file_format != "delta" or not any(sign in str(error) for sign in _NO_DELTA):
            raise
        raise CatalogError(
            "Spark has no delta: its package or its extension is not configured",
            hint="Write spark.jars.packages, spark.sql.extensions and spark.sql.catalog.spark_catalog into "
            "spark.yml, as docs/how-to/spark.md shows.",
        ) from error


def _adapt_schema(schema: StructType, names: list[str] | None) -> StructType:
    """Return a schema with integers of 64 bits, and with the names if there are any."""
    from pyspark.sql.types import IntegerType, LongType, StructField, StructType

    types = [LongType() if isinstance(one.dataType, IntegerType) else one.dataType for one in schema]
    return StructType([StructField(*one) for one in zip(names or schema.names, types, strict=True)])

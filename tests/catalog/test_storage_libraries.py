"""Which packages open paths and databases, and what is reported where they are not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kedro.io import AbstractDataset, CachedDataset

from kedro_matrix_ext.catalog.dataset_types import find_dataset_class
from kedro_matrix_ext.catalog.lookup.storage_libraries import (
    find_storage_libraries,
    is_installed,
    list_storage_needs,
)
from kedro_matrix_ext.catalog.missing_libraries import report_missing_package, report_unlisted_package
from kedro_matrix_ext.errors import CatalogError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("storage", "libraries"),
    [
        ("data/cars.csv", ""),
        ("C:/data/cars.csv", ""),
        ("file:///data/cars.csv", ""),
        ("memory://cars", ""),
        ("sqlite:///cars.db", ""),
        ("s3://bucket/cars.csv", "s3fs"),
        ("s3a://bucket/cars.csv", "s3fs"),
        ("gs://bucket/cars.csv", "gcsfs"),
        ("gcs://bucket/cars.csv", "gcsfs"),
        ("abfs://container/cars.csv", "adlfs"),
        ("abfss://container@account/cars.csv", "adlfs"),
        ("hdfs://namenode/cars.csv", "pyarrow"),
        ("oci://bucket/cars.csv", "ocifs"),
        ("https://example.com/cars.csv", "aiohttp"),
        ("simplecache::s3://bucket/cars.csv", "s3fs"),
        ("zip://cars.csv::gs://bucket/all.zip", "gcsfs"),
        ("postgresql://host/shop", "psycopg2"),
        ("postgresql+psycopg://host/shop", "psycopg"),
        ("mysql+pymysql://host/shop", "pymysql"),
        ("mssql+pyodbc://host/shop", "pyodbc"),
        ("nobody-knows://it", ""),
    ],
)
def test_what_opens_a_path_or_database(storage: str, libraries: str) -> None:
    """Each protocol of a chained URL; nothing for local paths and for protocols nothing is known of."""
    assert " ".join(find_storage_libraries(storage)) == libraries


class _Opened(AbstractDataset[object, object]):
    """A dataset whose module does not use fsspec."""

    def _load(self) -> object:
        return None

    def _save(self, data: object) -> None:
        del data

    def _describe(self) -> dict[str, object]:
        return {}


def test_only_datasets_that_use_fsspec_need_its_packages() -> None:
    """Their source says so; a type that cannot be imported here is judged by its name."""
    entry = {"filepath": "gs://bucket/cars"}
    pandas = find_dataset_class("cars", {"type": "pandas.CSVDataset"})
    absent, spark = type("Absent", (), {"__module__": "shop"}), type("S", (), {"__module__": "spark"})
    assert [bool(list(list_storage_needs(entry, [each]))) for each in (pandas, _Opened, absent, spark)] == [
        True, False, True, False
    ]  # fmt: skip
    wrapped = {"type": "CachedDataset", "dataset": entry}
    assert list(list_storage_needs(wrapped, [CachedDataset, pandas])) == [("gcsfs", "gs:")]


def test_a_query_needs_its_files_protocol_and_its_database() -> None:
    """The address of the database may come from the credentials."""
    entry = {"filepath": "s3://bucket/q.sql", "credentials": {"con": "postgresql://host/shop"}}
    pandas = find_dataset_class("cars", {"type": "pandas.CSVDataset"})
    assert list(list_storage_needs(entry, [pandas])) == [("s3fs", "s3:"), ("psycopg2", "postgresql:")]


def test_what_is_reported(tmp_path: Path) -> None:
    """An error if the package is not installed; a warning if the project's dependencies do not bring it."""
    found = report_missing_package("cars", "gcsfs", "gs:", tmp_path)
    assert (found.severity.value, found.library, found.dataset) == ("error", "gcsfs", "cars")
    assert "'gcsfs'" in found.fix
    assert report_unlisted_package("cars", "s3fs", "s3:", tmp_path) is None
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[project]\ndependencies = ["kedro"]\n')
    unlisted = report_unlisted_package("cars", "s3fs", "s3:", tmp_path)
    assert unlisted is not None
    assert (unlisted.severity.value, unlisted.code) == ("warning", "missing-storage-package")
    pyproject.write_text('[project]\ndependencies = ["s3fs"]\n')
    assert report_unlisted_package("cars", "s3fs", "s3:", tmp_path) is None
    pyproject.write_text('[project]\ndependencies = ["company-platform"]\n')
    assert report_unlisted_package("cars", "s3fs", "s3:", tmp_path) is None


def test_a_type_names_the_package_that_its_extra_does_not_bring() -> None:
    """SparkDataset imports hdfs, which current extras of kedro-datasets leave out."""
    pytest.importorskip("pyspark")
    if is_installed("hdfs"):
        pytest.skip("hdfs is installed")
    with pytest.raises(CatalogError) as raised:
        find_dataset_class("cars", {"type": "spark.SparkDataset"})
    assert raised.value.hint is not None
    assert raised.value.hint.startswith("Install 'hdfs'")

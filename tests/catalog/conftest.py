"""Datasets of every engine, over one path."""

from __future__ import annotations

import importlib
import shutil
import warnings
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def spark_session() -> Iterator[Any]:
    """One Spark session, in a time zone that is not UTC."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of PySpark, about newer versions of pandas
        sql = importlib.import_module("pyspark.sql")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.session.timeZone", "America/New_York").getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """Make an engine's dataset of a format, over one path of the test's folder."""
    from tests.catalog.frames import NAMES

    from kedro_matrix_ext.catalog import datasets

    def make_dataset(engine: str, file_format: str, name: str = "table", **arguments: Any) -> Any:
        if engine == "spark":
            request.getfixturevalue("spark_session")
        kind = getattr(datasets, NAMES[engine])
        return kind(filepath=str(tmp_path / name), file_format=file_format, **arguments)

    return make_dataset

"""Datasets of every engine, over one path."""

from __future__ import annotations

import importlib
import os
import shutil
import warnings
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from tests.catalog.spark_servers import DELTA_OPTIONS, serve_cluster, serve_connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def spark_session() -> Iterator[Any]:
    """One Spark session, in a time zone that is not UTC.

    ``TEST_SPARK_ON`` says where: in this process by default, ``standalone``, ``connect``, or ``delta``.
    """
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of PySpark, about newer versions of pandas
        sql = importlib.import_module("pyspark.sql")
    place, builder = os.environ.get("TEST_SPARK_ON"), sql.SparkSession.builder
    with ExitStack() as stack:
        if place == "connect":
            server = stack.enter_context(serve_connect())
            stack.enter_context(pytest.MonkeyPatch.context()).setenv(
                "SPARK_REMOTE", server
            )  # as the hook does
            builder = builder.remote(server)
        else:
            master = stack.enter_context(serve_cluster()) if place == "standalone" else "local[2]"
            builder = builder.master(master).config("spark.ui.enabled", "false")
            for name in ("spark.driver.bindAddress", "spark.driver.host"):
                builder = builder.config(name, "127.0.0.1")
        for name, value in DELTA_OPTIONS.items() if place == "delta" else ():
            builder = builder.config(name, value)
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

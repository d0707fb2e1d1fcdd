"""Spark, pandas and polars share tables on an S3 server; what Spark needs for that is fetched on demand."""

from __future__ import annotations

import importlib
import os
import shutil
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.catalog.frames import (
    ENGINES,
    FORMATS,
    KEPT,
    NAMES,
    ROWS,
    expected_rows,
    expected_types,
    make_frame,
    rows_of,
    types_of,
)

from kedro_matrix_ext.catalog import datasets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.kedro_project import KedroProject
    from tests.object_storage import ObjectStorage

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.skipif(
        not os.environ.get("FETCH_HADOOP_AWS"),
        reason="hadoop-aws is 700 MB from Maven Central; 'nox -s spark_s3' fetches it",
    ),
]

SETTINGS = """
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args, determine_hooks_to_execute

CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
HOOKS = determine_hooks_to_execute({"spark": "kedro_matrix_ext.hooks.SparkHooks"})
"""
CATALOG = """
"{name}":
  transcode: [pandas, polars, spark]
  format: FORMAT
  filepath: s3://BUCKET/FORMAT/{name}
"""
REGISTRY = """
import pandas as pd
from kedro.pipeline import Node, Pipeline


def make():
    return pd.DataFrame({"seats": [2, 4, 4], "price": [1.5, 2.5, 4.5]})


def average(trips):
    return trips.groupBy("seats").avg("price").withColumnRenamed("avg(price)", "price")


def show(averages):
    print("averages:", sorted(averages.select("seats", "price").rows()))


def register_pipelines():
    nodes = [
        Node(make, None, "trips@pandas", name="make"),
        Node(average, "trips@spark", "averages@spark", name="average"),
        Node(show, "averages@polars", None, name="show"),
    ]
    return {"__default__": Pipeline(nodes)}
"""


def list_options(storage: ObjectStorage) -> dict[str, str]:
    """Spark's options, as on the page on troubleshooting; keys are in the environment."""
    jars = Path(importlib.import_module("pyspark").__path__[0]) / "jars"
    (client,) = jars.glob("hadoop-client-api-*.jar")
    hadoop = client.stem.rpartition("-")[2]
    return {
        "spark.jars.packages": f"org.apache.hadoop:hadoop-aws:{hadoop}",
        "spark.hadoop.fs.s3a.endpoint": storage.url,
        "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.input.stream.type": "classic",
    }


@pytest.fixture(scope="module")
def variables(object_storage: ObjectStorage) -> Iterator[dict[str, str]]:
    """The login, in the environment before Java starts, which keeps its own copy."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    patch = pytest.MonkeyPatch()
    for name, value in object_storage.variables.items():
        patch.setenv(name, value)
    yield object_storage.variables
    patch.undo()


@pytest.fixture(scope="module")
def make(object_storage: ObjectStorage, variables: dict[str, str]) -> Iterator[Callable[..., Any]]:
    """Make an engine's dataset of a format in a bucket: ``make("spark", "csv", "table")``."""
    assert variables
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of PySpark, about newer versions of pandas
        sql = importlib.import_module("pyspark.sql")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    for name, value in list_options(object_storage).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    bucket = object_storage.create_bucket("tables")

    def make_dataset(engine: str, file_format: str, name: str) -> Any:
        kind = getattr(datasets, NAMES[engine])
        return kind(filepath=f"s3://{bucket}/{name}", file_format=file_format)

    yield make_dataset
    session.stop()


@pytest.mark.parametrize("reader", ENGINES)
@pytest.mark.parametrize("writer", ENGINES)
@pytest.mark.parametrize("file_format", FORMATS)
def test_what_one_engine_saves_every_engine_loads(
    make: Callable[..., Any], file_format: str, writer: str, reader: str
) -> None:
    """As on a disk: the same values, of the same types."""
    columns, name = KEPT[file_format], uuid.uuid4().hex
    make(writer, file_format, name).save(make_frame(writer, ROWS, columns))
    loaded = make(reader, file_format, name).load()
    assert rows_of(loaded) == expected_rows(columns)
    assert types_of(loaded) == expected_types(reader, columns)


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_a_folder_and_a_file_take_each_others_place(
    make: Callable[..., Any], engine: str, file_format: str
) -> None:
    """Spark's folder, then a file, then another, then a folder again; nothing old is read."""
    name, columns = uuid.uuid4().hex, ["id", "count"]
    for writer, rows in (("spark", ROWS), (engine, ROWS[:1]), (engine, ROWS[:2]), ("spark", ROWS[2:3])):
        make(writer, file_format, name).save(make_frame(writer, rows, columns))
        for reader in ("spark", engine):
            assert rows_of(make(reader, file_format, name).load()) == expected_rows(columns, rows)


@pytest.mark.project
@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_a_project_says_it_in_spark_yml(
    project: KedroProject, object_storage: ObjectStorage, variables: dict[str, str], file_format: str
) -> None:
    """Pandas makes a table, Spark averages it, polars shows it; a second run replaces the first."""
    bucket = object_storage.create_bucket(f"trips-{file_format}")
    options = {"spark.master": "local[2]", **list_options(object_storage)}
    project.write("conf/base/spark.yml", "".join(f"{name}: {value}\n" for name, value in options.items()))
    project.write("conf/base/catalog.yml", CATALOG.replace("BUCKET", bucket).replace("FORMAT", file_format))
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    for _ in range(2):
        ran = project.kedro("run", env=variables)
        assert "averages: [(2, 1.5), (4, 3.5)]" in ran.stdout

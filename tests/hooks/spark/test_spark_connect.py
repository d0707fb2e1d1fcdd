"""A Spark Connect server: which one, what it is given, and what happens when it does not answer."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from tests.catalog.spark_servers import free_port, serve_connect
from tests.kedro_project import KedroProject

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks import SparkHooks

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., dict[str, Any]]
VARIABLES = (
    "SPARK_REMOTE",
    "KEDRO_MATRIX_SPARK_REMOTE",
    "PYSPARK_REMOTE_INIT_CONF_LEN",
    "PYSPARK_REMOTE_INIT_CONF_0",
    "PYSPARK_SUBMIT_ARGS",
    "KEDRO_MATRIX_SPARK_SUBMIT_ARGS",
)


class SparkTable(MemoryDataset):
    """A dataset that the hook takes for one of Spark's."""


def _ask_for_spark() -> int:
    from pyspark.sql import SparkSession

    return int(SparkSession.builder.getOrCreate().range(3).count())


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server is named; afterwards the variables are put back."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_the_server_and_its_options_are_where_pyspark_looks(
    run_with_hooks: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """SQL options are set, the others are named, and the next session takes both back."""
    conf = """
        spark.remote: sc://server:15002
        spark.sql.shuffle.partitions: 4
        spark.sql.extensions: x.Y
        spark.executor.memory: 2g
    """
    pipeline = Pipeline([node(lambda: 1, None, "x", name="a")])
    run_with_hooks([SparkHooks()], pipeline, conf={"base/spark.yml": conf})
    assert os.environ["SPARK_REMOTE"] == "sc://server:15002"
    assert json.loads(os.environ["PYSPARK_REMOTE_INIT_CONF_0"]) == {
        "spark.remote": "sc://server:15002",
        "spark.sql.shuffle.partitions": "4",
    }
    assert "set them on the server: spark.sql.extensions, spark.executor.memory" in caplog.text
    assert "PYSPARK_SUBMIT_ARGS" not in os.environ
    run_with_hooks([SparkHooks()], pipeline, conf={"base/spark.yml": "{}"})
    assert not set(VARIABLES[:4]) & set(os.environ)


def test_the_variable_of_the_shell_wins(run_with_hooks: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of spark.yml is not used."""
    monkeypatch.setenv("SPARK_REMOTE", "sc://shell")
    pipeline = Pipeline([node(lambda: 1, None, "x", name="a")])
    run_with_hooks([SparkHooks()], pipeline, conf={"base/spark.yml": "spark.remote: sc://file"})
    assert os.environ["SPARK_REMOTE"] == "sc://shell"


@pytest.mark.parametrize("uses", ["dataset", "function"])
def test_a_server_that_is_away_is_an_error_before_the_node(run_with_hooks: Run, uses: str) -> None:
    """It names address and remedy, and no token; a node without Spark does not need the server."""
    ran: list[int] = []
    port = free_port()
    conf = {"base/spark.yml": f"spark.remote: sc://127.0.0.1:{port}/;token=hidden"}
    uses_spark = {
        "dataset": node(ran.append, "table", None, name="b"),
        "function": node(_ask_for_spark, None, "y", name="b"),
    }[uses]
    plain = node(lambda: 1, None, "x", name="a")
    run_with_hooks([SparkHooks()], Pipeline([plain]), conf=conf)
    catalog = DataCatalog({"table": SparkTable(1)})
    with pytest.raises(HookError, match=rf"'sc://127\.0\.0\.1:{port}' does not answer") as raised:
        run_with_hooks([SparkHooks()], Pipeline([uses_spark]), conf=conf, catalog=catalog)
    assert ran == []
    assert "hidden" not in str(raised.value)
    assert "SPARK_REMOTE" in str(raised.value.hint)


def test_the_package_of_the_client_is_named_if_it_is_missing(
    run_with_hooks: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the node runs, not in the middle of PySpark."""
    monkeypatch.setattr("kedro_matrix_ext.hooks.spark.connect.find_spec", lambda _: None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        conf = {"base/spark.yml": f"spark.remote: sc://127.0.0.1:{listening.getsockname()[1]}"}
        catalog = DataCatalog({"table": SparkTable(1)})
        pipeline = Pipeline([node(lambda table: table, "table", "y", name="b")])
        with pytest.raises(HookError, match="needs 'grpc'") as raised:
            run_with_hooks([SparkHooks()], pipeline, conf=conf, catalog=catalog)
    assert "'pyspark[connect]'" in str(raised.value.hint)


PROJECT = {
    "conf/base/spark.yml": "spark.sql.shuffle.partitions: 3\n",
    "src/shop/pipeline_registry.py": """
import pandas as pd
from kedro.pipeline import Pipeline, node


def ask():
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    partitions = spark.conf.get("spark.sql.shuffle.partitions")
    rows = spark.range(5).count()
    print("SEEN", type(spark).__module__, partitions, rows)
    return rows


def make(rows):
    day = pd.Timestamp("2026-01-02 03:04:05")
    return pd.DataFrame({"id": range(rows), "at": [day] * rows, "instant": [day.tz_localize("UTC")] * rows})


def show(table):
    print("TYPES", dict(sorted(table.dtypes)), table.count())
    return table.count()


def register_pipelines():
    nodes = [node(ask, None, "rows")]
    for kind in ("csv", "json"):
        nodes += [node(make, "rows", f"{kind}@pandas"), node(show, f"{kind}@spark", f"seen_{kind}")]
    return {"__default__": Pipeline(nodes)}
""",
    "src/shop/settings.py": """
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.hooks import SparkHooks

CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
HOOKS = (SparkHooks(),)
""",
    "conf/base/catalog.yml": """
csv: {transcode: [pandas, spark], format: csv, filepath: data/t.csv}
json: {transcode: [pandas, spark], format: json, filepath: data/t.json}
""",
}
SCRIPT = """
import sys
from pathlib import Path
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

bootstrap_project(Path.cwd())
sessions = []
with KedroSession.create(Path.cwd()) as session:
    from pyspark.sql.connect.session import SparkSession
    stop = SparkSession.stop
    SparkSession.stop = lambda spark: (sessions.append(spark), stop(spark))
    session.run()
from pyspark import SparkContext
children = Path("/proc/thread-self/children").read_text().split()
names = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in children]
print("CLOSED", len(sessions), SparkSession._default_session, [one.is_stopped for one in sessions])
print("JVM", SparkContext._gateway, names.count("java"))
"""


@pytest.mark.spark
@pytest.mark.project
def test_nodes_work_on_a_real_server(tmp_path: Path) -> None:
    """With the options of spark.yml, types inferred, the session closed at the end, and no Java here."""
    for needed in ("pyspark", "grpc", "grpc_status"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"needs {needed}, as pyspark[connect] brings it")
    if shutil.which("java") is None:
        pytest.skip("needs Java for the server")
    project = KedroProject.create(tmp_path / "shop", "shop")
    for name, text in PROJECT.items():
        project.write(name, text)
    with serve_connect() as address:
        project.write("conf/base/spark.yml", f"{PROJECT['conf/base/spark.yml']}spark.remote: {address}\n")
        done = project.python(SCRIPT)
    shown = done.stdout.splitlines()
    assert "SEEN pyspark.sql.connect.session 3 5" in shown
    types = {"at": "timestamp_ntz", "id": "bigint", "instant": "timestamp"}
    assert shown.count(f"TYPES {types} 5") == 2
    assert "CLOSED 1 None [True]" in shown
    assert "JVM None 0" in shown

"""A Spark standalone cluster and a Spark Connect server on loopback, from the installed pyspark."""

from __future__ import annotations

import importlib
import os
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DELTA_OPTIONS", "free_port", "serve_cluster", "serve_connect"]

DELTA_OPTIONS = {  # of the newest Delta Lake, which is for Spark 4.2
    "spark.jars.packages": "io.delta:delta-spark_2.13:4.4.0",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.databricks.delta.snapshotPartitions": "1",  # of 50, for a log of a few lines
    "spark.sql.shuffle.partitions": "1",
}
_QUIET = ("SPARK_REMOTE", "PYSPARK_SUBMIT_ARGS", "SPARK_CONNECT_MODE_ENABLED")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve_cluster() -> Iterator[str]:
    """Run a standalone master and one worker; gives the master's address."""
    port, deploy = free_port(), "org.apache.spark.deploy"
    address = f"spark://127.0.0.1:{port}"
    ui = ["--webui-port", str(free_port())]
    with ExitStack() as stack:
        master = [f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), *ui]
        stack.enter_context(_running("spark-class", *master))
        _wait_for(port)
        ui[1] = str(free_port())
        worker = [f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--cores", "2", "--memory", "1g", *ui]
        stack.enter_context(_running("spark-class", *worker, address))
        yield address


@contextmanager
def serve_connect() -> Iterator[str]:
    """Run a Spark Connect server; gives its address."""
    port = free_port()
    (jar,) = (_home() / "jars").glob("spark-connect_*.jar")
    options = {
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",  # by default a name that resolves to another interface
    }
    command = [f"--conf={name}={value}" for name, value in options.items()]
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    with _running("spark-submit", "--master=local[2]", *command, f"--class={server}", str(jar)):
        _wait_for(port)
        yield f"sc://127.0.0.1:{port}"


@contextmanager
def _running(program: str, *arguments: str) -> Iterator[None]:
    environment = {name: value for name, value in os.environ.items() if name not in _QUIET}
    process = subprocess.Popen(
        [str(_home() / "bin" / program), *arguments],
        env={**environment, "SPARK_HOME": str(_home())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _home() -> Path:
    return Path(importlib.import_module("pyspark").__path__[0])


def _wait_for(port: int) -> None:
    last = time.monotonic() + PATIENCE
    while not _listens(port):
        if time.monotonic() > last:
            raise TimeoutError(f"nobody listens on port {port}")
        time.sleep(0.2)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True

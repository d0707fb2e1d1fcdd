"""The whole example on fabricated data, with Spark, MLflow and the timer at work."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.conftest import EXAMPLES, LEFTOVERS
from tests.kedro_project import KedroProject
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.project, pytest.mark.spark]

VARIANTS = {
    "reviews_predictor": ["base", "test1"],
    "price_predictor": ["base", "candidate1", "candidate2", "candidate3"],
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> KedroProject:
    """A copy of the example as a user has it."""
    pytest.importorskip("pyspark", reason="needs the extra 'spark'")
    pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    folder = tmp_path_factory.mktemp("fabricated") / "spaceflights"
    shutil.copytree(EXAMPLES / "spaceflights", folder, ignore=shutil.ignore_patterns(*LEFTOVERS))
    return KedroProject(folder)


@pytest.fixture(scope="module")
def run(example: KedroProject) -> subprocess.CompletedProcess[str]:
    """`kedro run -p test -e test`, once."""
    return example.kedro("run", "-p", "test", "-e", "test")


@pytest.fixture(scope="module")
def metrics(example: KedroProject, run: subprocess.CompletedProcess[str]) -> dict[str, float]:
    """The metrics that the run wrote, by the name that they have in MLflow."""
    reports = example.path / "data/test/08_reporting"
    return {
        f"{namespace}.{variant}.metrics.{name}": number
        for namespace, variants in VARIANTS.items()
        for variant in variants
        for name, number in json.loads((reports / namespace / variant / "metrics.json").read_text()).items()
    }


def test_models_are_evaluated_on_fabricated_data(example: KedroProject, metrics: dict[str, float]) -> None:
    """Every variant found what the tables were made with; nothing but the environment's folder is written."""
    assert len(metrics) == 18
    assert all(0.3 < value < 1 for name, value in metrics.items() if name.endswith("r2"))
    assert {path.name for path in (example.path / "data").iterdir()} == {"01_raw", "test"}
    assert len(pd.read_csv(example.path / "data/test/01_raw/reviews.csv")) == 240


def test_spark_saves_what_pandas_loads(example: KedroProject, run: subprocess.CompletedProcess[str]) -> None:
    """One dataset is a folder that Spark wrote, and holds what pandas makes of the same raw table."""
    for namespace in VARIANTS:
        folder = example.path / "data/test/02_intermediate" / namespace / "companies.parquet"
        assert (folder / "_SUCCESS").exists()
        raw = pd.read_csv(example.path / "data/test/01_raw/companies.csv")
        saved = pd.read_parquet(folder).sort_values("id", ignore_index=True)
        rating = (raw["company_rating"].str.rstrip("%").astype(float) / 100).rename("company_rating")
        pd.testing.assert_series_equal(saved["company_rating"], rating)
        assert saved["iata_approved"].tolist() == (raw["iata_approved"] == "t").tolist()


def test_the_timing_table_is_on_screen(run: subprocess.CompletedProcess[str]) -> None:
    """Every node is counted, the one that starts Spark is shown."""
    table = run.stdout.partition("Node timings")[2]
    assert "predictor.preprocess_companies" in table
    assert "29 succeeded." in table


def test_mlflow_ui_shows_the_run(example: KedroProject, metrics: dict[str, float]) -> None:
    """The server that `mlflow ui` starts over the store gives the run, finished, with all its metrics."""
    with serve_mlflow(example) as server:
        assert b"MLflow" in server.ask("/")
        named = json.loads(server.ask("/api/2.0/mlflow/experiments/get-by-name?experiment_name=spaceflights"))
        search = {"experiment_ids": [named["experiment"]["experiment_id"]]}
        found = json.loads(server.ask("/api/2.0/mlflow/runs/search", search))
    (tracked,) = found["runs"]
    assert tracked["info"]["status"] == "FINISHED"
    assert {one["key"]: one["value"] for one in tracked["data"]["metrics"]} == pytest.approx(metrics)
    tags = {one["key"]: one["value"] for one in tracked["data"]["tags"]}
    assert (tags["kedro_env"], tags["kedro_pipeline"]) == ("test", "test")


@dataclass(frozen=True)
class Server:
    """An HTTP server on loopback."""

    port: int

    def ask(self, path: str, question: dict[str, Any] | None = None) -> bytes:
        """Get a path, or post it a question, and give the body of the answer."""
        with closing(HTTPConnection("127.0.0.1", self.port)) as connection:
            if question is None:
                connection.request("GET", path)
            else:
                connection.request(
                    "POST", path, json.dumps(question), headers={"Content-Type": "application/json"}
                )
            answer = connection.getresponse()
            assert answer.status == HTTPStatus.OK
            return answer.read()

    def answers(self) -> bool:
        """Return whether it is up."""
        try:
            return bool(self.ask("/health"))
        except OSError:
            return False


@contextmanager
def serve_mlflow(example: KedroProject) -> Iterator[Server]:
    """Run `mlflow ui` over the example's store."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(free.getsockname()[1])
    store = ["--backend-store-uri", "sqlite:///mlruns.db", "--workers", "1", "--port", str(server.port)]
    command = [sys.executable, "-m", "mlflow", "ui", *store]
    variables = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # no further processes
    with (
        (example.path / "ui.log").open("w") as log,
        subprocess.Popen(command, cwd=example.path, env=variables, stdout=log, stderr=log) as process,
    ):
        try:
            wait_until(server.answers, process=process, what="MLflow answered; see ui.log")
            yield server
        finally:
            process.terminate()

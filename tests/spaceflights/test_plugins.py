"""Other plugins on the example project, each in a separate environment: `nox -s plugins`."""

from __future__ import annotations

import ast
import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project
WITHOUT_MLFLOW = {"KEDRO_HOOKS_DISABLE_MLFLOW": "1"}


def test_kedro_airflow_writes_a_dag_with_every_variant(copy_example: Callable[[str], KedroProject]) -> None:
    """As Python that compiles, with the nodes by their full names."""
    pytest.importorskip("kedro_airflow", reason="installed by nox -s plugins alone")
    example = copy_example("spaceflights")
    example.kedro("airflow", "create", "--target-dir", "dags", env=WITHOUT_MLFLOW)
    dag = example.read("dags/spaceflights_dag.py")
    ast.parse(dag)
    for variant in ("base", "candidate1", "candidate2", "candidate3"):
        assert f'node_names=["price_predictor.{variant}.split_data"]' in dag
    for variant in ("base", "test1"):
        assert f'node_names=["reviews_predictor.{variant}.split_data"]' in dag


def test_kedro_docker_writes_its_files(copy_example: Callable[[str], KedroProject]) -> None:
    """It asks for a running Docker before it writes anything."""
    pytest.importorskip("kedro_docker", reason="installed by nox -s plugins alone")
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "version"], capture_output=True, check=False).returncode:
        pytest.skip("kedro-docker needs a running Docker")
    example = copy_example("spaceflights")
    example.kedro("docker", "init", env=WITHOUT_MLFLOW)
    assert "FROM" in example.read("Dockerfile")
    assert (example.path / ".dockerignore").exists()


def test_kedro_mlflow_opens_the_run_that_our_hook_joins(copy_example: Callable[[str], KedroProject]) -> None:
    """One run, in kedro-mlflow's experiment, with our metrics; the other experiment is reported."""
    pytest.importorskip("kedro_mlflow", reason="installed by nox -s plugins alone")
    example = copy_example("spaceflights")
    config = "server: {mlflow_tracking_uri: 'sqlite:///store.db'}\ntracking: {experiment: {name: apart}}\n"
    example.write("conf/base/mlflow.yml", config)
    ran = example.kedro("run", "--env=base", "--namespaces=reviews_predictor", env={"COLUMNS": "1000"})
    shown = " ".join((ran.stdout + ran.stderr).split())
    assert "kedro-mlflow opened it" in shown
    assert "'experiment: spaceflights'" in shown
    with closing(sqlite3.connect(example.path / "store.db")) as store:
        assert store.execute("SELECT status FROM runs").fetchall() == [("FINISHED",)]
        metrics = store.execute("SELECT key FROM metrics").fetchall()
    assert any(".metrics." in key for (key,) in metrics)

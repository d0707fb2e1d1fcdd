"""A project whose nodes fail, wait and pass data on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kedro_project import KedroProject

if TYPE_CHECKING:
    from pathlib import Path

REGISTRY = """
import os
import subprocess
import sys
import time
from pathlib import Path

from kedro.pipeline import Node, Pipeline


def load():
    return [1, 2]


def note(rows):
    return [*rows, os.getpid()]


def report(rows, deep):
    return {"rows": rows, "deep": deep}


def fail():
    raise KeyError("boom")


def lose_connection():
    try:
        raise ConnectionResetError("by peer")
    except OSError as error:
        raise RuntimeError("cannot load") from error


def wait():
    Path("ready").touch()
    try:
        time.sleep(3600)
    finally:
        Path(f"cleaned-{os.getpid()}").touch()


def register_pipelines():
    data = Pipeline(
        [
            Node(load, None, "cars", name="load"),
            Node(note, "cars", "noted", name="note"),
            Node(report, ["noted", "params:deep"], "report", name="report"),
        ]
    )
    failing = Pipeline(
        [
            Node(fail, None, "failed", name="fail"),
            Node(lose_connection, None, "lost", name="lose"),
            Node(wait, None, "waited", name="wait"),
        ]
    )
    return {"__default__": data + failing, "data": data, "failing": failing}
"""
CATALOG = """
cars: {type: json.JSONDataset, filepath: data/cars.json}
"{name}ed": {type: json.JSONDataset, filepath: "data/{name}.json"}
report: {type: json.JSONDataset, filepath: data/report.json, versioned: true}
"table@pandas": {type: pandas.CSVDataset, filepath: data/table.csv}
"""


@pytest.fixture(scope="module")
def task_project(tmp_path_factory: pytest.TempPathFactory) -> KedroProject:
    """A project for the tests of a module."""
    path: Path = tmp_path_factory.mktemp("task") / "shop"
    project = KedroProject.create(path, package="shop")
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/parameters.yml", "deep: {a: 1, b: 2}\n")
    return project

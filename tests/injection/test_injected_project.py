"""A whole Kedro project whose nodes receive declared objects, under several runners."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

_NODES = """
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from kedro_matrix_ext import inject_object, unpack_params


class Options(BaseModel):
    depth: int
    estimator: Any = None


@dataclass
class Split:
    size: float


@dataclass
class Forest:
    precision: int


@inject_object()
def train_model(model, options: Options, split: Split):
    return {
        "model": type(model).__name__,
        "options": [type(options).__name__, options.depth, type(options.estimator).__name__],
        "split": [type(split).__name__, split.size],
        "params": getattr(model, "precision", None),
    }


@inject_object()
def stream(upto):
    for number in range(int(upto)):
        yield {"chunk": number}


@unpack_params()
def volume(width, height, depth):
    return {"volume": width * height * depth}
"""

_REGISTRY = """
from kedro.pipeline import node, pipeline

from shop.nodes import stream, train_model, volume


def register_pipelines():
    training = pipeline([
        node(train_model, ["params:model", "params:options", "params:split"], "report"),
        node(stream, "params:upto", "chunks"),
        node(volume, ["params:width", "params:size"], "volume"),
    ])
    return {"training": training, "__default__": training}
"""

_PARAMETERS = """
_estimators:
  linear: {object: fractions.Fraction}
  forest: {object: shop.nodes.Forest, precision: 7}
model: ${_estimators.linear}
options: {depth: "3", estimator: "${_estimators.forest}"}
split: {size: 0.2}
upto: {object: decimal.Decimal, args: [3]}
width: 2
size: {unpack: {height: 3}, depth: 4}
"""

_CATALOG = """
report: {type: json.JSONDataset, filepath: data/report.json}
volume: {type: json.JSONDataset, filepath: data/volume.json}
chunks: {type: shop.appending.AppendingDataset, filepath: data/chunks.txt}
"""

_APPENDING = """
from pathlib import Path

from kedro.io import AbstractDataset


class AppendingDataset(AbstractDataset):
    def __init__(self, filepath):
        self._filepath = Path(filepath)

    def load(self):
        return self._filepath.read_text()

    def save(self, data):
        with self._filepath.open("a") as file:
            file.write(f"{data['chunk']} ")

    def _describe(self):
        return {"filepath": str(self._filepath)}
"""


@pytest.fixture
def injected_project(project: KedroProject) -> KedroProject:
    """A project that trains what its parameters declare."""
    project.write("src/shop/nodes.py", _NODES)
    project.write("src/shop/appending.py", _APPENDING)
    project.write("src/shop/pipeline_registry.py", _REGISTRY)
    project.write("conf/base/parameters.yml", _PARAMETERS)
    project.write("conf/base/catalog.yml", _CATALOG)
    project.write("conf/forest/parameters.yml", _PARAMETERS.replace("linear}\n", "forest}\n"))
    project.write("data/.gitkeep", "")
    return project


@pytest.mark.project
def test_nodes_receive_objects_under_the_parallel_runner(injected_project: KedroProject) -> None:
    """Decorated functions pickle; typed parameters arrive typed; a generator is saved chunk by chunk."""
    injected_project.kedro("run", "--runner", "ParallelRunner")
    assert json.loads(injected_project.read("data/report.json")) == {
        "model": "Fraction",
        "options": ["Options", 3, "Forest"],
        "split": ["Split", 0.2],
        "params": None,
    }
    assert injected_project.read("data/chunks.txt") == "0 1 2 "
    assert json.loads(injected_project.read("data/volume.json")) == {"volume": 24}


@pytest.mark.project
def test_parameters_alone_choose_the_model(injected_project: KedroProject) -> None:
    """Another environment, another estimator; node names are those of the functions."""
    injected_project.kedro("run", "--pipeline", "training", "--env", "forest", "--runner", "ThreadRunner")
    report = json.loads(injected_project.read("data/report.json"))
    assert (report["model"], report["params"]) == ("Forest", 7)


@pytest.mark.project
def test_a_run_that_cannot_inject_says_where(injected_project: KedroProject) -> None:
    """The argument, the path in it, the target and the remedy are in the output of the run."""
    injected_project.write("conf/local/parameters.yml", "model: {object: decimal.Decimel}\n")
    run = injected_project.kedro("run", "--pipeline", "training", check=False)
    printed = run.stdout + run.stderr
    assert run.returncode
    assert "'decimal' has no attribute 'Decimel'" in printed
    assert "argument 'model': object" in printed
    assert "Did you mean 'Decimal'" in printed


@pytest.mark.project
def test_invalid_typed_parameters_stop_the_run_before_it_starts(injected_project: KedroProject) -> None:
    """Kedro validates what holds no object, as ever."""
    injected_project.write("conf/local/parameters.yml", "split: {sizes: 1}\n")
    run = injected_project.kedro("run", "--pipeline", "training", check=False)
    assert "Parameter validation failed" in run.stdout + run.stderr
    assert "sizes" in run.stdout + run.stderr

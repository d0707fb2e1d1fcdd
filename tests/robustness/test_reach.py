"""Importing us, and commands that need no cluster, reach no network and write inside the project alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from tests.kedro_project import KedroProject
from tests.waiting import PATIENCE

from kedro_matrix_ext.cli.argo import argo
from kedro_matrix_ext.cli.matrix import matrix

if TYPE_CHECKING:
    from collections.abc import Iterator

AUDITED = Path(__file__).parent / "audited.py"
FREE = {
    "argo build",
    "argo task",
    "argo rehearse",
    "argo submit",
    "argo resubmit",
}  # what may use the network
MLFLOW = {"argo mlflow-run start", "argo mlflow-run end"}  # talk to the tracking server

COMMANDS = [
    "matrix hooks",
    "matrix variants",
    "matrix schema",
    "matrix schema --output schemas",
    "matrix config show",
    "matrix config explain parameters rate",
    "matrix config diff base local",
    "matrix config check",
    "argo init",
    "argo plan --env base",
    "argo check --env base",
    "argo resources --env base --from timings.jsonl",
    "argo submit --env base --dry-run",
    "argo submit --env base --dry-run --output workflow.yml",
    "argo workflow-hooks start --help",
    "argo workflow-hooks end --help",
    "matrix fabricate --help",
    "matrix init --dry-run",
    "matrix init --yes",
]
WRITING = {
    "matrix schema --output schemas",
    "argo init",
    "argo submit --env base --dry-run --output workflow.yml",
    "matrix init --yes",
}
OUTSIDE = [  # what configuration names may lead out of the project: none of these may
    "matrix config show --env ../../outside",
    "argo submit --env ../../outside --dry-run",
]
TIMING: dict[str, Any] = {
    "run_id": "r",
    "pipeline": "__default__",
    "env": "base",
    "task": None,
    "node": "double",
    "namespace": None,
    "tags": [],
    "status": "ok",
    "seconds": 1.0,
    "cpu_seconds": 1.0,
    "peak_memory_bytes": 1000000,
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run all commands in one process; without Kedro's telemetry, which is not part of us and calls home."""
    project = KedroProject.create(tmp_path_factory.mktemp("reach") / "shop", package="shop")
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", PIPELINES)
    project.write("conf/base/parameters.yml", "rate: ${oc.int:2}\n")
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("timings.jsonl", json.dumps(TIMING) + "\n")
    result = subprocess.run(
        [sys.executable, "-B", str(AUDITED), "report.json"],
        cwd=project.path,
        input=json.dumps([command.split() for command in [*COMMANDS, *OUTSIDE]]),
        env={**os.environ, "DO_NOT_TRACK": "1", "TMPDIR": str(project.path), "HOME": str(project.path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return {**json.loads(project.read("report.json")), "path": str(project.path.resolve())}


SETTINGS = """
    from kedro_matrix_ext import LayeredConfigLoader, config_loader_args, dynamic_pipeline_mapping
    from kedro_matrix_ext.hooks import NodeTimerHooks

    CONFIG_LOADER_CLASS = LayeredConfigLoader
    CONFIG_LOADER_ARGS = config_loader_args()
    DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping({"price": ["base", "test"]})
    HOOKS = (NodeTimerHooks(),)
"""
PIPELINES = """
    from kedro.pipeline import Pipeline, node

    def double(cars, rate):
        return cars

    def register_pipelines():
        nodes = [
            node(double, ["cars", "params:rate"], "twice", name="double"),
            node(len, "twice", "count", name="count"),
        ]
        return {"__default__": Pipeline(nodes)}
"""
CATALOG = """
    cars: {type: pandas.CSVDataset, filepath: data/cars.csv}
    twice: {type: pandas.CSVDataset, filepath: data/twice.csv}
    count: {type: json.JSONDataset, filepath: data/count.json}
"""


def test_import_reaches_nothing(report: dict[str, Any]) -> None:
    """Every public name of every subpackage is imported: no network, no file, no process."""
    assert report["import"] == {"network": [], "written": [], "started": []}


@pytest.mark.parametrize("position", range(len(COMMANDS)), ids=COMMANDS)
def test_command_stays_at_home(report: dict[str, Any], position: int) -> None:
    """It succeeds, looks for no machine, not even this one, and writes nothing outside the project."""
    command, result = COMMANDS[position], report["commands"][position]
    assert result["code"] == _status(command), result["output"]
    assert result["network"] == []
    assert [path for path in result["written"] if not Path(path).is_relative_to(report["path"])] == []
    assert bool(result["written"]) == (command in WRITING)  # so that a blind watch would show
    assert all("'git'" in started for started in result["started"])  # asks for the commit


@pytest.mark.parametrize("position", range(len(OUTSIDE)), ids=OUTSIDE)
def test_a_name_that_leads_outside_writes_nothing(report: dict[str, Any], position: int) -> None:
    """A name of an environment is not a path."""
    result = report["commands"][len(COMMANDS) + position]
    assert (result["code"], result["network"], result["written"]) == (1, [], [])
    assert "there is no environment '../../outside'" in result["output"]


def _status(command: str) -> int:
    """A check with findings exits with 1."""
    return 1 if command == "argo check --env base" else 0


def test_every_command_is_among_those_tried_or_may_use_the_network() -> None:
    """A new command is tried here, or belongs to those that the security page names."""
    tried = {
        name
        for name in _names(matrix, "matrix")
        for command in COMMANDS
        if f"{command} ".startswith(f"{name} ")
    }
    tried |= {
        name for name in _names(argo, "argo") for command in COMMANDS if f"{command} ".startswith(f"{name} ")
    }
    everything = {*_names(matrix, "matrix"), *_names(argo, "argo")}
    assert everything - tried == (FREE | MLFLOW) - {"argo submit"}


def _names(command: click.Command, name: str) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield name
        return
    context = click.Context(command)
    for child in command.list_commands(context):
        found = command.get_command(context, child)
        assert found is not None
        yield from _names(found, f"{name} {child}")

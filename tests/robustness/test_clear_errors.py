"""A user's mistake is one clear error in each command, never the traceback of an exception."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.kedro_project import KedroProject
from tests.robustness.test_reach import CATALOG, PIPELINES, SETTINGS
from tests.waiting import PATIENCE

AUDITED = Path(__file__).parent / "audited.py"
COMMANDS = [
    "matrix config check --env {env}",
    "matrix config explain catalog cars --env {env}",
    "argo plan --env {env}",
    "argo check --env {env} --without-imports",
]
ARGO = "server_url: https://argo.example\ndeployment: {image: shop:1}\n"
FAULTS = {  # the environment: its files
    "number-as-dataset": {"catalog.yml": "1: {type: pandas.CSVDataset, filepath: x.csv}\n"},
    "truth-as-dataset": {"catalog.yml": "yes: {type: pandas.CSVDataset, filepath: x.csv}\n"},
    "null-as-dataset": {"catalog.yml": "~: {type: pandas.CSVDataset, filepath: x.csv}\n"},
    "float-as-dataset": {"catalog.yml": "1.5: {type: pandas.CSVDataset, filepath: x.csv}\n"},
    "date-as-dataset": {"catalog.yml": "2026-01-01: {type: pandas.CSVDataset, filepath: x.csv}\n"},
    "number-as-argument": {"catalog.yml": "cars: {type: pandas.CSVDataset, filepath: x.csv, 5: 6}\n"},
    "null-as-argument": {"catalog.yml": "cars: {type: pandas.CSVDataset, filepath: x.csv, ~: 6}\n"},
    "date-as-argument": {
        "catalog.yml": "cars: {type: pandas.CSVDataset, filepath: x.csv, load_args: {2026-01-01: 6}}\n"
    },
    "number-as-type": {"catalog.yml": "cars: {type: 5}\n"},
    "list-as-type": {"catalog.yml": "cars: {type: [pandas.CSVDataset]}\n"},
    "number-as-entry": {"catalog.yml": "cars: 5\n"},
    "number-as-path": {"catalog.yml": "cars: {type: pandas.CSVDataset, filepath: 5}\n"},
    "null-as-path": {"catalog.yml": "cars: {type: pandas.CSVDataset, filepath: ~}\n"},
    "mapping-as-path": {"catalog.yml": "cars: {type: pandas.CSVDataset, filepath: {a: 1}}\n"},
    "number-as-engine": {"catalog.yml": "cars: {transcode: [5], format: csv, filepath: x}\n"},
    "mapping-as-engines": {"catalog.yml": "cars: {transcode: {pandas: 1}, format: csv, filepath: x}\n"},
    "number-as-format": {"catalog.yml": "cars: {transcode: [pandas], format: 5, filepath: x}\n"},
    "number-as-pattern": {"catalog.yml": '"{a}": {type: pandas.CSVDataset, filepath: 1}\n'},
    "open-pattern": {"catalog.yml": '"{a": {type: pandas.CSVDataset, filepath: x}\n'},
    "numbered-parameters": {"parameters.yml": "1: {2: 3}\nrate: 1\n"},
    "list-of-parameters": {"parameters.yml": "[1, 2]\n"},
    "number-as-credentials": {"credentials.yml": "1: {2: 3}\n"},
    "credentials-by-number": {
        "catalog.yml": "cars: {type: pandas.CSVDataset, filepath: s3://b/x, credentials: 5}\n"
    },
    "numbered-globals": {"globals.yml": "1: 2\n~: 3\n"},
    "sign-as-memory": {"argo.yml": f"{ARGO}machine_types: {{a: {{mem: '#', cpu: 1}}}}\n"},
    "words-as-memory": {"argo.yml": f"{ARGO}template: {{mem: 'a lot'}}\n"},
    "number-as-image": {"argo.yml": "deployment: {image: 5}\n"},
    "list-as-argo": {"argo.yml": "[1]\n"},
    "number-as-argo-key": {"argo.yml": f"{ARGO}5: 6\n"},
    "null-as-argo-key": {"argo.yml": f"{ARGO}~: 6\n"},
    "null-in-environment": {"argo.yml": f"{ARGO}template: {{environment: [~, 5]}}\n"},
    "number-in-pod": {"argo.yml": f"{ARGO}pod: {{5: 6}}\n"},
    "number-in-workflow": {"argo.yml": f"{ARGO}workflow: {{5: {{~: 6}}}}\n"},
    "number-as-label": {"argo.yml": f"{ARGO}template: {{labels: {{5: 6, ~: 1}}}}\n"},
    "not-text": {"catalog.yml": "cars: \xff\n"},
}
PARAMS = ["a", "a=1,b", "=1", "a:1", "a.b", "a=1,a.b=2", "a=[", "a={", "a=\x01", ".=1", "a..b=1", "a[0]=1"]
TAKES_PARAMS = [
    "matrix config show --env base --params",
    "matrix config explain parameters rate --env base --params",
    "argo submit --env base --dry-run --without-imports --params",
    "argo rehearse --env base --params",
]


def make_shop(path: Path) -> KedroProject:
    """Make a project that checks cleanly."""
    project = KedroProject.create(path, package="shop")
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", PIPELINES)
    project.write("conf/base/parameters.yml", "rate: 1\n")
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/argo.yml", ARGO)
    return project


def run_commands(project: KedroProject, commands: list[list[str]]) -> list[dict[str, Any]]:
    """Run commands in one process."""
    result = subprocess.run(
        [sys.executable, "-B", str(AUDITED), "report.json"],
        cwd=project.path,
        input=json.dumps(commands),
        env={**os.environ, "DO_NOT_TRACK": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    commands_run: list[dict[str, Any]] = json.loads(project.read("report.json"))["commands"]
    return commands_run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Run each command in each faulty environment, and each odd ``--params``."""
    project = make_shop(tmp_path_factory.mktemp("clear") / "shop")
    for env, files in FAULTS.items():
        for name, text in files.items():
            (file := project.path / "conf" / env / name).parent.mkdir(exist_ok=True)
            file.write_bytes(text.encode("latin-1"))
    commands = [command.format(env=env).split() for env in FAULTS for command in COMMANDS]
    commands += [[*command.split(), text] for command in TAKES_PARAMS for text in PARAMS]
    return {
        json.dumps(command): result
        for command, result in zip(commands, run_commands(project, commands), strict=True)
    }


@pytest.mark.parametrize("env", FAULTS)
def test_a_fault_in_a_file_is_no_traceback(results: dict[str, dict[str, Any]], env: str) -> None:
    """Every command ends by itself, with findings, one error, or what it was asked for."""
    for command in COMMANDS:
        result = results[json.dumps(command.format(env=env).split())]
        assert result["failed"] is None, (command, result["failed"], result["output"][-2000:])


@pytest.mark.parametrize("text", PARAMS)
def test_odd_parameters_are_no_traceback(results: dict[str, dict[str, Any]], text: str) -> None:
    """What ``--params`` cannot read is an error that quotes it."""
    for command in TAKES_PARAMS:
        result = results[json.dumps([*command.split(), text])]
        assert result["failed"] is None, (command, result["failed"], result["output"][-2000:])
        if "=" not in text or text.startswith("="):
            assert result["code"] == 2
            assert "`params` option" in result["output"]

"""`kedro argo check` on a copy of the example project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

# Several commands in one process: starting Kedro costs more than checking.
COMMANDS = """
import json
from pathlib import Path
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro_matrix_ext.cli.argo import commands

metadata = bootstrap_project(Path.cwd())
answers = []
for words in {words}:
    result = CliRunner().invoke(commands, ["argo", *words.split()], obj=metadata)
    answers.append((result.exit_code, result.stdout, result.stderr))
Path("answers.json").write_text(json.dumps(answers))
"""


def run(project: KedroProject, *words: str) -> list[tuple[int, str, str]]:
    """Run commands of `kedro argo` in the project: exit status, output and errors of each."""
    project.python(COMMANDS.format(words=words))
    answers: list[tuple[int, str, str]] = json.loads(project.read("answers.json"))
    return answers


def test_the_example_is_ready_for_the_cloud(copy_example: Callable[[str], KedroProject]) -> None:
    """With a tracking server named, cloud has no error; base is refused because of its local data."""
    project = copy_example("spaceflights")
    tracking = project.read("conf/base/tracking.yml")
    project.write("conf/base/tracking.yml", f"{tracking}tracking_uri: https://mlflow.example.com\n")
    (init, cloud, base, single, dry, wet) = run(
        project,
        "init",
        "check --format json",
        "check -e base --format json",
        "check -e base --group-by single",
        "submit --dry-run -e base -o workflow.yml",
        "submit -e base --allow-dirty",
    )
    assert init[0] == 0, init
    assert (cloud[0], json.loads(cloud[1])["ok"]) == (0, True)
    found = json.loads(base[1])
    assert (base[0], found["ok"]) == (1, False)
    errors = {each["code"] for each in found["findings"] if each["severity"] == "error"}
    assert "local-path-crosses-tasks" in errors
    assert single[0] == 0
    assert (dry[0], "error[local-path-crosses-tasks]" in dry[2]) == (0, True)
    assert "kind: Workflow" in project.read("workflow.yml")
    assert (wet[0], "nothing is submitted" in wet[2]) == (1, True)


def test_a_broken_example_is_caught(copy_example: Callable[[str], KedroProject]) -> None:
    """The command itself exits with 1 and names code, place and remedy."""
    project = copy_example("spaceflights")
    project.write(
        "conf/base/argo.yml", "deployment: {image: shop}\nmachine_types: {default: {mem: 64, cpu: 4}}\n"
    )
    project.write("conf/cloud/catalog.yml", '"{namespace}.model_input_table": {type: MemoryDataset}\n')
    result = project.kedro("argo", "check", check=False)
    assert result.returncode == 1, result.stderr
    assert "error[memory-dataset-crosses-tasks]: 'price_predictor.model_input_table'" in result.stdout
    assert "warning[request-at-node-size]" in result.stdout
    assert "(env cloud)" in result.stdout

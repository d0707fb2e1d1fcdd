"""`kedro argo plan` in whole projects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

ARGO = """
machine_types:
  default: {mem: 4, cpu: 1}
  gpu: {mem: 16, cpu: 4, num_gpu: 1}
default_machine_type: default
runner: {use_memory_datasets: true}
rules:
  - match: {node: "b*"}
    machine_type: gpu
"""

PIPELINE = """
from kedro.pipeline import Node, Pipeline
from kedro_matrix_ext.argo import FusedPipeline

def take(value):
    return value

def create_pipeline(**kwargs):
    return {body}
"""

REGISTRY = """
from kedro.framework.project import find_pipelines

def register_pipelines():
    pipelines = find_pipelines(raise_errors=True)
    pipelines["both"] = pipelines["first"] + pipelines["second"]
    pipelines["__default__"] = sum(pipelines.values())
    return pipelines
"""


@pytest.fixture
def shop(project: KedroProject) -> KedroProject:
    """A project of three pipelines, one fused, and one put together from two of them in the registry."""
    bodies = {
        "first": 'FusedPipeline([Node(take, "raw", "a", name="a"), Node(take, "a", "b", name="b")], "g")',
        "second": 'Pipeline([Node(take, "b", "c", name="c", tags="late")])',
        "third": 'Pipeline([Node(take, "c", "d", name="d", namespace="n")])',
    }
    project.write(f"src/{project.package}/pipelines/__init__.py", "")
    for name, body in bodies.items():
        project.write(f"src/{project.package}/pipelines/{name}/__init__.py", PIPELINE.format(body=body))
    project.write(f"src/{project.package}/pipeline_registry.py", REGISTRY)
    project.write("conf/base/argo.yml", ARGO)
    project.write("conf/cloud/catalog.yml", "b: {type: MemoryDataset, metadata: {layer: primary}}")
    return project


def plan_json(project: KedroProject, *arguments: str) -> dict[str, Any]:
    """Run `kedro argo plan` and read the JSON it writes into a file."""
    project.kedro("argo", "plan", "--format", "json", "-o", "plan.json", *arguments)
    plan: dict[str, Any] = json.loads(project.read("plan.json"))
    return plan


def test_the_plan_of_a_project(shop: KedroProject) -> None:
    """Fused groups, rules, metadata, memory, and pipelines that load by themselves are all in the JSON."""
    plan = plan_json(shop)
    assert (plan["pipeline"], plan["env"], plan["group_by"]) == ("__default__", "cloud", "node")
    tasks = {task["name"]: task for task in plan["tasks"]}
    assert {name: task["nodes"] for name, task in tasks.items()} == {
        "g": ["a", "b"],
        "c": ["c"],
        "n-d": ["n.d"],
    }
    assert tasks["g"]["resources"]["num_gpus"] == 1
    assert tasks["g"]["memory_datasets"] == ["a"]
    assert plan["datasets"]["b"]["metadata"] == {"layer": "primary"}
    selective = {"g": ["first", "second"], "c": ["first", "second"], "n-d": ["first", "second", "third"]}
    everything = {
        "g": ["first"],
        "c": ["second"],
        "n-d": ["third"],
    }  # before Kedro 1.5, all pipelines are loaded
    assert {name: task["pipelines"] for name, task in tasks.items()} in (selective, everything)


def test_kedros_selections_and_formats(shop: KedroProject) -> None:
    """Selections choose nodes as for `kedro run`, and nothing but the plan follows Kedro's own log lines."""
    table = shop.kedro("argo", "plan", "-p", "both", "--from-nodes", "b", "--group-by", "single").stdout
    assert "both in cloud, grouped by single: 1 task of 2 nodes" in table
    mermaid = shop.kedro("argo", "plan", "--tags", "late", "-e", "base", "--format", "mermaid").stdout
    assert mermaid.endswith('flowchart LR\n    t0["c"]\n')


MISTAKES = {
    "-p bot": ["there is no pipeline 'bot'", "Did you mean 'both'?"],
    "--nodes zzz": ["nothing to plan of pipeline '__default__'", "zzz"],
    "--group-by namespac": ["Did you mean 'namespace'?"],
    "--load-versions a": ["'a' is not of the form dataset:version"],
    "-e clod": ["there is no configuration environment 'clod'", "Did you mean 'cloud'?"],
}


def test_mistakes_are_one_message(shop: KedroProject) -> None:
    """A mistyped name is an error of a few lines and a failing exit status, no traceback."""
    code = f"""
import json
from pathlib import Path
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro_matrix_ext.cli.argo import commands

metadata = bootstrap_project(Path.cwd())
run = CliRunner().invoke
results = [run(commands, ["argo", "plan", *words.split()], obj=metadata) for words in {list(MISTAKES)}]
answers = [(result.exit_code, str(result.exception), result.output) for result in results]
Path("answers.json").write_text(json.dumps(answers))
"""
    shop.python(code)
    answers = json.loads(shop.read("answers.json"))
    for (status, exception, output), messages in zip(answers, MISTAKES.values(), strict=True):
        assert status == (2 if "dataset:version" in messages[0] else 1)
        assert exception == str(status)  # click's own exit, nothing else got through
        assert all(message in output for message in messages), output


def test_a_project_without_argo_yml_is_told_what_to_run(make_project: Callable[..., KedroProject]) -> None:
    """Without argo.yml, `kedro argo plan` says what writes one."""
    project = make_project()
    project.write("conf/cloud/.gitkeep", "")
    result = project.kedro("argo", "plan", check=False)
    assert result.returncode == 1
    assert "kedro argo init" in result.stderr
    assert "kedro_matrix_ext" not in result.stderr

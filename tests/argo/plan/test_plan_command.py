"""`kedro argo plan` in whole projects."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from kedro_matrix_ext.argo.manifest import decode_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

ARGO = """
deployment: {image: registry.example/shop}
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

STORED = """
_stored: &stored {type: pickle.PickleDataset, versioned: true}
raw: {<<: *stored, filepath: s3://bucket/raw.pkl}
b: {<<: *stored, filepath: s3://bucket/b.pkl}
c: {<<: *stored, filepath: s3://bucket/c.pkl}
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
    """A project of three pipelines: one fused, and one that the registry builds from two others."""
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
    project.write("conf/base/catalog.yml", STORED)
    return project


class Answer(NamedTuple):
    """The result of a command."""

    status: int
    exception: str
    output: str
    errors: str


def run_commands(project: KedroProject, words: list[str]) -> list[Answer]:
    """Run several commands of `kedro argo` in one process: starting Kedro takes longer than they do."""
    code = f"""
import json
from pathlib import Path
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro_matrix_ext.cli.argo import commands

metadata = bootstrap_project(Path.cwd())
results = [CliRunner().invoke(commands, ["argo", *words.split()], obj=metadata) for words in {words}]
answers = [(result.exit_code, str(result.exception), result.stdout, result.stderr) for result in results]
Path("answers.json").write_text(json.dumps(answers))
"""
    project.python(code)
    return [Answer(*answer) for answer in json.loads(project.read("answers.json"))]


def plan_json(project: KedroProject, *arguments: str) -> dict[str, Any]:
    """Run `kedro argo plan` and read the JSON it writes into a file."""
    project.kedro("argo", "plan", "--format", "json", "-o", "plan.json", *arguments)
    plan: dict[str, Any] = json.loads(project.read("plan.json"))
    return plan


def test_the_plan_of_a_project(shop: KedroProject) -> None:
    """Fused groups, rules, metadata, memory, and pipelines that load on their own are in the JSON."""
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
    """Selections choose nodes as for `kedro run`, and only the plan follows Kedro's log lines."""
    table = shop.kedro("argo", "plan", "-p", "both", "--from-nodes", "b", "--group-by", "single").stdout
    assert "both in cloud, grouped by single: 1 task of 2 nodes" in table
    mermaid = shop.kedro("argo", "plan", "--tags", "late", "-e", "base", "--format", "mermaid").stdout
    assert mermaid.endswith('flowchart LR\n    t0["c"]\n')


# Each of Kedro's selections, and the nodes that `kedro run` would run with it.
SELECTIONS = {
    "--namespaces n": ["n.d"],
    "--tags late": ["c"],
    "--nodes a,n.d": ["a", "n.d"],
    "--from-nodes c": ["c", "n.d"],
    "--to-nodes b": ["a", "b"],
    "--from-inputs b": ["c", "n.d"],
    "--to-outputs a": ["a"],
    "--pipeline third": ["n.d"],
    "--load-versions raw:2030-01-01T00.00.00.000Z": ["a", "b", "c", "n.d"],
}


def test_kedros_selections_serve_plan_check_and_submit_alike(shop: KedroProject) -> None:
    """The nodes of the plan are those of the manifest, and only those are checked."""
    words = [
        f"{command} -e base {selected}"
        for selected in SELECTIONS
        for command in (
            "plan --group-by memory --format json",
            "check --format json",
            "submit --dry-run",
        )
    ]
    answers = run_commands(shop, words)
    assert [answer for answer in answers if answer.status > 1] == []
    for position, (selected, nodes) in enumerate(SELECTIONS.items()):
        plan, check, submit = answers[3 * position : 3 * position + 3]
        assert sorted(node for task in json.loads(plan.output)["tasks"] for node in task["nodes"]) == nodes
        assert {found["node"] for found in json.loads(check.output)["findings"]} <= {*nodes, None}
        tasks = yaml.safe_load(submit.output)["spec"]["templates"][0]["dag"]["tasks"]
        assert sorted(node for task in tasks for node in list_nodes(task)) == nodes
        assert ("raw:2030-01-01T00.00.00.000Z" in submit.output) == ("--load-versions" in selected)


def test_a_dry_run_writes_the_same_bytes_each_time(shop: KedroProject) -> None:
    """The random suffix is one for a process; a WorkflowTemplate, which lives on under its name, has none."""
    workflow, again, template, same = run_commands(
        shop,
        [
            *["submit --dry-run -e base"] * 2,
            *["submit --dry-run -e base --kind WorkflowTemplate -w nightly"] * 2,
        ],
    )
    assert (workflow.status, template.status) == (0, 0)
    assert (workflow.output, template.output) == (again.output, same.output)
    assert re.fullmatch(r"default-\w{6}", yaml.safe_load(workflow.output)["metadata"]["name"])
    assert yaml.safe_load(template.output)["metadata"]["name"] == "nightly"


def list_nodes(task: dict[str, Any]) -> list[str]:
    """List the nodes that a task of a manifest runs."""
    (nodes,) = (each["value"] for each in task["arguments"]["parameters"] if each["name"] == "nodes")
    return list(decode_names(nodes))


MISTAKES = {
    "-p bot": ["there is no pipeline 'bot'", "Did you mean 'both'?"],
    "--nodes zzz": ["pipeline '__default__' has no node 'zzz'"],
    "--group-by namespac": ["Did you mean 'namespace'?"],
    "--load-versions rav:1": ["--load-versions names 'rav'", "Did you mean 'raw'?"],
    "--load-versions a:": ["'a:' is not of the form dataset:version"],
    "--load-versions a": ["'a' is not of the form dataset:version"],
    "-e clod": ["there is no environment 'clod'", "Did you mean 'cloud'?"],
}


def test_mistakes_are_one_message(shop: KedroProject) -> None:
    """A mistyped name is an error of a few lines and a failing exit status, no traceback."""
    answers = run_commands(shop, [f"plan {words}" for words in MISTAKES])
    for (status, exception, output, errors), messages in zip(answers, MISTAKES.values(), strict=True):
        assert status == (2 if "dataset:version" in messages[0] else 1)
        assert exception == str(status)  # click's own exit, nothing else got through
        assert all(message in output + errors for message in messages), errors


def test_a_project_without_argo_yml_names_the_command(
    make_project: Callable[..., KedroProject],
) -> None:
    """Without argo.yml, `kedro argo plan` names the command that writes one."""
    project = make_project()
    project.write("conf/cloud/.gitkeep", "")
    result = project.kedro("argo", "plan", check=False)
    assert result.returncode == 1
    assert "kedro argo init" in result.stderr
    assert "kedro_matrix_ext" not in result.stderr

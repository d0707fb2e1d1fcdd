"""`kedro argo rehearse` where things go wrong: a node, a kill, a dead server, Ctrl-C, bad options."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.argo.rehearsal.conftest import leaf, workflow
from tests.object_storage import serve_object_storage
from tests.waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

REGISTRY = """
import os
import signal
from pathlib import Path

from kedro.pipeline import Node, Pipeline


def count():
    return 3


def double(cars):
    if not Path("mended").exists():
        raise ValueError("the road is wet")
    return 2 * cars


def sink(wheels):
    if not Path("dry").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return wheels


def train(boats):
    return boats + 1


def register_pipelines():
    nodes = [
        Node(count, None, "cars", name="count"),
        Node(double, "cars", "wheels", name="double"),
        Node(sink, "wheels", "boats", name="sink"),
        Node(train, "boats", "model", name="train"),
    ]
    return {"__default__": Pipeline(nodes)}
"""
CATALOG = """
"{dataset}":
  type: pickle.PickleDataset
  filepath: s3://shed/{dataset}.pkl
"""
REHEARSE = ("argo", "rehearse", "--env", "base", "--yes", "--jobs", "1")


def _configure(project: KedroProject, variables: dict[str, str]) -> None:
    environment: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in variables.items()]
    argo = {
        "deployment": {"image": "registry.example.com/shop"},
        "retries": {"limit": 1, "expression": "lastRetry.exitCode == '75'"},
        "template": {"environment": environment},
        "parallelism": 3,
        "hardening": True,
    }
    project.write("conf/base/argo.yml", yaml.safe_dump(argo))


def test_failures_are_reported_and_the_rest_is_resumed(project: KedroProject) -> None:
    """A node that raises, one that is killed, a dead S3 server: `--resume` finishes after each fix."""
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/catalog.yml", CATALOG)
    with serve_object_storage() as storage:
        storage.create_bucket("shed")
        _configure(project, {**storage.variables, "AWS_MAX_ATTEMPTS": "1"})
        port = int(storage.url.rpartition(":")[2])

        failed = project.kedro(*REHEARSE, check=False)
        assert failed.returncode == 1
        assert ": 4 tasks, at most 1 at a time (3 on the cluster)" in failed.stderr
        assert "not as on the cluster: tasks run as your user, not as user 1000" in failed.stderr
        assert "the tasks write to:\n  s3://shed/ (4 datasets)" in failed.stderr
        assert "'double' failed: exit 1\n  its output: " in failed.stdout
        assert "| ValueError: the road is wet" in failed.stdout
        assert "1 failed, 2 omitted" in failed.stdout

        (project.path / "mended").touch()
        killed = project.kedro(*REHEARSE, "--resume", check=False)
        assert killed.returncode == 1
        assert "'sink' failed: exit 137, killed by SIGKILL" in killed.stdout
        assert "count   succeeded before" in killed.stdout

    (project.path / "dry").touch()
    dead = project.kedro(*REHEARSE, "--resume", check=False)
    assert dead.returncode == 1
    assert "'sink' failed: exit 75" in dead.stdout
    assert "failed (2 attempts)" in dead.stdout
    assert "Traceback" not in dead.stderr

    with serve_object_storage(port) as storage:
        (manifest,) = project.path.glob(".kedro_matrix/rehearsals/*/workflow.yml")
        done = project.kedro("argo", "rehearse", "--manifest", str(manifest), "--resume", "--yes")
        assert "  s3://shed/ (4 datasets)" in done.stderr
        assert "4 succeeded, 2 of them before" in done.stdout
        keys = storage.client().list_objects_v2(Bucket="shed")["Contents"]
        assert {each["Key"] for each in keys} == {"cars.pkl", "wheels.pkl", "boats.pkl", "model.pkl"}


SLOW = "trap 'echo ended >> ends; exit 0' TERM; echo $$$$ >> starts; while :; do sleep 0.1; done"


def test_ctrl_c_stops_a_manifest_from_a_file(project: KedroProject) -> None:
    """All tasks are asked to end and do; the status is that of the signal; what was left is reported."""
    graph = {"a": "", "b": "", "c": "a"}
    project.write("slow.yml", yaml.safe_dump(workflow([leaf(name, SLOW) for name in graph], graph)))
    command = [sys.executable, "-m", "kedro", "argo", "rehearse", "-m", "slow.yml", "-j", "2"]
    with subprocess.Popen(
        [*command, "--yes"], cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        starts = project.path / "starts"
        wait_until(lambda: starts.exists() and len(starts.read_text().split()) == 2, process=running)
        running.send_signal(signal.SIGINT)
        output, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130, errors
    assert (project.path / "ends").read_text() == "ended\n" * 2
    assert "c     omitted" in output
    assert "'--resume' runs what is left" in output
    for pid in starts.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


SETTINGS = """
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
"""
ASK = """
from pathlib import Path
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro_matrix_ext.cli.argo import commands

metadata = bootstrap_project(Path.cwd())
for words in {words}:
    result = CliRunner().invoke(commands, ["argo", "rehearse", *words.split()], obj=metadata)
    print(result.exit_code, result.stderr.strip().splitlines()[-1])
"""


def test_what_cannot_be_done_is_told_in_one_line(project: KedroProject) -> None:
    """Options that exclude each other, no manifest, nothing to resume, variables that tasks lack."""
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/catalog.yml", CATALOG.replace("shed", "${oc.env:SHED}"))
    project.write("odd.yml", "a: [")
    project.write("src/shop/settings.py", SETTINGS)
    _configure(project, {"KEY": "x"})
    words = ["-m odd.yml -n count", "-m odd.yml", "-e base --resume", "-e base", "-e base --pass-env SHED"]
    told = project.python(ASK.format(words=words), env={"SHED": "s3"}).stdout
    assert told.splitlines()[-len(words) :] == [
        "2 Error: --manifest says what runs: --nodes does not go with it",
        "1   at odd.yml",
        "1   What succeeded may have come out otherwise now. Rehearse without '--resume'.",
        "1   Add what is missing to 'template.environment' in argo.yml, or pass it with '--pass-env'.",
        "1   Give '--yes' not to be asked.",
    ]

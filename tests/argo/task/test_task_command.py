"""`kedro argo task`, as pods run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from kedro.io import memory_dataset
from tests.waiting import PATIENCE, wait_until

from kedro_matrix_ext.argo.manifest import encode_names, encode_parameters
from kedro_matrix_ext.argo.task.memory_entries import copying_without_imports

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

RUN = "2030-01-31T12.00.00.000Z"
VARIABLES = {"KEDRO_MATRIX_RUN_ID": RUN, "WORKFLOW_ID": RUN}

pytestmark = pytest.mark.project


def test_task_runs_its_nodes_with_the_workflows_parameters_and_run_id(task_project: KedroProject) -> None:
    """Nodes run, data stays in memory, parameters win over files, the version is the run's id."""
    params = encode_parameters({"deep": {"b": ["{{x}}"], "c": "$(HOME)\n"}})
    ran = task_project.kedro(
        *["argo", "task", "--pipelines", "data", "--env", "base"],
        *["--nodes", encode_names(["load", "note", "report"]), "--memory-datasets", "cars,noted"],
        *["--params", "deep.a=9"],
        env={**VARIABLES, "KEDRO_MATRIX_PARAMS": params},
    )
    report = json.loads(task_project.read(f"data/report.json/{RUN}/report.json"))
    assert report["deep"] == {"a": 9, "b": ["{{x}}"], "c": "$(HOME)\n"}
    assert "Saving data to noted (MemoryDataset)" in ran.stdout
    assert sorted(path.name for path in (task_project.path / "data").iterdir()) == ["report.json"]


def test_a_task_imports_no_library_to_copy_parameters(project: KedroProject) -> None:
    """Kedro would import pandas for each parameter; a node that uses none does not pay for it."""
    project.write(
        "src/shop/pipeline_registry.py",
        """
        import sys

        from kedro.pipeline import Node, Pipeline


        def give(rate, rates):
            return {"imported": sorted({"numpy", "pandas", "ibis"} & set(sys.modules)), "rate": rate, **rates}


        def register_pipelines():
            nodes = [
                Node(lambda rate: {"a": rate}, "params:rate", "rates", name="first"),
                Node(give, ["params:rate", "rates"], "given", name="give"),
            ]
            return {"__default__": Pipeline(nodes)}
        """,
    )
    project.write("conf/base/parameters.yml", "rate: {a: [1, 2]}\n")
    project.write("conf/base/catalog.yml", "given: {type: json.JSONDataset, filepath: given.json}\n")
    project.kedro("argo", "task", "--nodes", "first,give", "--env", "base", env=VARIABLES)
    assert json.loads(project.read("given.json")) == {
        "imported": [],
        "rate": {"a": [1, 2]},
        "a": {"a": [1, 2]},
    }


def test_data_is_copied_as_kedro_copies_it() -> None:
    """Tables of pandas, NumPy and polars, plain data, and an object of the user's."""
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    frame = type("DataFrame", (), {})()  # as Spark's, known by its name
    everything = [{"a": [1]}, "a", numpy.ones(2), pandas.DataFrame({"a": [1]}), polars.DataFrame(), frame]
    kedros = memory_dataset._infer_copy_mode
    expected = [kedros(data) for data in everything]
    assert set(expected) == {"assign", "copy", "deepcopy"}
    with copying_without_imports():
        assert memory_dataset._infer_copy_mode is not kedros
        assert [memory_dataset._infer_copy_mode(data) for data in everything] == expected
    assert memory_dataset._infer_copy_mode is kedros


def test_memory_reaches_the_processes_of_a_parallel_runner(task_project: KedroProject) -> None:
    """What one process keeps in memory another one loads, under as many workers as the pod has cores."""
    ran = task_project.kedro(
        *["argo", "task", "--pipelines", "data", "--nodes", "load,note", "--memory-datasets", "cars"],
        *["--runner", "ParallelRunner", "--env", "base"],
        env={**VARIABLES, "NUM_CPU": "1"},
    )
    assert json.loads(task_project.read("data/not.json"))[:2] == [1, 2]
    assert "Completed 2 out of 2 tasks" in ran.stdout
    assert not (task_project.path / "data/cars.json").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--nodes", "fail"], 1, "KeyError: 'boom'"),
        (["--nodes", "lose"], 75, "the exit status is 75: ConnectionResetError"),
        (["--nodes", "lose", "--runner", "ParallelRunner"], 75, "the exit status is 75"),
        (["--node", "fail", "--bogus"], 2, "No such option"),
        (["--load-versions", "cars"], 2, "'cars' is not of the form dataset:version"),
        (["--memory-datasets", "table"], 1, "'table' is transcoded as 'table@pandas'"),
        (["--runner", "ParalelRunner"], 1, "Did you mean 'ParallelRunner'"),
    ],
)
def test_exit_status_says_what_happened(
    task_project: KedroProject, arguments: list[str], status: int, message: str
) -> None:
    """1 for a failure, 75 where a new attempt may help, 2 for wrong options."""
    arguments = ["argo", "task", "--pipelines", "failing", "--env", "base", *arguments]
    ran = task_project.kedro(*arguments, env=VARIABLES, check=False)
    assert ran.returncode == status, ran.stderr
    assert message in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--nodes", "fial"], "pipeline 'failing' has no node 'fial' Did you mean 'fail'?"),
        (["--nodes", "fail,load"], "pipeline 'failing' has no node 'load'"),
        (
            ["--pipelines", "data,failing", "--nodes", "noted"],
            "'data', 'failing' have no node 'noted' Did you mean 'note'?",
        ),
        (["--pipelines", "dta"], "there is no pipeline 'dta' Did you mean 'data'?"),
        (["--pipelines", "zzz"], "Registered are: '__default__', 'data', 'failing'."),
        (["--env", "bsae"], "there is no environment 'bsae' Did you mean 'base'?"),
    ],
)
def test_mistyped_names_are_one_clear_error(
    task_project: KedroProject, arguments: list[str], message: str
) -> None:
    """A node, pipeline or environment that does not exist is named, with the likely one; nothing runs."""
    arguments = ["argo", "task", "--pipelines", "failing", "--env", "base", *arguments]
    ran = task_project.kedro(*arguments, env=VARIABLES, check=False)
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False), ran.stderr
    assert message in " ".join(ran.stderr.split())
    assert "Running node" not in ran.stdout


def test_run_id_in_another_format_is_refused(task_project: KedroProject) -> None:
    """A name for a run id would be the last version for ever."""
    ran = task_project.kedro("argo", "task", env={"KEDRO_MATRIX_RUN_ID": "nightly"}, check=False)
    assert ran.returncode == 1
    assert "the run's id 'nightly' is not in the format of Kedro's versions" in ran.stderr


def _await_end_of_group(group: int) -> None:
    """Wait until no process is left: what served the workers ends on its own after the task."""
    wait_until(lambda: not _has_processes(group), what="the end of the task's processes")


def _has_processes(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("runner", ["SequentialRunner", "ParallelRunner"])
def test_sigterm_ends_the_task_and_its_workers(task_project: KedroProject, runner: str) -> None:
    """The process cleans up and exits with 143; no worker is left."""
    (task_project.path / "ready").unlink(missing_ok=True)
    command = [
        "argo",
        "task",
        "--pipelines",
        "failing",
        "--nodes",
        "wait",
        "--runner",
        runner,
        "--env",
        "base",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro", *command],
        cwd=task_project.path,
        env={**os.environ, **VARIABLES},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    wait_until((task_project.path / "ready").exists, process=process, what="the node began")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert "SIGTERM: the task ends here" in errors
    _await_end_of_group(process.pid)
    if runner == "SequentialRunner":
        assert (task_project.path / f"cleaned-{process.pid}").exists()

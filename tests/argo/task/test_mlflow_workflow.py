"""One MLflow run for a workflow: made once, joined by tasks, closed as the workflow ended. A real store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from kedro.framework.context import KedroContext
from kedro.framework.hooks.manager import _create_hook_manager
from tests.waiting import PATIENCE, wait_until

from kedro_matrix_ext import LayeredConfigLoader
from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks.mlflow.workflow_run import end_workflow_run, start_workflow_run

mlflow = pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")  # MLflow's own

RUN = "2030-01-31T12.00.00.000Z"
SETTINGS = """
from kedro_matrix_ext import config_loader_args, determine_hooks_to_execute

CONFIG_LOADER_ARGS = config_loader_args()
HOOKS = determine_hooks_to_execute({"mlflow": "kedro_matrix_ext.hooks.MLflowHooks"})
"""
UNTOLD = "{{workflow.outputs.parameters.mlflow_run_id}}"


def _runs(project: Path) -> list[Any]:
    client = mlflow.MlflowClient(f"sqlite:///{project}/mlruns.db")
    experiment = client.get_experiment_by_name("shop")
    return list(client.search_runs([experiment.experiment_id])) if experiment else []


@pytest.mark.project
def test_tasks_of_a_workflow_share_a_run_that_ends_as_the_workflow(task_project: KedroProject) -> None:
    """Started once, joined by a task that succeeds and by one that is killed, closed by the exit handler."""
    project = task_project
    project.write("src/shop/settings.py", SETTINGS)
    variables = {"KEDRO_MATRIX_RUN_ID": RUN, "WORKFLOW_ID": RUN}
    project.kedro(
        *["argo", "mlflow-run", "start", "--output", "out/id", "--env", "base", "--pipeline", "nightly"],
        env=variables,
    )
    variables["MLFLOW_RUN_ID"] = project.read("out/id")
    task = ["argo", "task", "--env", "base", "--pipelines", "data,failing"]
    project.kedro(*[*task, "--nodes", "load,note,report", "--memory-datasets", "cars,noted"], env=variables)
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro", *task, "--nodes", "wait"],
        cwd=project.path,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until((project.path / "ready").exists, process=process, what="the node began")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 143

    (running,) = _runs(project.path)
    assert (running.info.run_id, running.info.status) == (variables["MLFLOW_RUN_ID"], "RUNNING")
    assert running.data.params == {"deep.a": "1", "deep.b": "2"}
    assert running.data.tags["kedro_pipeline"] == "nightly"
    assert running.data.tags["kedro_run_id"] == RUN

    project.kedro("argo", "mlflow-run", "end", "--status", "Failed", "--env", "base", env=variables)
    (ended,) = _runs(project.path)
    assert ended.info.status == "FAILED"


@pytest.fixture
def context(tmp_path: Path) -> KedroContext:
    """A project whose store is at its default place."""
    for environment in ("base", "local"):
        (tmp_path / "conf" / environment).mkdir(parents=True)
    return KedroContext(
        project_path=tmp_path,
        config_loader=LayeredConfigLoader(str(tmp_path / "conf"), base_env="base", default_run_env="local"),
        env=None,
        package_name="shop",
        hook_manager=_create_hook_manager(),
    )


@pytest.fixture(autouse=True)
def _named_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kedro.framework.project.PACKAGE_NAME", "shop")


@pytest.mark.long
def test_a_start_that_is_tried_again_finds_its_run(
    context: KedroContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is made once for a run id; resubmitted, it runs again; the exit handler finds it."""
    assert end_workflow_run(context, run_id=RUN, status="Failed") is None  # never made, nothing to close
    first = start_workflow_run(context, run_id=RUN, pipeline=None)
    assert start_workflow_run(context, run_id=RUN, pipeline=None) == first
    other = start_workflow_run(context, run_id=RUN.replace("2030", "2031"), pipeline=None)

    monkeypatch.setenv("MLFLOW_RUN_ID", UNTOLD)
    assert end_workflow_run(context, run_id=RUN, status="Error") == first
    statuses = {run.info.run_id: run.info.status for run in _runs(tmp_path)}
    assert statuses == {first: "KILLED", other: "RUNNING"}

    start_workflow_run(context, run_id=RUN, pipeline=None)
    end_workflow_run(context, run_id=RUN, status="Succeeded")
    assert {run.info.run_id: run.info.status for run in _runs(tmp_path)}[str(first)] == "FINISHED"


def test_a_store_that_does_not_answer_stops_the_workflow_only_where_it_is_required(
    context: KedroContext, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By default an error; with `required: false` a warning, and no run."""
    file = tmp_path / "conf/base/tracking.yml"
    file.write_text("tracking_uri: http://127.0.0.1:9\ntimeout: 1\n")
    with pytest.raises(HookError, match="does not answer"):
        start_workflow_run(context, run_id=RUN, pipeline=None)
    with pytest.raises(HookError, match="does not answer"):
        end_workflow_run(context, run_id=RUN, status="Failed")
    file.write_text("tracking_uri: http://127.0.0.1:9\ntimeout: 1\nrequired: false\n")
    assert start_workflow_run(context, run_id=RUN, pipeline=None) is None
    assert end_workflow_run(context, run_id=RUN, status="Failed") is None
    assert "The workflow goes on without MLflow" in caplog.text

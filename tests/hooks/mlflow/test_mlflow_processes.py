"""Several processes in one run of a real MLflow store."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest
from tests.hooks.mlflow.mlflow_stores import client_of, list_runs, make_run
from tests.waiting import PATIENCE

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks import read_node_timings
from kedro_matrix_ext.hooks.mlflow import sqlite_file
from kedro_matrix_ext.hooks.mlflow.client import connect
from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")  # MLflow's own

WORKER = """
import multiprocessing, sys
from kedro.io import DataCatalog
from kedro.pipeline import node
from kedro_matrix_ext.hooks import MLflowHooks
from kedro_matrix_ext.hooks.worker_state import attach_state
from kedro_matrix_ext.hooks.mlflow.hooks import _TrackedRun

def train():
    assert "mlflow" not in sys.modules
    import mlflow
    mlflow.log_metric("logged", 1)
    with mlflow.start_run(nested=True, run_name="child"):
        pass
    assert type(mlflow.__spec__.loader).__module__.startswith("_frozen_importlib")
    return 2

def work():
    catalog = DataCatalog()
    tracked = _TrackedRun({run_id!r}, {uri!r}, "1", (), ("a",), required=True, timeout=5.0)
    attach_state(catalog, "MLflowHooks", tracked)
    hooks, task = MLflowHooks(), node(train, None, "out", name="a")
    hooks.before_node_run(catalog, "r")
    hooks.after_node_run(task, catalog, task.run({{}}), "r")

if __name__ == "__main__":
    worker = multiprocessing.get_context("spawn").Process(target=work)
    worker.start()
    worker.join()
    sys.exit(worker.exitcode)
"""


@pytest.mark.project
@pytest.mark.usefixtures("store")
def test_a_worker_that_meets_mlflow_in_a_node_leaves_the_run_as_it_is(
    project: KedroProject, tmp_path: Path
) -> None:
    """MLflow, imported by a node, finds the run; it is a parent, and is not ended with the worker."""
    run_id = make_run(tmp_path)
    project.write("worker.py", WORKER.format(run_id=run_id, uri=f"sqlite:///{tmp_path}/shop/mlruns.db"))
    project.python("import subprocess, sys; subprocess.run([sys.executable, 'worker.py'], check=True)")
    run = client_of(tmp_path).get_run(run_id)
    assert run.data.metrics == {"logged": 1.0, "out": 2.0}
    assert (run.info.status, run.info.end_time) == ("RUNNING", None)
    children = [run for run in list_runs(tmp_path, "workflow") if run.info.run_name == "child"]
    assert [child.data.tags["mlflow.parentRunId"] for child in children] == [run_id]


PROJECT = {
    "src/shop/settings.py": "from kedro_matrix_ext.hooks import MLFlowHooks\nHOOKS = (MLFlowHooks(),)\n",
    "src/shop/pipeline_registry.py": """
        from kedro.pipeline import Pipeline, node
        from shop.nodes import interrupt, log, measure

        def register_pipelines():
            inputs = ["params:index", "params:model"]
            tasks = [node(measure, inputs, f"metrics_{i}", name=f"measure_{i}") for i in range(4)]
            return {
                "__default__": Pipeline(tasks),
                "parallel": Pipeline([*tasks, node(log, None, "logged", name="log")]),
                "interrupt": Pipeline([node(interrupt, "params:index", "never", name="interrupt")]),
            }
    """,
    "src/shop/nodes.py": """
        import os

        def measure(index, model):
            return {"process": os.getpid()}

        def log():
            import mlflow
            mlflow.log_metric("logged_in", os.getpid())
            return 1

        def interrupt(index):
            raise KeyboardInterrupt
    """,
    "conf/base/catalog.yml": "{}\n",
    "conf/base/parameters.yml": "index: 0\nmodel:\n" + "".join(f"  p{i}: {i}\n" for i in range(200)),
    "conf/base/tracking.yml": "log: {metrics: {nodes: ['measure_*']}}\n",
}

SCRIPT = """
import os, sys
from pathlib import Path
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import ParallelRunner, SequentialRunner
import mlflow.store.tracking.sqlalchemy_store  # once, before the forks


bootstrap_project(Path.cwd())

def run(runner=None, **arguments):
    with KedroSession.create(project_path=Path.cwd()) as session:
        session.run(runner=runner or SequentialRunner(), **arguments)

def fork(task):
    if pid := os.fork():
        return pid
    try:
        task()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    except BaseException as error:
        print("failed", repr(error), flush=True)
        os._exit(1)
    sys.exit()

def wait(*pids):
    for pid in pids:
        assert os.waitpid(pid, 0)[1] == 0, pid

os.environ["MLFLOW_RUN_ID"] = "{run_id}"
wait(*[fork(lambda i=i: run(node_names=[f"measure_{{i}}"])) for i in range(4)])
wait(fork(lambda: run(pipeline_names=["interrupt"])))
del os.environ["MLFLOW_RUN_ID"]
wait(fork(lambda: run(ParallelRunner(max_workers=2), pipeline_names=["parallel"])))
wait(fork(lambda: run(pipeline_names=["interrupt"])))
"""


@pytest.mark.usefixtures("store")
@pytest.mark.project
def test_processes_that_share_a_run(project: KedroProject, tmp_path: Path) -> None:
    """Four tasks join one run; an interrupted one leaves it running, an interrupted owner ends it.

    The workers of a parallel runner log what nodes return, and what nodes log, to the runner's run.
    """
    for name, text in PROJECT.items():
        project.write(name, text)
    client = client_of(tmp_path)
    run_id = client.create_run(client.create_experiment("workflow")).info.run_id
    done = project.python(SCRIPT.format(run_id=run_id))

    run = client.get_run(run_id)
    assert (run.info.status, run.info.end_time) == ("RUNNING", None)
    assert len(run.data.params) == 201
    assert len(set(run.data.metrics.values())) == 4
    owned = {run.data.tags["kedro_pipeline"]: run for run in list_runs(tmp_path)}
    assert {name: run.info.status for name, run in owned.items()} == {
        "parallel": "FINISHED",
        "interrupt": "KILLED",
    }
    assert len(owned["parallel"].data.metrics) == 5
    assert "logged_in" in owned["parallel"].data.metrics
    assert done.stdout.count("interrupted") == 2


FIRST_USE = """
import os, time
from pathlib import Path
import mlflow.store.tracking.sqlalchemy_store  # once, before the forks
from kedro_matrix_ext.hooks.mlflow.logging import open_run
from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

def start(number):
    pid = os.fork()
    if not pid:
        place = Path.cwd() / "new"
        uri = f"sqlite:///{place}/mlruns.db"
        open_run(TrackingConfig(), uri, place, run_name=f"run{number}", experiment="shop")
        os._exit(0)
    return pid

assert [os.waitpid(pid, 0)[1] for pid in [start(number) for number in range(3)]] == [0, 0, 0]
assert os.listdir("new") == ["mlruns.db"]
"""


@pytest.mark.project
def test_processes_that_use_a_new_store_at_once_take_turns_to_make_it(project: KedroProject) -> None:
    """MLflow itself fails where two make a database's tables at the same time; no other file is left."""
    project.python(FIRST_USE)


def test_a_store_whose_tables_cannot_be_made_is_told_as_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where somebody else, `mlflow ui` for one, makes them at the same time."""
    import alembic.util
    import mlflow

    def fail(_uri: str) -> None:
        raise alembic.util.CommandError("expected to match one row")

    monkeypatch.setattr(mlflow, "MlflowClient", fail)
    with pytest.raises(HookError, match="cannot be opened: expected to match one row"):
        connect(TrackingConfig(), f"sqlite:///{tmp_path}/new.db")


@pytest.mark.skipif(os.name == "nt", reason="there are no such locks")
def test_nobody_waits_for_a_process_that_is_stopped_in_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns are bounded in time, and given back."""
    file = tmp_path / "mlruns.db"
    monkeypatch.setattr(sqlite_file, "_LONGEST", 0.2)
    started = time.monotonic()
    with sqlite_file.exclusive_lock(file), sqlite_file.exclusive_lock(file):
        assert time.monotonic() - started >= 0.2
    monkeypatch.setattr(sqlite_file, "_LONGEST", PATIENCE)
    started = time.monotonic()
    with sqlite_file.exclusive_lock(file):
        assert time.monotonic() - started < PATIENCE


def test_where_there_is_no_folder_to_lock_nobody_waits(tmp_path: Path) -> None:
    """What is wrong with it is reported by what opens the file."""
    (tmp_path / "file").write_text("")
    with sqlite_file.exclusive_lock(tmp_path / "file" / "mlruns.db"):
        pass


SLOW_IMPORT = 4.0  # seconds, much more than the node takes on a busy machine

TIMED = {
    "src/shop/settings.py": f"""
        import multiprocessing, os, sys, time
        from pathlib import Path
        from kedro_matrix_ext.hooks import MLflowHooks, NodeTimerHooks

        class SlowImport:
            def find_spec(self, name, path=None, target=None):
                if name == "mlflow":
                    Path(f"imported-{{os.getpid()}}").touch()
                    time.sleep({SLOW_IMPORT})

        if multiprocessing.parent_process():  # in a worker
            assert "mlflow" not in sys.modules
            sys.meta_path.insert(0, SlowImport())
        HOOKS = (NodeTimerHooks(), MLflowHooks())
    """,
    "src/shop/pipeline_registry.py": """
        from kedro.pipeline import Pipeline, node
        from shop.nodes import measure

        def register_pipelines():
            return {"__default__": Pipeline([node(measure, None, "score", name="measure")])}
    """,
    "src/shop/nodes.py": """
        import os

        def measure():
            return os.getpid()
    """,
    "conf/base/catalog.yml": "score: {type: json.JSONDataset, filepath: score.json}\n",
    "conf/base/tracking.yml": "log: {metrics: {nodes: ['measure']}}\n",
}

SPAWN = """
import multiprocessing
from pathlib import Path
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import ParallelRunner

multiprocessing.set_start_method("spawn")
bootstrap_project(Path.cwd())
with KedroSession.create(project_path=Path.cwd()) as session:
    session.run(runner=ParallelRunner(max_workers=1))
"""


@pytest.mark.usefixtures("store")
@pytest.mark.project
def test_importing_mlflow_in_a_spawned_worker_is_not_time_of_a_node(
    project: KedroProject, tmp_path: Path
) -> None:
    """The hook imports it to log what the node returned, before Kedro saves that."""
    for name, text in TIMED.items():
        project.write(name, text)
    project.python(SPAWN)
    worker = json.loads(project.read("score.json"))
    assert (project.path / f"imported-{worker}").exists()
    (run,) = list_runs(tmp_path)
    assert run.data.metrics == {"score": worker}
    (file,) = (project.path / ".kedro_matrix/node_timings").glob("*.jsonl")
    (timing,) = read_node_timings(file)
    assert (timing.process, timing.status) == (worker, "succeeded")
    assert timing.seconds is not None
    assert 0 < timing.seconds < SLOW_IMPORT

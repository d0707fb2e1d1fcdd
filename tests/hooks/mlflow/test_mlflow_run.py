"""Runs in a real MLflow store: what is logged, and who ends them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from kedro import __version__ as kedro_version
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner, ThreadRunner
from tests.hooks.mlflow.mlflow_stores import client_of, list_runs, make_run

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks import MLflowHooks

if TYPE_CHECKING:
    from pathlib import Path

mlflow = pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")  # MLflow's own

Run = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run outside of the project, so that a path relative to the wrong folder is seen."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


def _catalog(**parameters: Any) -> DataCatalog:
    return DataCatalog({f"params:{name}": MemoryDataset(value) for name, value in parameters.items()})


def _use(*inputs: str, output: object = 1) -> Pipeline:
    return Pipeline([node(lambda *_: output, [*inputs], "out", name="use")])


def _fail(_: object) -> None:
    raise ValueError("broken on purpose")


FAILING = Pipeline([node(_fail, "params:rate", "out", name="fail")])


def test_without_any_configuration_a_run_is_in_a_store_under_the_project(
    run_with_hooks: Run, tmp_path: Path
) -> None:
    """Store, experiment, name, parameters, tags and artifacts have their defaults, the run is finished."""
    for command in (
        ["init", "-q"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-mx"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path / "shop", check=True)  # noqa: S607
    catalog = _catalog(rate=0.5, model={"depth": 3, "kind": "tree"}, unused=1)
    pipeline = _use("params:rate", "params:model")
    run_with_hooks([MLflowHooks()], pipeline, catalog=catalog, pipeline_names=["prices"], env="test")

    (run,) = list_runs(tmp_path)
    assert (run.info.run_name, run.info.status) == ("2024-01-01T00.00.00.000Z", "FINISHED")
    assert run.data.params == {"rate": "0.5", "model.depth": "3", "model.kind": "tree"}
    assert run.info.artifact_uri.startswith((tmp_path / "shop/mlartifacts").as_uri())
    tags = run.data.tags
    assert (tags["kedro_version"], tags["kedro_env"], tags["kedro_pipeline"]) == (
        kedro_version,
        "test",
        "prices",
    )
    assert tags["git_sha"] == tags["mlflow.source.git.commit"]
    assert len(tags["git_sha"]) == 40
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.usefixtures("store")
def test_what_tracking_yml_names_is_logged(run_with_hooks: Run, tmp_path: Path) -> None:
    """Experiment, name, tags, chosen parameters, and numbers from datasets and nodes by name or pattern."""
    conf = {
        "base/tracking.yml": """
            experiment: prices
            run_name: nightly
            tags: {team: pricing, retries: 2}
            log:
              parameters: ["model", "ra*"]
              metrics: {datasets: ["*_metrics"], nodes: [count]}
        """,
        "local/tracking.yml": "tracking_uri: sqlite:///data/runs.db\nartifact_location: data/artifacts",
    }
    (tmp_path / "shop/data").mkdir()
    (tmp_path / "shop/mlruns.db").rename(tmp_path / "shop/data/runs.db")
    pipeline = Pipeline(
        [
            node(lambda *_: {"r2": 0.5, "test": {"rows": 9}}, ["params:rate", "params:model"], "a_metrics"),
            node(lambda: (4, "text"), None, ["rows", "word"], name="count"),
            node(lambda _: 1, "params:seed", "other"),
        ]
    )
    catalog = _catalog(rate=1, model={"depth": 3}, seed=7)
    run_with_hooks([MLflowHooks()], pipeline, catalog=catalog, conf=conf)

    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/shop/data/runs.db")
    (run,) = client.search_runs([client.get_experiment_by_name("prices").experiment_id])
    assert run.info.run_name == "nightly"
    assert (run.data.tags["team"], run.data.tags["retries"]) == ("pricing", "2")
    assert run.data.params == {"rate": "1", "model.depth": "3"}
    assert run.data.metrics == {"a_metrics.r2": 0.5, "a_metrics.test.rows": 9.0, "rows": 4.0}
    assert run.info.artifact_uri.startswith((tmp_path / "shop/data/artifacts").as_uri())


@pytest.mark.usefixtures("store")
def test_what_mlflow_would_refuse_is_made_to_fit(run_with_hooks: Run, tmp_path: Path) -> None:
    """Long values are cut, odd names renamed, and many parameters go in several requests."""
    many = {f"p{number}": "é" * 5000 for number in range(150)}
    catalog = _catalog(long="x" * 10_000, odd={"{a}@b": 1, "n" * 400: 2}, many=many)
    run_with_hooks([MLflowHooks()], _use("params:long", "params:odd", "params:many"), catalog=catalog)

    params = list_runs(tmp_path)[0].data.params
    assert (len(params["long"]), params["long"][-3:]) == (6000, "...")
    assert params["odd._a__b"] == "1"
    assert [value for name, value in params.items() if name.startswith("odd.nnn")] == ["2"]
    assert len(params) == 153


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("unset", ["", "None", None])
def test_a_failing_node_marks_the_run_that_was_created_here(
    run_with_hooks: Run, tmp_path: Path, unset: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty ``MLFLOW_RUN_ID``, or the word None, names no run; the variables are as before afterwards."""
    if unset is not None:
        monkeypatch.setenv("MLFLOW_RUN_ID", unset)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "from the environment")
    with pytest.raises(ValueError, match="on purpose"):
        run_with_hooks([MLflowHooks()], FAILING, catalog=_catalog(rate=1))

    assert [run.info.status for run in list_runs(tmp_path, "from the environment")] == ["FAILED"]
    assert os.environ.get("MLFLOW_RUN_ID") == unset
    assert os.environ["MLFLOW_EXPERIMENT_NAME"] == "from the environment"
    assert "MLFLOW_TRACKING_URI" not in os.environ
    assert mlflow.active_run() is None


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("fails", [False, True])
def test_a_run_named_by_the_environment_is_joined_and_never_ended(
    run_with_hooks: Run, tmp_path: Path, *, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there stays, what is missing is added; neither success nor failure changes its status."""
    run_id = make_run(tmp_path, rate="logged before")
    monkeypatch.setenv("MLFLOW_RUN_ID", run_id)
    before = client_of(tmp_path).get_run(run_id).info
    catalog = _catalog(rate=1, seed=2)
    pipeline = FAILING if fails else _use("params:rate", "params:seed")
    try:
        run_with_hooks([MLflowHooks()], pipeline, catalog=catalog)
    except ValueError:
        assert fails

    run = client_of(tmp_path).get_run(run_id)
    assert (run.info.status, run.info.end_time) == (before.status, before.end_time) == ("RUNNING", None)
    assert run.data.params == {"rate": "logged before", **({} if fails else {"seed": "2"})}
    assert (run.data.tags["kedro_pipeline"], run.data.tags["kedro_env"]) == ("whole", "local")
    assert os.environ["MLFLOW_RUN_ID"] == run_id


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("runner_class", [SequentialRunner, ThreadRunner])
def test_what_nodes_log_themselves_is_in_the_same_run(
    run_with_hooks: Run, tmp_path: Path, runner_class: type[SequentialRunner | ThreadRunner]
) -> None:
    """``mlflow.log_metric`` in nodes, on any thread, starts no separate run, and none is left active."""

    def log(name: str) -> int:
        mlflow.log_metric(name, 1)
        return 1

    pipeline = Pipeline([node(lambda name=name: log(name), None, name, name=name) for name in "abc"])
    run_with_hooks([MLflowHooks()], pipeline, runner=runner_class())

    (run,) = list_runs(tmp_path)
    assert (run.data.metrics, run.info.status) == ({"a": 1.0, "b": 1.0, "c": 1.0}, "FINISHED")
    assert mlflow.active_run() is None


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("joins", [False, True])
@pytest.mark.parametrize("runner_class", [SequentialRunner, ThreadRunner])
def test_runs_that_nodes_nest_are_children_of_the_run(
    run_with_hooks: Run,
    tmp_path: Path,
    runner_class: type[SequentialRunner | ThreadRunner],
    monkeypatch: pytest.MonkeyPatch,
    *,
    joins: bool,
) -> None:
    """Each has the pipeline's run as its parent, which keeps name and status, also in a workflow's task."""
    if joins:
        monkeypatch.setenv("MLFLOW_RUN_ID", make_run(tmp_path))

    def nest(name: str) -> int:
        assert "MLFLOW_RUN_ID" not in os.environ
        with mlflow.start_run(nested=True, run_name=name):
            mlflow.log_metric("inner", 1)
            with mlflow.start_run(nested=True, run_name=f"{name}{name}"):
                pass
        mlflow.log_metric(name, 2)
        return 1

    pipeline = Pipeline([node(lambda name=name: nest(name), None, name, name=name) for name in "ab"])
    run_with_hooks([MLflowHooks()], pipeline, runner=runner_class())

    runs = {run.info.run_name: run for run in list_runs(tmp_path, "workflow" if joins else "shop")}
    (parent,) = [run for run in runs.values() if "mlflow.parentRunId" not in run.data.tags]
    assert set(runs) == {parent.info.run_name, "a", "aa", "b", "bb"}
    assert (parent.data.metrics, parent.info.status) == (
        {"a": 2.0, "b": 2.0},
        "RUNNING" if joins else "FINISHED",
    )
    for name in "ab":
        assert runs[name].data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert runs[name].info.status == "FINISHED"
        assert runs[name * 2].data.tags["mlflow.parentRunId"] == runs[name].info.run_id
    assert ("MLFLOW_RUN_ID" in os.environ) == joins


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("opener", ["kedro_mlflow", "", "variable"])
def test_an_experiment_that_a_joined_run_is_not_in_is_reported(
    run_with_hooks: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    opener: str,
) -> None:
    """With both experiments, what opened the run, and how to let ``tracking.yml`` decide."""
    joined = make_run(tmp_path)
    if opener == "variable":
        monkeypatch.setenv("MLFLOW_RUN_ID", joined)
    else:
        mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/shop/mlruns.db")
        mlflow.start_run(joined)
    if opener == "kedro_mlflow":
        monkeypatch.setitem(sys.modules, "kedro_mlflow", ModuleType("kedro_mlflow"))
    try:
        for experiment in ("prices", "workflow"):
            run_with_hooks([MLflowHooks()], _use(), conf={"base/tracking.yml": f"experiment: {experiment}\n"})
    finally:
        mlflow.end_run()
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    (message,) = [one.getMessage() for one in caplog.records if "is joined" in one.getMessage()]
    assert joined in message
    assert "experiment 'workflow'" in message
    assert "'experiment: prices'" in message
    assert ("DISABLE_HOOKS_FOR_PLUGINS" in message) == (opener == "kedro_mlflow")
    assert ("MLFLOW_RUN_ID" in message) == (opener == "variable")


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("required", [True, False])
def test_a_run_that_is_active_in_another_store_stays_there(
    run_with_hooks: Run,
    tmp_path: Path,
    empty_store: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    required: bool,
) -> None:
    """The store of ``tracking.yml`` has no such run; what nodes log still goes to the store that has it."""
    shutil.copy(empty_store, tmp_path / "other.db")
    other = f"sqlite:///{tmp_path}/other.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", other)
    monkeypatch.setitem(sys.modules, "kedro_mlflow", ModuleType("kedro_mlflow"))
    mlflow.set_tracking_uri(other)
    pipeline = Pipeline([node(lambda: mlflow.log_metric("seen", 1) or 1, None, "logged")])
    conf = {"base/tracking.yml": f"tracking_uri: sqlite:///mlruns.db\nrequired: {required}\n"}
    try:
        with mlflow.start_run() as active:
            if required:
                with pytest.raises(HookError, match=r"gives no run .* to join .*kedro-mlflow opened it"):
                    run_with_hooks([MLflowHooks()], pipeline, conf=conf)
            else:
                run_with_hooks([MLflowHooks()], pipeline, conf=conf)
            assert mlflow.get_tracking_uri() == os.environ["MLFLOW_TRACKING_URI"] == other
        ended = mlflow.MlflowClient(other).get_run(active.info.run_id)
        assert ended.info.status == "FINISHED"
        assert ended.data.metrics == ({} if required else {"seen": 1.0})
    finally:
        mlflow.set_tracking_uri(None)


@pytest.mark.usefixtures("store")
def test_a_run_that_is_active_already_is_joined_and_stays_active(run_with_hooks: Run, tmp_path: Path) -> None:
    """In a notebook, ``with mlflow.start_run():`` around a session collects what the session logs."""
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/shop/mlruns.db")
    mlflow.set_experiment(experiment_id=client_of(tmp_path).create_experiment("notebook"))
    try:
        with mlflow.start_run() as active:
            run_with_hooks([MLflowHooks()], _use("params:rate"), catalog=_catalog(rate=1))
            assert mlflow.active_run().info.run_id == active.info.run_id
            assert client_of(tmp_path).get_run(active.info.run_id).info.status == "RUNNING"
    finally:
        mlflow.tracking.fluent._active_experiment_id = None
        os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    (run,) = list_runs(tmp_path, "notebook")
    assert run.data.params == {"rate": "1"}


@pytest.mark.usefixtures("store")
def test_a_run_or_experiment_that_is_not_there_is_one_clear_error(
    run_with_hooks: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown run id and a deleted experiment are reported as such, with what to do."""
    client = client_of(tmp_path)
    client.delete_experiment(client.create_experiment("shop"))
    with pytest.raises(HookError, match="'shop' is deleted") as raised:
        run_with_hooks([MLflowHooks()], _use())
    assert "mlflow experiments restore" in str(raised.value)

    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    with pytest.raises(HookError, match=r"gives no run '0+' to join \(MLFLOW_RUN_ID names it\)"):
        run_with_hooks([MLflowHooks()], _use())
    assert os.environ["MLFLOW_RUN_ID"] == "0" * 32


@pytest.mark.usefixtures("store")
def test_a_server_that_does_not_answer_is_given_up_soon(
    run_with_hooks: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One that takes connections and stays silent is an error, or, where it is not required, one warning."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server = f"127.0.0.1:{silent.getsockname()[1]}"
        uri = f"http://me:hidden@{server}"
        conf = {"base/tracking.yml": f"tracking_uri: {uri}\ntimeout: 1"}
        with pytest.raises(HookError, match=rf"store at 'http://\*+@{server}' gives no run") as raised:
            run_with_hooks([MLflowHooks()], _use(), conf=conf)
        assert "hidden" not in str(raised.value)

    ran = []

    def run() -> int:
        ran.append(1)
        return 1

    pipeline = Pipeline([node(run, None, "out")])
    conf = {"base/tracking.yml": f"tracking_uri: {uri}\nrequired: false"}
    run_with_hooks([MLflowHooks()], pipeline, conf=conf)
    assert ran == [1]
    warnings = [
        record.getMessage() for record in caplog.records if "goes on without MLflow" in record.message
    ]
    assert len(warnings) == 1
    assert "does not answer" in warnings[0]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("required", [True, False])
def test_a_store_lost_on_the_way(
    run_with_hooks: Run, tmp_path: Path, *, required: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Where MLflow is required a number that cannot be logged stops the run; else it is warned about once."""

    def lose() -> int:
        import sqlite3

        with closing(sqlite3.connect(tmp_path / "shop/mlruns.db")) as connection:
            connection.execute("DROP TABLE metrics")
        return 1

    conf = {"base/tracking.yml": f"required: {required}\nlog: {{metrics: {{datasets: ['*']}}}}"}
    pipeline = Pipeline([node(lose, None, "a"), node(lambda a: a, "a", "b"), node(lambda b: b, "b", "c")])
    if required:
        with pytest.raises(HookError, match="metrics cannot be logged"):
            run_with_hooks([MLflowHooks()], pipeline, conf=conf)
    else:
        run_with_hooks([MLflowHooks()], pipeline, conf=conf)
        assert len([record for record in caplog.records if "Nothing more is logged" in record.message]) == 1


@pytest.mark.usefixtures("store")
def test_parameters_as_a_whole_and_nodes_that_yield(run_with_hooks: Run, tmp_path: Path) -> None:
    """The input ``parameters`` is all of them; the pieces of a generator are not metrics."""

    def pieces(_: object) -> Iterator[int]:
        yield 1

    catalog = DataCatalog({"parameters": MemoryDataset({"rate": 1, "model": {"depth": 3}})})
    conf = {"base/tracking.yml": "log: {metrics: {nodes: ['*']}}"}
    pipeline = Pipeline([node(pieces, "parameters", "out", name="pieces")])
    run_with_hooks([MLflowHooks()], pipeline, catalog=catalog, conf=conf)
    (run,) = list_runs(tmp_path)
    assert (run.data.params, run.data.metrics) == ({"rate": "1", "model.depth": "3"}, {})


def test_secret_parameters_are_not_logged(run_with_hooks: Run, tmp_path: Path) -> None:
    """Neither as a part of all parameters nor alone, and not for their name alone."""
    parameters = {"api": {"url": "https://host/S3CRET-of-the-shop", "tries": 3}, "db_password": 1234}
    catalog = DataCatalog(
        {
            "parameters": MemoryDataset(parameters),
            "params:api": MemoryDataset(parameters["api"]),
            "params:api.url": MemoryDataset("https://host/S3CRET-of-the-shop"),
            "params:made": MemoryDataset("by a hook from S3CRET-of-the-shop"),
        }
    )
    conf = {
        "base/globals.yml": "main: S3CRET-of-the-shop\n",
        "base/credentials.yml": "db: {con: '${globals:main}'}\n",
        "base/parameters.yml": "api: {url: 'https://host/${globals:main}', tries: 3}\ndb_password: 1234\n",
    }
    inputs = ["parameters", "params:api", "params:api.url", "params:made"]
    pipeline = Pipeline([node(lambda *_: 1, inputs, "out", name="one")])
    run_with_hooks([MLflowHooks()], pipeline, catalog=catalog, conf=conf)
    (run,) = list_runs(tmp_path)
    assert run.data.params == {
        "api.url": "********",
        "api.tries": "3",
        "db_password": "********",
        "made": "by a hook from ********",
    }

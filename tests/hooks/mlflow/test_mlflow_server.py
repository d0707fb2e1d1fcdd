"""MLflow's own server: one that dies while a pipeline runs, and passwords in its address."""

from __future__ import annotations

import importlib
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks import MLflowHooks
from kedro_matrix_ext.hooks.mlflow.hooks import _TrackedRun
from kedro_matrix_ext.hooks.mlflow.tracking_uri import read_variables, restore_variables
from kedro_matrix_ext.hooks.worker_state import attach_state

mlflow = pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")

Run = Callable[..., dict[str, Any]]
METRICS = "log: {metrics: {datasets: ['*']}}"


class _Server:
    """MLflow's server on a separate port, which a node can take away."""

    def __init__(self, app: Any) -> None:
        from werkzeug.serving import make_server

        self._answers = threading.Event()
        self._answers.set()

        def respond(environ: Any, start_response: Any) -> Any:
            self._answers.wait()
            return app(environ, start_response)

        self._server = make_server("127.0.0.1", 0, respond, threaded=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def hang(self) -> None:
        """Take connections, and answer none until it is stopped."""
        self._answers.clear()

    def stop(self) -> None:
        """Close the port; what connects to it afterwards is refused."""
        self._answers.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """MLflow's server application over a store that has its tables already."""
    folder = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("_MLFLOW_SERVER_FILE_STORE", f"sqlite:///{folder}/server.db")
        patch.setenv("_MLFLOW_SERVER_ARTIFACT_ROOT", folder.as_uri())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what MLflow's server imports
            served = importlib.import_module("mlflow.server").app
        served.test_client().get("/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default")
        yield served


@pytest.fixture
def server(app: Any) -> Iterator[_Server]:
    """A server, ended after the test."""
    started = _Server(app)
    yield started
    started.stop()


@pytest.mark.parametrize("required", [True, False])
def test_a_server_that_dies_in_the_middle_is_named_with_the_remedy(
    run_with_hooks: Run, server: _Server, caplog: pytest.LogCaptureFixture, *, required: bool
) -> None:
    """An error if MLflow is required; else one warning, which does not advise what is set already."""
    ran: list[str] = []
    before = read_variables()

    def die() -> int:
        ran.append(os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_JITTER"])
        server.stop()
        return 1

    def go_on(number: int) -> int:
        ran.append("later")
        return number

    pipeline = Pipeline([node(die, None, "a"), node(go_on, "a", "b")])
    address = f"http://127.0.0.1:{server.port}"
    conf = {"base/tracking.yml": f"tracking_uri: {address}\nrequired: {required}\ntimeout: 70\n{METRICS}"}
    if required:
        with pytest.raises(HookError, match=f"'{address}' does not answer") as raised:
            run_with_hooks([MLflowHooks()], pipeline, conf=conf)
        assert "'required: false'" in str(raised.value)
        assert ran == ["10.0"]  # the waits of all retries are timeout seconds: 7 of up to 10
    else:
        run_with_hooks([MLflowHooks()], pipeline, conf=conf)
        assert ran == ["10.0", "later"]
    warnings = [one.getMessage() for one in caplog.records if "Nothing more is logged" in one.message]
    assert len(warnings) == (0 if required else 1)
    assert not any("required: false" in warning for warning in warnings)
    assert all(address in warning for warning in warnings)
    assert read_variables() == before


def test_a_server_that_hangs_holds_nodes_that_log_for_a_moment(
    run_with_hooks: Run, server: _Server, caplog: pytest.LogCaptureFixture
) -> None:
    """It takes connections and never answers: once the hook gave up, one short request, not eight."""
    before, seen = read_variables(), {}

    def hang() -> int:
        server.hang()
        return 1

    def log(number: int) -> int:
        seen.update(read_variables())
        with pytest.raises(mlflow.exceptions.MlflowException, match="timed out"):
            mlflow.log_metric("number", number)
        return number

    conf = {
        "base/tracking.yml": f"tracking_uri: http://127.0.0.1:{server.port}\n"
        f"required: false\ntimeout: 2\n{METRICS}"
    }
    run_with_hooks([MLflowHooks()], Pipeline([node(hang, None, "a"), node(log, "a", "b")]), conf=conf)
    assert (seen["MLFLOW_HTTP_REQUEST_TIMEOUT"], seen["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]) == ("1", "0")
    assert sum("Nothing more is logged" in one.message for one in caplog.records) == 1
    assert read_variables() == before


def test_a_worker_without_the_server_runs_its_nodes(
    server: _Server, caplog: pytest.LogCaptureFixture
) -> None:
    """With ``required: false``: a process that has not seen the run yet warns once; else it is an error."""
    uri = f"http://127.0.0.1:{server.port}"
    server.stop()
    for required in (False, True):
        tracked = _TrackedRun("0" * 32, uri, "0", (), (), required=required, timeout=5.0)
        catalog, hooks = DataCatalog(), MLflowHooks()
        attach_state(catalog, "MLflowHooks", tracked)
        variables = read_variables()
        try:
            if required:
                with pytest.raises(HookError, match="does not answer"):
                    hooks.before_node_run(catalog, "r")
            else:
                hooks.before_node_run(catalog, "r")
                hooks.before_node_run(catalog, "r")
        finally:
            restore_variables(variables)
    assert sum("Nothing more is logged" in one.message for one in caplog.records) == 1


@pytest.mark.parametrize("login", ["me:hidden@", ""])
def test_mlflow_prints_no_link_with_a_password(
    run_with_hooks: Run, server: _Server, capfd: pytest.CaptureFixture[str], login: str
) -> None:
    """Its lines at the end of a run, and of one that a node nests, are there only without a password."""

    def nest() -> int:
        with mlflow.start_run(nested=True):
            return 1

    conf = {"base/tracking.yml": f"tracking_uri: http://{login}127.0.0.1:{server.port}\ntimeout: 60\n"}
    run_with_hooks([MLflowHooks()], Pipeline([node(nest, None, "a")]), conf=conf)
    shown = "".join(capfd.readouterr())
    assert shown.count("View run") == (0 if login else 2)
    assert "hidden" not in shown

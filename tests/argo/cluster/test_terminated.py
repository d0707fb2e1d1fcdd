"""The MLflow run of a terminated workflow, whose exit handler Argo does not run; a real store."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from kedro.framework.context import KedroContext
from kedro.framework.hooks.manager import _create_hook_manager
from tests.argo.cluster.api_answers import make_status

from kedro_matrix_ext import LayeredConfigLoader
from kedro_matrix_ext.argo import build_manifest
from kedro_matrix_ext.argo.cluster.create import create_manifest, mark_submission
from kedro_matrix_ext.argo.cluster.submission_record import record_submission
from kedro_matrix_ext.cli.argo import commands, project
from kedro_matrix_ext.cli.argo.submission import follow_workflow
from kedro_matrix_ext.errors import ClusterError
from kedro_matrix_ext.hooks.mlflow.workflow_run import start_workflow_run

mlflow = pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.argo.cluster.kubernetes_api import KubernetesApi

    from kedro_matrix_ext.argo import ArgoConfig, Plan
    from kedro_matrix_ext.argo.cluster.client import Cluster

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")  # MLflow's own

RUN = "2030-01-31T12.00.00.000Z"
SELECTION = {"pipeline": "ds", "env": "local", "group_by": "node"}


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KedroContext:
    """The project, which commands load."""
    for environment in ("base", "local"):
        (tmp_path / "conf" / environment).mkdir(parents=True)
    made = KedroContext(
        project_path=tmp_path,
        config_loader=LayeredConfigLoader(str(tmp_path / "conf"), base_env="base", default_run_env="local"),
        env=None,
        package_name="shop",
        hook_manager=_create_hook_manager(),
    )
    monkeypatch.setattr("kedro.framework.project.PACKAGE_NAME", "shop")
    monkeypatch.setattr("kedro_matrix_ext.cli.argo.mlflow_run.load_context", lambda _env: made)
    return made


@pytest.fixture
def config(make_config: Callable[..., ArgoConfig], tmp_path: Path) -> ArgoConfig:
    """An `argo.yml` whose workflows are MLflow runs of a store that the manifest names."""
    variable = {"name": "MLFLOW_TRACKING_URI", "value": f"sqlite:///{tmp_path}/shared.db"}
    return make_config(mlflow=True, template={"environment": [variable]})


@pytest.fixture
def run(config: ArgoConfig, context: KedroContext, monkeypatch: pytest.MonkeyPatch) -> str:
    """The workflow's MLflow run, as its first pod made it, and another one that this shell is in."""
    store = config.template.environment[0].value
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(store))
    made = start_workflow_run(context, run_id=RUN, pipeline=None)
    other = start_workflow_run(context, run_id=RUN.replace("2030", "2031"), pipeline=None)
    monkeypatch.setenv("MLFLOW_RUN_ID", str(other))
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    return str(made)


@pytest.fixture
def workflow(api: KubernetesApi, cluster: Cluster, plan: Plan, config: ArgoConfig) -> dict[str, Any]:
    """A workflow that was terminated, as the cluster has it."""
    manifest = build_manifest(plan, config=config, suffix="x7k2p9", run_id=RUN)
    recorded = record_submission(manifest, plan, SELECTION, project="shop")
    create_manifest(cluster, mark_submission(recorded))
    stored: dict[str, Any] = api.objects["workflows", "ds-x7k2p9"]
    stored["spec"]["shutdown"] = "Terminate"
    api.statuses["ds-x7k2p9"] = deque([make_status("Failed", failed={"load": "terminated"})])
    return stored


def list_statuses(config: ArgoConfig) -> dict[str, str]:
    """The status of each run in the store."""
    client = mlflow.MlflowClient(config.template.environment[0].value)
    experiment = client.get_experiment_by_name("shop")
    return {each.info.run_id: each.info.status for each in client.search_runs([experiment.experiment_id])}


@pytest.fixture
def end(config: ArgoConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Run `kedro argo mlflow-run end`."""
    monkeypatch.setattr(project, "load_config", lambda *_: config)
    metadata = SimpleNamespace(project_path=tmp_path, package_name="shop")

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(commands, ["argo", "mlflow-run", "end", *words], obj=metadata)

    return invoke


@pytest.mark.usefixtures("workflow")
def test_waiting_closes_the_run_of_a_terminated_workflow(
    cluster: Cluster, config: ArgoConfig, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the store that tasks use, and no other run: not even the one that this shell is in."""
    with pytest.raises(ClusterError, match="ended as Failed"):
        follow_workflow(cluster, "ds-x7k2p9", config=config, timeout=1)
    assert f"MLflow run {run} is closed" in capsys.readouterr().err
    assert sorted(list_statuses(config).values()) == ["FAILED", "RUNNING"]
    assert list_statuses(config)[run] == "FAILED"


def test_a_workflow_that_failed_by_itself_has_closed_its_run(
    cluster: Cluster, workflow: dict[str, Any], config: ArgoConfig, run: str
) -> None:
    """Its exit handler has, with the status that it had."""
    workflow["spec"]["shutdown"] = "Stop"
    with pytest.raises(ClusterError, match="ended as Failed"):
        follow_workflow(cluster, "ds-x7k2p9", config=config, timeout=1)
    assert list_statuses(config)[run] == "RUNNING"  # it has no exit handler here


@pytest.mark.usefixtures("workflow", "context")
def test_waiting_says_how_to_close_a_run_later(
    cluster: Cluster,
    config: ArgoConfig,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Where the store does not answer, the workflow's own failure is still the error."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    (tmp_path / "conf/base/tracking.yml").write_text("timeout: 1\n")
    with pytest.raises(ClusterError, match="ended as Failed"):
        follow_workflow(cluster, "ds-x7k2p9", config=config, timeout=1)
    assert "'kedro argo mlflow-run end --workflow-name ds-x7k2p9' closes it" in capsys.readouterr().err


@pytest.mark.usefixtures("workflow")
def test_the_command_closes_a_run_from_outside(
    end: Callable[..., Result], config: ArgoConfig, run: str
) -> None:
    """Of a workflow that has ended, named on the command line."""
    closed = end("--workflow-name", "ds-x7k2p9")
    assert (closed.exit_code, closed.stdout) == (0, f"MLflow run {run} is closed.\n")
    assert list_statuses(config)[run] == "FAILED"


@pytest.mark.usefixtures("workflow", "context")
def test_the_command_refuses_what_goes_on_and_what_it_is_not_told(
    end: Callable[..., Result], api: KubernetesApi
) -> None:
    """A workflow closes its run itself; a pod gives the status, a person the workflow."""
    api.statuses["ds-x7k2p9"] = deque([make_status("Running", running=("load",))])
    running = end("--workflow-name", "ds-x7k2p9")
    assert (running.exit_code, "has not ended: it is Running" in running.output) == (1, True)
    assert "give either --status" in end().output
    assert "give either --status" in end("--status", "Failed", "--workflow-name", "x").output

"""What the tests on a real cluster are made of, tried on the stand-in for a cluster and a local S3 server."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.argo.cluster.api_answers import make_status, refusal
from tests.argo.cluster.kubernetes_api import Fault, KubernetesApi, serve_kubernetes_api, write_kubeconfig
from tests.argo.real_cluster.comparison import list_differences, list_metrics, read_results
from tests.argo.real_cluster.conftest import Flights
from tests.argo.real_cluster.project import HOSTILE_NAMES, write_project
from tests.argo.real_cluster.target import OPTIONS, Target, read_target

from kedro_matrix_ext.argo.cluster.status import list_task_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.argo.real.validator import PodValidator
    from tests.object_storage import ObjectStorage


@pytest.fixture
def api(schemas: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubernetesApi]:
    """An empty cluster with Argo in it, which the kubeconfig leads to."""
    with serve_kubernetes_api(schemas) as served:
        monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "kubeconfig", served.address)))
        yield served


@pytest.fixture
def configure() -> Callable[..., Any]:
    """A configuration of pytest with these options: ``configure(image="flights:1")``."""

    def make(**options: str) -> Any:
        assert {f"--cluster-{name}" for name in options} <= OPTIONS.keys()
        return SimpleNamespace(getoption=lambda name, default: options.get(name[10:], default))

    return make


def test_without_a_cluster_one_line_says_so(
    api: KubernetesApi, configure: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether the variable, the image, the resource or the server is missing."""
    with_image = configure(image="flights:1")
    assert read_target(with_image) == Target("flights:1")
    assert "--cluster-image" in str(read_target(configure()))
    api.faults.append(Fault("GET", "workflows", answer=refusal(404, "NotFound", "could not find it")))
    assert "does not know 'workflows'" in str(read_target(with_image))
    write_kubeconfig(tmp_path / "kubeconfig", "http://127.0.0.1:9")
    assert "does not answer" in str(read_target(with_image))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))
    assert "absent" in str(read_target(with_image))
    monkeypatch.delenv("KUBECONFIG")
    assert str(read_target(with_image)).startswith("KUBECONFIG is not set")
    assert "\n" not in str(read_target(with_image))


def test_results_are_compared_by_name_and_number() -> None:
    """A missing file, another number and another type are differences; the last digits are not."""
    local = {"a.json": {"r2": 0.1 + 0.2, "n": 3}, "b.csv": "stored", "c": 1}
    assert list_differences(local, {**local, "a.json": {"r2": 0.3, "n": 3}}) == []
    assert list_differences(local, {"a.json": {"r2": 0.31, "n": "3"}, "d": 1, "c": 1}) == [
        "/b.csv: only of the local run",
        "/d: only of the workflow",
        "/a.json/n: 3 of the local run, '3' of the workflow",
        f"/a.json/r2: {0.1 + 0.2!r} of the local run, 0.31 of the workflow",
    ]


def test_results_are_read_without_versions(object_storage: ObjectStorage) -> None:
    """JSON with its content, other files by name; what `kedro run` keeps in memory is left out."""
    client, bucket = object_storage.client(), object_storage.create_bucket("real-cluster")
    stored = {
        "one/x/metrics.json": b'{"r2": 0.5}',
        "one/x/model.pickle/2030-01-31T12.00.00.000Z/model.pickle": b"?",
        "one/x/table.parquet": b"?",
        "one/x/undeclared/t": b"?",
        "other/y.json": b"1",
    }
    for key, body in stored.items():
        client.put_object(Bucket=bucket, Key=key, Body=body)
    assert read_results(client, bucket, "one") == {
        "x/metrics.json": {"r2": 0.5},
        "x/model.pickle": "stored",
        "x/table.parquet": "stored",
    }


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")  # MLflow's own
@pytest.mark.long
def test_metrics_are_those_of_the_runs_of_an_experiment(tmp_path: Path) -> None:
    """Each run with its status; none of an experiment that is not there."""
    mlflow = pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")
    store = f"sqlite:///{tmp_path / 'mlruns.db'}"
    client = mlflow.MlflowClient(store)
    run = client.create_run(client.create_experiment("one", artifact_location=str(tmp_path))).info.run_id
    client.log_metric(run, "r2", 0.5)
    client.set_terminated(run, "KILLED")
    assert list_metrics(store, "one") == [("KILLED", {"r2": 0.5})]
    assert list_metrics(store, "other") == []


@pytest.mark.project
def test_the_project_is_submitted_and_its_manifest_admitted(
    api: KubernetesApi, object_storage: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case passes the check and the strict schemas; its pods have the image and the bucket."""
    for name, value in object_storage.variables.items():
        monkeypatch.setenv(name, value)
    bucket = object_storage.create_bucket("real-submit")
    store = "http://mlflow.example.com:5000" if find_spec("mlflow") else ""
    target = Target("flights:1", "jobs", bucket, object_storage.url, store)
    flights = Flights(write_project(tmp_path / "spaceflights"), target, "test")
    api.play = lambda workflow: [make_status("Succeeded", succeeded=tuple(list_task_names(workflow)))]
    prefix = flights.fill("a")
    submitted = flights.submit(prefix, "--pipeline", "hostile", "--without-imports", parallelism=8)
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    workflow = api.workflow()
    assert len(list_task_names(workflow)) == len(HOSTILE_NAMES) + 1
    assert workflow["spec"]["arguments"]["parameters"][0] == {"name": "image", "value": "flights:1"}
    assert f"{bucket}/{prefix}" in str(workflow["spec"]["templates"])


def test_the_services_of_a_test_cluster_are_valid(kubernetes: PodValidator | None) -> None:
    """Kubernetes accepts their pods; the ports and keys are those that the shell is given."""
    folder = Path(__file__).parent
    services = list(yaml.safe_load_all((folder / "services.yml").read_text()))
    script = (folder / "install.sh").read_text()
    by_kind = {
        kind: [each for each in services if each["kind"] == kind] for kind in ("Deployment", "Service")
    }
    for service in by_kind["Service"]:
        assert f":{service['spec']['ports'][0]['nodePort']}\n" in script
    for value in services[0]["stringData"].values():
        assert f"={value} " in script
    for deployment in by_kind["Deployment"]:
        template = deployment["spec"]["template"]
        assert template["metadata"]["labels"] == deployment["spec"]["selector"]["matchLabels"]
        if kubernetes is not None:
            pod = {
                "metadata": {"name": "x", "namespace": "argo", **template["metadata"]},
                "spec": template["spec"],
            }
            assert kubernetes.refuse(pod) == ""

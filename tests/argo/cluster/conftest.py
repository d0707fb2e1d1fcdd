"""A cluster on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.cluster.kubernetes_api import KubernetesApi, serve_kubernetes_api, write_kubeconfig

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest
from kedro_matrix_ext.argo.cluster import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from kedro_matrix_ext.argo.cluster.client import Cluster


@pytest.fixture
def api(schemas: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubernetesApi]:
    """An empty cluster with Argo in it, which the kubeconfig leads to."""
    with serve_kubernetes_api(schemas) as served:
        monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "kubeconfig", served.address)))
        yield served


@pytest.fixture
def cluster(api: KubernetesApi) -> Cluster:
    """The connection to it."""
    return client.connect("jobs")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits as a person would."""
    monkeypatch.setattr(client, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.delenv("ARGO_TOKEN", raising=False)


@pytest.fixture
def make_config() -> Callable[..., ArgoConfig]:
    """Models of an `argo.yml` that names an image: ``make_config(server_url=...)``."""

    def make(**sections: Any) -> ArgoConfig:
        deployment = {"image": "registry.example/shop", "tag": "v1"}
        return ArgoConfig.model_validate({"namespace": "jobs", "deployment": deployment, **sections})

    return make


@pytest.fixture
def make_plan() -> Callable[..., Plan]:
    """A plan of small tasks: ``make_plan({"load": [], "train": ["load"]})``; other inputs by task."""

    def make(graph: Mapping[str, list[str]], inputs: Mapping[str, tuple[str, ...]] | None = None) -> Plan:
        tasks = tuple(
            Task(
                name=name,
                nodes=(name,),
                depends_on=tuple(above),
                inputs=(inputs or {}).get(name, tuple(f"{task}_table" for task in above)),
                outputs=(f"{name}_table",),
                resources=ArgoResourceConfig(),
                pipelines=("__default__",),
            )
            for name, above in graph.items()
        )
        return Plan(pipeline="ds", env="cloud", group_by="node", tasks=tasks)

    return make


@pytest.fixture
def plan(make_plan: Callable[..., Plan]) -> Plan:
    """Three tasks in a row and a separate one."""
    return make_plan({"load": [], "clean": ["load"], "train": ["clean"], "report": []})


@pytest.fixture
def make_manifest(plan: Plan, make_config: Callable[..., ArgoConfig]) -> Callable[..., dict[str, Any]]:
    """A manifest of that plan: ``make_manifest(kind="WorkflowTemplate")``."""

    def make(**options: Any) -> dict[str, Any]:
        return build_manifest(plan, config=make_config(), **options)

    return make

"""Retrying in place: through the Argo server, or by the `argo` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.cluster.kubernetes_api import Fault, KubernetesApi

from kedro_matrix_ext.argo.cluster.create import create_manifest, mark_submission
from kedro_matrix_ext.argo.cluster.retry import _authorization as authorization
from kedro_matrix_ext.argo.cluster.retry import choose_retry_backend, retry_workflow
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.argo.cluster.client import Cluster

NAME = "ds-x7k2p9"
NEW = {"image": f"registry.example/shop@sha256:{'cd' * 32}"}

NEW_IMAGE = f"image={NEW['image']}"


@pytest.fixture
def failed(api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]) -> str:
    """A workflow that has failed."""
    create_manifest(cluster, mark_submission(make_manifest(suffix="x7k2p9")))
    api.end(NAME, ("load",), {"clean": "Error (exit code 1)"})
    return NAME


def test_server_retries_with_the_new_image(
    api: KubernetesApi, cluster: Cluster, failed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The image is a parameter; who asks is identified by ARGO_TOKEN, and by no other token in clear."""
    retry_workflow(cluster, failed, server_url=f"{api.address}/", parameters=NEW)
    (asked,) = api.calls("PUT")
    assert asked.path == "/api/v1/workflows/jobs/ds-x7k2p9/retry"
    assert asked.body == {"name": NAME, "namespace": "jobs", "parameters": [f"image={NEW['image']}"]}
    assert asked.authorization is None
    assert api.workflow()["status"]["phase"] == "Running"
    assert api.workflow()["spec"]["arguments"]["parameters"][0]["value"] == NEW["image"]
    api.end(NAME, ("load",), {"clean": ""})
    monkeypatch.setenv("ARGO_TOKEN", "Bearer v2:abc")
    retry_workflow(cluster, failed, server_url=api.address, parameters={})
    assert api.calls("PUT")[1].authorization == "Bearer v2:abc"


def test_token_of_the_kubeconfig_is_sent_over_https_alone(cluster: Cluster) -> None:
    """The Argo server may be asked as Kubernetes is, where nobody can read along."""
    assert authorization(cluster, "https://argo.example.com") == {"Authorization": "Bearer secret-of-ann"}
    assert authorization(cluster, "http://argo.example.com") == {}


def test_retry_whose_answer_was_lost_is_not_asked_again(
    api: KubernetesApi, cluster: Cluster, failed: str
) -> None:
    """A workflow that runs again was retried; one that does not was not."""
    api.faults.append(Fault("PUT", "retry", cut="after"))
    retry_workflow(cluster, failed, server_url=api.address, parameters={})
    assert len(api.calls("PUT")) == 1
    api.end(NAME, ("load",), {"clean": ""})
    api.faults.append(Fault("PUT", "retry", cut="before"))
    with pytest.raises(ClusterError, match=r"the Argo server at .* does not answer") as caught:
        retry_workflow(cluster, failed, server_url=api.address, parameters={})
    assert caught.value.config_path == "argo: server_url"


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        (
            (401, {"code": 16, "message": "token not valid"}),
            r"not let you .* \(401\): token not",
            "ARGO_TOKEN",
        ),
        ((403, ""), r"not let you retry .* \(403\): it does not say why", "ARGO_TOKEN"),
        ((400, {"message": "must be Failed"}), r"does not retry .* \(400\): must be Failed", "--from-failed"),
        ((502, "<html>"), r"does not retry .* \(502\): <html>", "--from-failed"),
    ],
)
def test_refusal_of_the_server_is_told(  # noqa: PLR0913, PLR0917  each is a part of the case
    api: KubernetesApi,
    cluster: Cluster,
    failed: str,
    answer: tuple[int, Any],
    message: str,
    hint: str,
) -> None:
    """With its status and what it says."""
    api.faults.append(Fault("PUT", "retry", answer=answer))
    with pytest.raises(ClusterError, match=message) as caught:
        retry_workflow(cluster, failed, server_url=api.address, parameters={})
    assert hint in str(caught.value.hint)


def test_argo_command_takes_the_servers_place(
    cluster: Cluster,
    install_tool: Callable[..., None],
    tool_log: Callable[[], list[list[str]]],
) -> None:
    """In the namespace and context that are used; its last output is reported if it fails."""
    install_tool("argo")
    retry_workflow(cluster, NAME, server_url=None, parameters=NEW)
    assert tool_log() == [
        [
            "argo",
            "retry",
            NAME,
            "--namespace",
            "jobs",
            "--context",
            "kind-shop",
            "--parameter",
            f"image={NEW['image']}",
        ]
    ]
    install_tool("argo", status=1)
    with pytest.raises(
        ClusterError, match=r"'argo retry ds-x7k2p9' exited 1: time=now level=fatal msg=denied"
    ):
        retry_workflow(cluster, NAME, server_url=None, parameters={})


def test_way_is_the_server_or_the_command_or_none(install_tool: Callable[..., None]) -> None:
    """Without either there is a hint, before anything is asked of the cluster."""
    with pytest.raises(ClusterError, match="nothing here can retry a workflow in place") as caught:
        choose_retry_backend(None)
    assert "--from-failed" in str(caught.value.hint)
    assert choose_retry_backend("https://argo.example.com") == "the Argo server at https://argo.example.com"
    install_tool("argo")
    assert choose_retry_backend(None) == "the 'argo' command"

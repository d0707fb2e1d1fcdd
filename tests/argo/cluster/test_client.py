"""Kubeconfigs, and everything a cluster may have against a request: one clear line and a hint each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.cluster.api_answers import forbidden, refusal
from tests.argo.cluster.kubernetes_api import Fault, KubernetesApi, write_kubeconfig

from kedro_matrix_ext.argo.cluster.client import connect
from kedro_matrix_ext.argo.cluster.create import dry_run_manifest
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kedro_matrix_ext.argo.cluster.client import Cluster

NOT_FOUND = refusal(404, "NotFound", "the server could not find the requested resource")
ANONYMOUS = refusal(403, "Forbidden", 'User "system:anonymous" cannot create resource "workflows"')
NO_NAMESPACE = refusal(404, "NotFound", 'namespaces "jobs" not found', name="jobs", kind="namespaces")
POLICY = refusal(403, "Forbidden", 'admission webhook "policy" denied the request: images need a digest')
QUOTA = refusal(403, "Forbidden", 'workflows.argoproj.io "ds" is forbidden: exceeded quota: objects')
INVALID = refusal(
    422,
    "Invalid",
    'Workflow.argoproj.io "ds" is invalid',
    causes=[
        {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.entrypoint"},
        {"reason": "FieldValueInvalid", "message": "must be an integer", "field": "spec.parallelism"},
    ],
)
UNKNOWN = refusal(
    400,
    "BadRequest",
    'strict decoding error: unknown field "spec.colour", duplicate field "spec.entrypoint"',
)


@pytest.mark.parametrize(
    ("answer", "reason", "message", "hint"),
    [
        (
            forbidden("create", "workflows"),
            "forbidden",
            "you are not allowed to create workflows in .* 'jobs'",
            "rbac.yml",
        ),
        (refusal(401, "Unauthorized", "Unauthorized"), "unauthorized", "does not know who you are", "Log in"),
        (ANONYMOUS, "unauthorized", "does not know who you are: .*system:anonymous", "Log in"),
        (NOT_FOUND, "not-installed", "does not know 'workflows'", "Is Argo Workflows installed there"),
        ((404, "404 page not found\n"), "not-installed", "404 page not found", "Is Argo Workflows installed"),
        (NO_NAMESPACE, "namespace", "the cluster has no namespace 'jobs'", "Correct the name"),
        (POLICY, "refused", "does not admit 'ds-.*': admission webhook .*need a digest", "Nothing was"),
        (QUOTA, "refused", "exceeded quota", "Nothing was submitted"),
        (
            INVALID,
            "refused",
            "spec.entrypoint: Required value; spec.parallelism: must be an int",
            "--dry-run",
        ),
        (
            UNKNOWN,
            "refused",
            "spec.colour: Argo in this cluster knows no such field; spec.entry",
            "--dry-run",
        ),
        (refusal(413, "TooLarge", "Request entity too large"), "refused", "entity too large", "Nothing was"),
        (
            refusal(418, "Teapot", "x" * 999),
            "unreachable",
            r"failed to create workflows: x{500}\.\.\.",
            "Try",
        ),
        ((500, "upstream\n"), "unreachable", "failed to create workflows: upstream", "Try again"),
        ((504, ""), "unreachable", "Gateway Timeout", "Try again"),
        ((400, "[]"), "refused", "Bad Request", "Nothing was"),
    ],
)
def test_refusal_is_one_clear_line_and_a_hint(  # noqa: PLR0913, PLR0917  each is a part of the case
    api: KubernetesApi,
    cluster: Cluster,
    make_manifest: Callable[..., dict[str, Any]],
    answer: tuple[int, Any],
    reason: str,
    message: str,
    hint: str,
) -> None:
    """What the API answers becomes an error that says what is wrong and what to do; nothing is stored."""
    api.faults.append(Fault("POST", "workflows", answer=answer, times=9, dry=True))
    with pytest.raises(ClusterError, match=message) as caught:
        dry_run_manifest(cluster, make_manifest())
    assert caught.value.reason == reason
    assert "\n" not in caught.value.message
    assert hint in str(caught.value.hint)
    assert api.objects == {}


def test_cut_connections_are_tried_again(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """A dry run may be sent any number of times."""
    api.faults.append(Fault("POST", "workflows", cut="before", times=3, dry=True))
    dry_run_manifest(cluster, make_manifest())
    assert len(api.calls("POST")) == 4


def test_cluster_that_is_not_there_is_told(
    api: KubernetesApi, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """The error names the address and what to look at."""
    cluster = connect("jobs", context="nowhere")
    with pytest.raises(
        ClusterError, match=r"API at http://127\.0\.0\.1:9 does not answer: .*refused"
    ) as caught:
        dry_run_manifest(cluster, make_manifest())
    assert caught.value.reason == "unreachable"
    assert "kubectl cluster-info" in str(caught.value.hint)


def test_server_that_is_no_https_server_is_told(
    api: KubernetesApi, tmp_path: Path, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """A connection that fails for its certificates or protocol says so."""
    write_kubeconfig(tmp_path / "kubeconfig", api.address.replace("http://", "https://"))
    with pytest.raises(ClusterError, match=r"does not answer: .*SSL"):
        dry_run_manifest(connect("jobs"), make_manifest())


def test_missing_kubeconfig_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None where KUBECONFIG says, and none in the home folder."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))
    with pytest.raises(ClusterError, match=r"there is no kubeconfig at '.*absent'") as caught:
        connect("jobs")
    assert "KUBECONFIG" in str(caught.value.hint)
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ClusterError, match=r"there is no kubeconfig at '~/\.kube/config'"):
        connect("jobs")


@pytest.mark.parametrize("text", ["a: [", "apiVersion: v1\nkind: Config\n", "- a\n", "", "contexts: 3\n"])
def test_broken_kubeconfig_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Text that is not a kubeconfig is one clear error."""
    (tmp_path / "kubeconfig").write_text(text)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    with pytest.raises(ClusterError, match="kubeconfig' cannot be used"):
        connect("jobs")


def test_context_is_that_of_the_kubeconfig_or_the_one_asked_for(
    api: KubernetesApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped context names the nearest; of several files in KUBECONFIG, some may be absent."""
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'absent'}:{tmp_path / 'kubeconfig'}")
    assert (connect("jobs").context, connect("jobs", context="nowhere").context) == ("kind-shop", "nowhere")
    with pytest.raises(ClusterError, match="has no context 'kind-shpo'") as caught:
        connect("jobs", context="kind-shpo")
    assert caught.value.hint == "Did you mean 'kind-shop'?"


def test_missing_client_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the Kubernetes client there is a hint what to install."""
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(ClusterError, match="needs the Kubernetes client") as caught:
        connect("jobs")
    assert caught.value.hint == "pip install 'kedro-matrix-ext[argo]'"

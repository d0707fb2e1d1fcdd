"""Manifests passed to a cluster by the real Kubernetes client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.argo.cluster.api_answers import refusal
from tests.argo.cluster.kubernetes_api import Fault, KubernetesApi

from kedro_matrix_ext.argo.cluster import client
from kedro_matrix_ext.argo.cluster.create import (
    create_manifest,
    dry_run_manifest,
    mark_submission,
    pin_image,
)
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.argo.cluster.client import Cluster

IMAGE = f"registry.example/shop@sha256:{'ab' * 32}"


def test_dry_run_stores_nothing_and_creation_stores_once(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """Both ask for strict validation; what is stored is the manifest and the label of the submission."""
    manifest = make_manifest()
    assert dry_run_manifest(cluster, manifest) is None
    assert api.objects == {}
    create_manifest(cluster, mark_submission(manifest))
    dry, wet = api.calls("POST")
    assert (dry.query["dryRun"], "dryRun" in wet.query) == ("All", False)
    assert dry.query["fieldValidation"] == wet.query["fieldValidation"] == "Strict"
    assert wet.authorization == "Bearer secret-of-ann"
    stored = api.workflow()
    assert stored["spec"] == manifest["spec"]
    assert set(stored["metadata"]["labels"]) - set(manifest["metadata"]["labels"]) == {
        "kedro-matrix-ext/submission"
    }


def test_unknown_field_is_refused_by_the_schema(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """The cluster names the field; nothing is stored."""
    if not api.schemas:
        pytest.skip("the public schemas of Argo's resources are not beside the project")
    manifest = make_manifest()
    manifest["spec"]["templates"][0]["colour"] = "red"
    with pytest.raises(ClusterError, match=r"does not admit .*: spec\.templates\[0\]\.colour: ") as caught:
        dry_run_manifest(cluster, manifest)
    assert caught.value.reason == "refused"
    wrong = make_manifest()
    wrong["spec"]["parallelism"] = "many"
    with pytest.raises(ClusterError, match=r"spec\.parallelism: Invalid value"):
        dry_run_manifest(cluster, wrong)
    assert api.objects == {}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "workflows", cut="after"),
        Fault("POST", "workflows", cut="after", times=3),
        Fault("POST", "workflows", cut="before", times=2),
        Fault("POST", "workflows", answer=refusal(503, "ServiceUnavailable", "apiserver is shutting down")),
        Fault("GET", "workflows", cut="before", times=2),
    ],
    ids=["stored, answer lost", "answer lost again and again", "not stored", "not up to it", "look-up cut"],
)
def test_lost_answer_makes_one_workflow(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]], fault: Fault
) -> None:
    """Whatever is cut, and when, there is one workflow in the end, of this submission."""
    api.faults += [Fault("POST", "workflows", cut="after"), fault]
    manifest = mark_submission(make_manifest())
    stored = create_manifest(cluster, manifest)
    assert list(api.objects) == [("workflows", manifest["metadata"]["name"])]
    assert stored["metadata"]["labels"] == manifest["metadata"]["labels"]


MISHAPS = st.builds(
    Fault,
    method=st.sampled_from(["POST", "GET"]),
    path=st.just("workflows"),
    answer=st.sampled_from([None, refusal(503, "ServiceUnavailable", "shutting down"), (500, "etcd")]),
    cut=st.sampled_from([None, "before", "after"]),
    times=st.integers(1, 5),
)


@given(mishaps=st.lists(MISHAPS, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mishap_makes_two_workflows_or_hides_one(
    api: KubernetesApi,
    cluster: Cluster,
    make_manifest: Callable[..., dict[str, Any]],
    mishaps: list[Fault],
) -> None:
    """Whatever goes wrong: success means that there is one, an error says that it is not known."""
    api.objects.clear()
    api.faults[:] = [replace(mishap) for mishap in mishaps]
    manifest, told = mark_submission(make_manifest()), ""
    try:
        create_manifest(cluster, manifest)
    except ClusterError as error:
        told = error.message
    expected = [("workflows", manifest["metadata"]["name"])]
    assert list(api.objects) == expected or ("it is not known whether" in told and not api.objects)
    assert not told or "it is not known whether" in told


def test_slow_answer_counts_as_a_lost_one(
    api: KubernetesApi,
    cluster: Cluster,
    make_manifest: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer that takes too long is not waited for; what was stored meanwhile is found."""
    monkeypatch.setattr(client, "_TIMEOUT", (5, 0.2))
    api.faults.append(Fault("POST", "workflows", delay=0.4))
    create_manifest(cluster, mark_submission(make_manifest()))
    assert len(api.objects) == 1


def test_what_cannot_be_known_is_said(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """Where neither the creation nor the look-up is answered, the error says so and how to find out."""
    api.faults += [
        Fault("POST", "workflows", cut="after"),
        Fault("GET", "workflows", cut="before", times=9),
    ]
    manifest = mark_submission(make_manifest(suffix="x7k2p9"))
    with pytest.raises(ClusterError, match="it is not known whether Workflow 'ds-x7k2p9' was") as caught:
        create_manifest(cluster, manifest)
    assert caught.value.hint == "Look before you submit again: kubectl get workflows -n jobs ds-x7k2p9"


def test_cluster_that_never_stores_is_given_up_on(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """After some attempts the error says that it is not known; there is nothing."""
    api.faults.append(Fault("POST", "workflows", cut="before", times=99))
    with pytest.raises(ClusterError, match="it is not known whether"):
        create_manifest(cluster, mark_submission(make_manifest()))
    assert (len(api.calls("POST")), api.objects) == (4, {})


def test_refusal_of_what_was_admitted_ends_the_creation(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """A quota reached meanwhile, say: it is not tried again, and nothing is there."""
    api.faults.append(Fault("POST", "workflows", answer=refusal(403, "Forbidden", "exceeded quota: objects")))
    with pytest.raises(ClusterError, match=r"does not admit .* exceeded quota"):
        create_manifest(cluster, mark_submission(make_manifest()))
    assert (len(api.calls("POST")), api.objects) == (1, {})


def test_name_that_is_taken_is_told(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """A workflow of that name of another submission is left alone, by dry run and creation alike."""
    manifest = make_manifest(suffix="x7k2p9")
    create_manifest(cluster, mark_submission(manifest))
    before = api.workflow()
    for attempt in (dry_run_manifest, create_manifest):
        with pytest.raises(ClusterError, match="name is taken: there is a workflow 'ds-x7k2p9'") as caught:
            attempt(cluster, mark_submission(manifest))
        assert caught.value.reason == "conflict"
    assert api.workflow() is before


def test_template_is_created_and_then_replaced(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """The second submission takes the place of the first; the answer may be lost both times."""
    api.faults += [
        Fault("POST", "workflowtemplates", cut="after"),
        Fault("PUT", "workflowtemplates", cut="after"),
    ]
    first = make_manifest(kind="WorkflowTemplate")
    assert dry_run_manifest(cluster, first) is None
    create_manifest(cluster, mark_submission(first))
    second = pin_image(make_manifest(kind="WorkflowTemplate"), IMAGE)
    assert dry_run_manifest(cluster, second) is not None
    create_manifest(cluster, mark_submission(second))
    stored = api.objects["workflowtemplates", "ds"]
    assert stored["spec"]["arguments"]["parameters"][0] == {"name": "image", "value": IMAGE}
    assert stored["metadata"]["resourceVersion"] == "2"


def test_schedule_that_is_suspended_stays_so(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """An update keeps what the cluster knows of a schedule: its status, and that someone suspended it."""
    manifest = make_manifest(kind="CronWorkflow", schedule="0 6 * * *")
    create_manifest(cluster, mark_submission(manifest))
    stored = api.objects["cronworkflows", "ds"]
    stored["spec"]["suspend"] = True
    stored["status"] = {"lastScheduledTime": "2030-01-31T06:00:00Z"}
    later = make_manifest(kind="CronWorkflow", schedule="0 7 * * *")
    dry_run_manifest(cluster, later)
    create_manifest(cluster, mark_submission(pin_image(later, IMAGE)))
    stored = api.objects["cronworkflows", "ds"]
    assert (stored["spec"]["schedules"], stored["spec"]["suspend"]) == (["0 7 * * *"], True)
    assert stored["status"] == {"lastScheduledTime": "2030-01-31T06:00:00Z"}
    assert stored["spec"]["workflowSpec"]["arguments"]["parameters"][0]["value"] == IMAGE


def test_template_of_someone_else_is_not_replaced(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """A template that we did not make keeps its name and content."""
    manifest = make_manifest(kind="WorkflowTemplate")
    create_manifest(cluster, mark_submission(manifest))
    api.objects["workflowtemplates", "ds"]["metadata"]["labels"] = {}
    for attempt in (dry_run_manifest, create_manifest):
        with pytest.raises(
            ClusterError, match=r"WorkflowTemplate 'ds' .* that kedro-matrix-ext did not make"
        ):
            attempt(cluster, mark_submission(manifest))
    assert api.calls("PUT") == []


def test_template_changed_by_another_meanwhile_is_looked_at_again(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """A conflict of versions is not the end: the newer version is replaced."""
    manifest = make_manifest(kind="WorkflowTemplate")
    create_manifest(cluster, mark_submission(manifest))
    api.faults.append(Fault("PUT", "ds", answer=refusal(409, "Conflict", "the object has been modified")))
    create_manifest(cluster, mark_submission(manifest))
    assert len(api.calls("PUT")) == 2
    assert api.objects["workflowtemplates", "ds"]["metadata"]["resourceVersion"] == "2"


PAGE = "<html><body>Please log in</body></html>"
ANSWERS: list[Any] = [
    PAGE,
    "",
    "null",
    "[]",
    "5",
    "{}",
    {"kind": "Workflow"},
    {"kind": "Workflow", "metadata": None},
    {"kind": "Workflow", "metadata": {"name": "another"}},
    {"kind": "WorkflowTemplate", "metadata": {"name": "shop-abc123"}},
    {"kind": "Status", "status": "Success", "metadata": {}},
    {"login": True},
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(("status", "dry"), [(200, True), (201, True), (200, False), (201, False)])
def test_another_answer_without_an_error_is_no_submission(  # noqa: PLR0913  a table's columns
    api: KubernetesApi,
    cluster: Cluster,
    make_manifest: Callable[..., dict[str, Any]],
    *,
    answer: Any,
    status: int,
    dry: bool,
) -> None:
    """A login page, another object, another name: only what was sent counts as submitted."""
    api.faults.append(Fault("POST", "workflows", answer=(status, answer), times=99, dry=dry))
    manifest = mark_submission(make_manifest())
    with pytest.raises(ClusterError, match=r"does not answer with the Workflow|not known whether"):
        (dry_run_manifest if dry else create_manifest)(cluster, manifest)
    assert api.objects == {}


@pytest.mark.parametrize("answer", [PAGE, "null", {"items": None}, {"items": [1]}, {"login": True}])
def test_another_answer_to_a_question_is_an_error(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]], answer: Any
) -> None:
    """Neither a traceback nor an empty list."""
    api.faults.append(Fault("GET", ".", answer=(200, answer), times=99))
    with pytest.raises(ClusterError, match="does not answer with"):
        cluster.select("Workflow", "a=b")
    with pytest.raises(ClusterError, match="does not answer with"):
        cluster.get("Workflow", "shop")
    with pytest.raises(ClusterError, match="does not answer with"):
        cluster.list_pods("a=b", phase="Pending")


def test_an_object_of_another_submission_does_not_count(
    api: KubernetesApi, cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]
) -> None:
    """A cache that answers with the workflow of an earlier submission."""
    manifest = mark_submission(make_manifest())
    other = mark_submission(manifest)
    api.faults.append(Fault("POST", "workflows", answer=(201, other), times=99))
    with pytest.raises(ClusterError, match="another Workflow of this name"):
        create_manifest(cluster, manifest)

"""Waiting for workflows: progress, pods that do not start, failures, a cluster that goes silent."""

from __future__ import annotations

import base64
import gzip
import json
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.cluster.api_answers import fail_attempts, forbidden, make_status
from tests.argo.cluster.kubernetes_api import Fault, KubernetesApi

from kedro_matrix_ext.argo.cluster.create import create_manifest, mark_submission
from kedro_matrix_ext.argo.cluster.status import TaskFailure, list_task_names, read_progress
from kedro_matrix_ext.argo.cluster.submission_record import read_image
from kedro_matrix_ext.argo.cluster.wait import WaitTimeouts, wait_for_workflow
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.argo.cluster.client import Cluster

HURRY = WaitTimeouts(poll=0.0, unscheduled=60.0)
AT_ONCE = WaitTimeouts(poll=0.0, unscheduled=0.0)
NO_MACHINE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/3 nodes are available: 3 Insufficient memory.",
}


NO_MORE = "retryStrategy.expression evaluated to false"


def _pod(name: str, **status: Any) -> dict[str, Any]:
    annotations = {"workflows.argoproj.io/node-name": f"ds-x7k2p9.{name}"}
    pod = f"pod-{name}".replace("(", "-").replace(")", "")
    return {"metadata": {"name": pod, "annotations": annotations}, "status": status}


@pytest.fixture
def name(cluster: Cluster, make_manifest: Callable[..., dict[str, Any]]) -> str:
    """A workflow that is there, no controller having looked at it."""
    create_manifest(cluster, mark_submission(make_manifest(suffix="x7k2p9")))
    return "ds-x7k2p9"


def test_progress_is_told_as_tasks_done_of_all(api: KubernetesApi, cluster: Cluster, name: str) -> None:
    """A line for each change, none for a look that shows nothing new; the end is the last."""
    api.statuses[name] = deque(
        [
            {},
            make_status("Running", running=("load",)),
            make_status("Running", running=("load",)),
            make_status("Running", succeeded=("load",), running=("clean", "report")),
            make_status("Succeeded", succeeded=("load", "clean", "train", "report")),
        ]
    )
    lines: list[str] = []
    progress = wait_for_workflow(cluster, name, tell=lines.append, timeouts=HURRY)
    assert lines == [
        "waiting for Argo's controller to take it up",
        "0 of 4 tasks done, 1 running",
        "1 of 4 tasks done, 2 running",
        "4 of 4 tasks done, 0 running",
    ]
    assert (progress.phase, progress.finished) == ("Succeeded", True)


def test_failure_names_tasks_and_what_argo_says(api: KubernetesApi, cluster: Cluster, name: str) -> None:
    """And how to go on."""
    api.end(name, ("load",), {"clean": "Error (exit code 1)", "report": "OOMKilled (exit code 137)"})
    message = r"ended as Failed: clean: Error \(exit code 1\); report: OOMKilled \(exit code 137\)"
    with pytest.raises(ClusterError, match=message) as caught:
        wait_for_workflow(cluster, name, tell=print, timeouts=HURRY)
    assert "kedro argo resubmit --workflow-name ds-x7k2p9" in str(caught.value.hint)
    api.workflow()["status"] = make_status("Error", message="invalid spec: no such template")
    with pytest.raises(ClusterError, match="ended as Error: invalid spec: no such template"):
        wait_for_workflow(cluster, name, tell=print, timeouts=HURRY)
    api.workflow()["status"] = make_status("Failed", failed={f"t{n}": "" for n in range(3)})
    with pytest.raises(ClusterError, match="ended as Failed: Argo does not say why"):
        wait_for_workflow(cluster, name, tell=print, timeouts=HURRY)


def test_pods_that_cannot_start_are_told_with_the_reason(
    api: KubernetesApi, cluster: Cluster, name: str
) -> None:
    """No machine, no image, no secret: once each, by task; what merely waits is not reported."""
    pulling = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling"}}}
    creating = {"state": {"waiting": {"reason": "ContainerCreating"}}}
    api.pods = [
        _pod("train", conditions=[NO_MACHINE]),
        _pod("clean", containerStatuses=[pulling]),
        _pod("load", containerStatuses=[creating], conditions=[{"type": "PodScheduled", "status": "True"}]),
    ]
    running = make_status("Running", running=("load",))
    api.statuses[name] = deque([running, running, make_status("Succeeded", succeeded=("load",))])
    lines: list[str] = []
    wait_for_workflow(cluster, name, tell=lines.append, timeouts=HURRY)
    assert lines[1:3] == [
        "  train cannot start: no machine takes it: 0/3 nodes are available: 3 Insufficient memory.",
        "  clean cannot start: ImagePullBackOff: Back-off pulling",
    ]
    assert len(lines) == 4


def test_workflow_that_stays_unscheduled_is_given_up_on(
    api: KubernetesApi, cluster: Cluster, name: str
) -> None:
    """Pods without a machine while nothing runs, or no controller at all; the error has the reason."""
    api.statuses[name] = deque([make_status("Running")])
    api.pods = [_pod("train", conditions=[NO_MACHINE])]
    with pytest.raises(
        ClusterError, match="makes no progress for 0 s: train cannot start: no mach"
    ) as caught:
        wait_for_workflow(cluster, name, tell=print, timeouts=AT_ONCE)
    assert caught.value.reason == "unscheduled"
    assert "kubectl delete workflow -n jobs ds-x7k2p9" in str(caught.value.hint)
    api.statuses[name] = deque([{}])
    with pytest.raises(ClusterError, match="Argo's controller does not take it up"):
        wait_for_workflow(cluster, name, tell=print, timeouts=AT_ONCE)


def test_pod_without_a_machine_is_put_up_with_while_others_run(
    api: KubernetesApi, cluster: Cluster, name: str
) -> None:
    """A full cluster is not a failure: other tasks make room."""
    api.pods = [_pod("train", conditions=[NO_MACHINE])]
    running = make_status("Running", running=("load",))
    api.statuses[name] = deque([running, running, make_status("Succeeded", succeeded=("load",))])
    assert wait_for_workflow(cluster, name, tell=print, timeouts=AT_ONCE).phase == "Succeeded"


def test_cluster_that_is_silent_for_a_while_is_waited_for(
    api: KubernetesApi, cluster: Cluster, name: str
) -> None:
    """Cut connections are reported and tried again; only a long silence ends the waiting."""
    api.faults.append(Fault("GET", "workflows/", cut="before", times=6))
    api.statuses[name] = deque([make_status("Succeeded", succeeded=("load", "clean", "train", "report"))])
    lines: list[str] = []
    wait_for_workflow(cluster, name, tell=lines.append, timeouts=HURRY)
    assert "does not answer" in lines[0]
    assert lines[-1] == "4 of 4 tasks done, 0 running"
    api.faults.append(Fault("GET", "workflows/", cut="before", times=6))
    with pytest.raises(ClusterError, match=r"makes no progress .* does not answer") as caught:
        wait_for_workflow(cluster, name, tell=lines.append, timeouts=AT_ONCE)
    assert "goes on without us" in str(caught.value.hint)


def test_workflow_that_is_deleted_ends_the_waiting(cluster: Cluster, api: KubernetesApi, name: str) -> None:
    """There is nothing to wait for."""
    api.objects.clear()
    with pytest.raises(ClusterError, match="there is no workflow 'ds-x7k2p9'"):
        wait_for_workflow(cluster, name, tell=print, timeouts=HURRY)


def test_missing_right_to_see_pods_does_not_end_the_waiting(
    api: KubernetesApi, cluster: Cluster, name: str
) -> None:
    """Progress is reported all the same; any other refusal counts."""
    api.faults.append(Fault("GET", "pods", answer=forbidden("list", "pods")))
    api.statuses[name] = deque([make_status("Running"), make_status("Succeeded")])
    assert wait_for_workflow(cluster, name, tell=print, timeouts=HURRY).phase == "Succeeded"
    api.faults.append(Fault("GET", "workflows/", answer=forbidden("get", "workflows")))
    with pytest.raises(ClusterError, match="you are not allowed to get workflows"):
        wait_for_workflow(cluster, name, tell=print, timeouts=HURRY)


def test_workflow_that_is_held_back_says_why(make_manifest: Callable[..., dict[str, Any]]) -> None:
    """Too many workflows, a mutex: Argo's message is next to the count."""
    held = make_status("Pending", message="too many workflows are already running")
    assert str(read_progress({**make_manifest(), "status": held})) == (
        "0 of 4 tasks done, 0 running; too many workflows are already running"
    )


def test_workflow_made_from_a_template_has_its_tasks(make_manifest: Callable[..., dict[str, Any]]) -> None:
    """Its own specification only refers to the template; Argo stores that in its status."""
    template = make_manifest(kind="WorkflowTemplate")
    status = {**make_status("Running", running=("load",)), "storedWorkflowTemplateSpec": template["spec"]}
    stored = {"metadata": {}, "spec": {"workflowTemplateRef": {"name": "ds"}}, "status": status}
    assert str(read_progress(stored)) == "0 of 4 tasks done, 1 running"
    assert read_image(stored) == "registry.example/shop:v1"


def test_compressed_and_offloaded_status_is_read(make_manifest: Callable[..., dict[str, Any]]) -> None:
    """Argo compresses a long status; where it keeps it elsewhere, its own count is all there is."""
    manifest = make_manifest()
    status = make_status("Running", succeeded=("load",), running=("clean",))
    nodes = base64.b64encode(gzip.compress(json.dumps(status.pop("nodes")).encode())).decode()
    assert str(read_progress({**manifest, "status": {**status, "compressedNodes": nodes}})) == (
        "1 of 4 tasks done, 1 running"
    )
    away = read_progress({**manifest, "status": {**status, "offloadNodeStatusVersion": "fnv:1"}})
    assert (away.known, str(away)) == (False, "1/2 pods done, of 4 tasks")


LEAK = "OperationalError: postgresql://me:hunter2-hunter2@db.example/x?password=hunter2-hunter2"


def test_failure_of_a_retried_task_is_that_of_its_last_attempt(
    api: KubernetesApi, cluster: Cluster, name: str
) -> None:
    """Its number, exit status and last lines are shown; Argo's own message is why there is no next one."""
    nodes = fail_attempts(name, "clean", codes=(143, *[75] * 9, 1), verdict=NO_MORE)
    api.statuses[name] = deque([{"phase": "Failed", "nodes": nodes}])
    api.pods = [_pod(f"clean({number})", phase="Failed") for number in range(11)]
    api.logs = {f"pod-clean-{number}": f"of {number}" for number in range(11)}
    api.logs["pod-clean-10"] = "\n".join(
        ["start", *["..."] * 20, LEAK, "\x1b[31mKeyError: 'cars'\x1b[0m", ""]
    )
    lines: list[str] = []
    with pytest.raises(ClusterError) as caught:
        wait_for_workflow(cluster, name, tell=lines.append, timeouts=HURRY)
    assert "clean, attempt 11: main: Error (exit code 1)" in caught.value.message
    assert NO_MORE in caught.value.message
    assert lines[0] == "0 of 4 tasks done, 0 running, 1 failed"
    assert lines[-1].strip() == "KeyError: 'cars'"
    assert "start" not in "".join(lines)
    assert "of 9" not in "".join(lines)
    assert "postgresql://" in "".join(lines)
    assert "hunter2-hunter2" not in "".join(lines)


def test_lines_that_cannot_be_read_are_said_to_be_missing(
    api: KubernetesApi, cluster: Cluster, name: str
) -> None:
    """Pods that are deleted, or a role without logs; the cause that Argo knows is shown all the same."""
    nodes = fail_attempts(name, "clean", codes=(1,), verdict=NO_MORE)
    api.statuses[name] = deque([{"phase": "Failed", "nodes": nodes}])
    for pods, faults, said in [
        ([], [], "its pod is deleted"),
        ([_pod("clean(0)")], [Fault("GET", "/log", answer=forbidden("get", "pods/log"))], "get pods/log"),
        ([], [Fault("GET", "pods", answer=forbidden("list", "pods"))], "list pods"),
    ]:
        api.pods, api.faults = pods, faults
        lines: list[str] = []
        with pytest.raises(ClusterError, match="attempt 1: main: Error"):
            wait_for_workflow(cluster, name, tell=lines.append, timeouts=HURRY)
        assert said in lines[-1]


def test_exit_status_is_shown_where_the_message_lacks_it() -> None:
    """Argo's message of a pod that Kubernetes ended has no exit status."""
    assert str(TaskFailure(name="a", message="pod deleted", exit_code="137")) == (
        "a: pod deleted; exit code 137"
    )
    assert str(TaskFailure(name="a")) == "a"


def test_retried_task_is_one_task(make_manifest: Callable[..., dict[str, Any]]) -> None:
    """Attempts are separate nodes below the node of their task."""
    nodes = {
        "1": {"displayName": "load", "type": "Retry", "phase": "Running"},
        "2": {"displayName": "load(0)", "type": "Pod", "phase": "Failed"},
        "3": {"displayName": "load(1)", "type": "Pod", "phase": "Running"},
    }
    progress = read_progress({**make_manifest(), "status": {"phase": "Running", "nodes": nodes}})
    assert (set(progress.running), progress.failures) == ({"load"}, ())


def test_tasks_are_those_that_run_nodes(
    make_plan: Callable[..., Any], make_config: Callable[..., Any]
) -> None:
    """Those of nested DAGs too, but neither the DAGs nor init templates."""
    from kedro_matrix_ext.argo import build_manifest

    plan = make_plan({f"t-{number}": [] for number in range(250)})
    manifest = build_manifest(plan, config=make_config(mlflow=True))
    assert set(list_task_names(manifest)) == {f"t-{number}" for number in range(250)}

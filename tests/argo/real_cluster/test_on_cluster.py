"""The example and some hard cases on the cluster that KUBECONFIG names: `nox -s cluster` asks for it.

These tests were written without a cluster at hand, and have not run yet: the weekly job, which makes one with
kind, is to run them first. `test_stand_in.py` tests what they are made of.
"""

from __future__ import annotations

import re
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.real_cluster.comparison import list_differences, list_metrics, read_results
from tests.argo.real_cluster.project import CAUSE, HOSTILE_NAMES, NESTED
from tests.waiting import wait_until

from kedro_matrix_ext.argo.cluster.client import connect

if TYPE_CHECKING:
    from tests.argo.real_cluster.conftest import Flights

pytestmark = [pytest.mark.project, pytest.mark.long]

CHEAP = ("--to-outputs", "price_predictor.candidate1.metrics")


def read_total(flights: Flights, prefix: str, case: str) -> Any:
    """Read the number that the last task of a case stored."""
    return read_results(flights.client, flights.target.bucket, prefix)[f"spaceflights/totals/{case}.json"]


@pytest.mark.parametrize("group_by", ["node", "memory", "namespace"])
def test_the_example_gives_the_results_of_a_local_run(flights: Flights, group_by: str) -> None:
    """The same files, numbers and metrics in MLflow, where the workflow is one finished run."""
    local, cluster = flights.fill(f"{group_by}-local"), flights.fill(f"{group_by}-cluster")
    flights.run(local, *CHEAP)
    submitted = flights.submit(cluster, *CHEAP, "--group-by", group_by)
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    wanted, found = (
        read_results(flights.client, flights.target.bucket, prefix) for prefix in (local, cluster)
    )
    assert any(name.endswith("metrics.json") for name in wanted)
    assert list_differences(wanted, found) == []
    if flights.target.mlflow:
        ((status, expected),) = list_metrics(flights.target.mlflow, local)
        ((_, metrics),) = list_metrics(flights.target.mlflow, cluster)
        assert (status, bool(expected)) == ("FINISHED", True)
        assert list_differences(expected, metrics) == []


def test_the_cause_of_a_failure_is_shown_after_all_attempts(flights: Flights) -> None:
    """Not the verdict of the retry strategy, but the last attempt, its exit status and the node's error."""
    retries = {"preset": "none", "limit": 1, "expression": "lastRetry.exitCode == '1'"}
    failed = flights.submit(flights.fill("failing"), "--pipeline", "failing", retries=retries)
    assert failed.returncode == 1, failed.stdout
    shown = failed.stdout + failed.stderr
    assert re.search(r"fail, attempt 2: .*exit code 1", shown), shown
    assert f"ValueError: {CAUSE}" in shown
    assert "Traceback (most recent call last)" not in failed.stdout


def test_a_terminated_workflow_closes_its_mlflow_run(flights: Flights) -> None:
    """Argo runs no exit handler then; whoever waits closes the run."""
    prefix = flights.fill("sleeping")
    threading.Thread(target=_terminate_when_running, args=(flights,), daemon=True).start()
    ended = flights.submit(prefix, "--pipeline", "sleeping", "--workflow-name", flights.session)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    if flights.target.mlflow:
        assert [status for status, _ in list_metrics(flights.target.mlflow, prefix)] == ["FAILED"]


def _terminate_when_running(flights: Flights) -> None:
    """Do what `argo terminate` does, as soon as a task runs."""
    wait_until(lambda: bool(_list_running(flights)), what="the task runs")
    shutdown = ["--type=merge", "--patch", '{"spec": {"shutdown": "Terminate"}}']
    for name in _list_running(flights):
        command = ["kubectl", "patch", "workflow", name, "--namespace", flights.target.namespace, *shutdown]
        subprocess.run(command, check=True, capture_output=True)


def _list_running(flights: Flights) -> set[str]:
    """List the workflows of this session that are named after it and have a running pod."""
    label = "workflows.argoproj.io/workflow"
    pods = connect(flights.target.namespace).list_pods(label, phase="Running")
    names = {pod["metadata"]["labels"][label] for pod in pods}
    return {name for name in names if name.startswith(flights.session)}


def test_hostile_names_of_nodes_run(flights: Flights) -> None:
    """Each node runs, however its name must be changed for Argo and YAML."""
    prefix = flights.fill("hostile")
    submitted = flights.submit(prefix, "--pipeline", "hostile")
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    assert read_total(flights, prefix, "hostile") == len(HOSTILE_NAMES)


def test_more_tasks_than_a_dag_may_have_run_nested(flights: Flights) -> None:
    """All of them run before the one that needs them."""
    prefix = flights.fill("nested")
    submitted = flights.submit(prefix, "--pipeline", "nested", parallelism=8)
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    assert read_total(flights, prefix, "nested") == NESTED

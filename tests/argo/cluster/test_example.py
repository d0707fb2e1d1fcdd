"""The example project on its way to the cluster: the commands themselves, as a user types them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.argo.cluster.api_answers import make_status
from tests.argo.image_tools import DIGEST, commit

from kedro_matrix_ext.argo.cluster.status import list_task_names
from kedro_matrix_ext.argo.cluster.submission_record import read_run_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.argo.cluster.kubernetes_api import KubernetesApi
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

ARGO_YML = {
    "namespace": "jobs",
    "deployment": {"image": "registry.example/flights", "tag": "${ka.random:}"},
    "machine_types": {"default": {"mem": 4, "cpu": 1}},
    "server_url": "https://argo.example.com",
}


def fail_the_last(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """Have the last task of a workflow fail, unless it is alone."""
    *first, last = list_task_names(workflow)
    if not first:
        return [make_status("Succeeded", succeeded=(last,))]
    failed = {last: "OOMKilled (exit code 137)"}
    done = tuple(first)
    return [make_status("Running", running=done), make_status("Failed", succeeded=done, failed=failed)]


def test_the_example_is_submitted_fails_and_is_gone_on_with(
    api: KubernetesApi,
    copy_example: Callable[[str], KedroProject],
    install_tool: Callable[..., None],
    git_project: Path,
    tool_log: Callable[[], list[list[str]]],
) -> None:
    """Submitted with its image by digest and its commit; then the failed task alone, as the same run."""
    project = copy_example("spaceflights")
    project.write("conf/cloud/argo.yml", yaml.safe_dump(ARGO_YML))
    project.write("Dockerfile", "FROM scratch\n")
    head = commit(project.path)
    install_tool("docker")
    api.play = fail_the_last
    words = ["--yes", "--wait", "--timeout", "1s"]
    path = os.pathsep.join([os.environ["PATH"], "/usr/bin", "/bin"])
    environment = {"MLFLOW_TRACKING_URI": "https://mlflow.example.com", "PATH": path}

    submitted = project.kedro(
        *["argo", "submit", "--group-by", "namespace", "--params", "seed=3", *words],
        env=environment,
        check=False,
    )
    assert (submitted.returncode, len(api.objects)) == (1, 1), submitted.stderr
    first = api.workflow()
    name, labels = first["metadata"]["name"], first["metadata"]["labels"]
    tasks = list_task_names(first)
    assert f"submitted Workflow {name}\n  follow: argo watch -n jobs {name}\n" in submitted.stdout
    assert submitted.stdout.endswith("\n1 of 2 tasks done, 0 running, 1 failed\n")
    assert f"ended as Failed: {tasks[-1]}: OOMKilled (exit code 137)" in submitted.stderr
    assert "Traceback" not in submitted.stderr
    assert labels["kedro-matrix-ext/commit"] == head
    image = {each["name"]: each["value"] for each in first["spec"]["arguments"]["parameters"]}["image"]
    assert image == f"registry.example/flights@{DIGEST}"
    assert f"registry.example/flights:{name.rpartition('-')[2]}" in tool_log()[2]

    resubmitted = project.kedro("argo", "resubmit", "--from-failed", *words, env=environment)
    (second,) = (workflow for (_, other), workflow in api.objects.items() if other != name)
    assert f"{second['metadata']['name']} succeeded\n" in resubmitted.stdout
    assert list_task_names(second) == tasks[-1:]
    parameters = {each["name"]: each["value"] for each in second["spec"]["arguments"]["parameters"]}
    assert parameters == {"image": image, "run-id": read_run_id(first)}
    assert '"seed": 3' in str(second["spec"]["templates"])

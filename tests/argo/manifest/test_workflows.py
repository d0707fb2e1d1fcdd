"""The workflow around the tasks: rights, settings, kinds, run id, the same for the same input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, build_manifest
from kedro_matrix_ext.argo.manifest import decode_parameters
from kedro_matrix_ext.errors import ResolverError

if TYPE_CHECKING:
    from collections.abc import Callable

GPU = ArgoResourceConfig(num_gpus=1)


def test_hardening_takes_rights_from_tasks(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """On where the file says so, off where not mentioned; without a user, it is the image's own."""
    plain = build_manifest(make_plan({"a": []}), config=make_config())
    assert "securityContext" not in find_template(plain, "kedro")["container"]
    assert "automountServiceAccountToken" not in plain["spec"]

    hard = build_manifest(make_plan({"a": []}), config=make_config(hardening=True))
    admit(hard)
    leaf = find_template(hard, "kedro")
    assert leaf["container"]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert leaf["securityContext"]["runAsNonRoot"]
    assert hard["spec"]["automountServiceAccountToken"] is False
    assert hard["spec"]["executor"] == {"serviceAccountName": "argo-executor"}

    own_user = build_manifest(make_plan({"a": []}), config=make_config(hardening={"run_as_user": None}))
    leaf = find_template(own_user, "kedro")
    assert "runAsUser" not in leaf["container"]["securityContext"]
    assert "runAsNonRoot" not in leaf["securityContext"]


def test_settings_of_the_workflow_stand_where_argo_takes_them(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """Retries and task deadlines are on leaves, as strings; the rest is on the workflow."""
    config = make_config(
        service_account="runner",
        parallelism=5,
        retries={"preset": "spot", "policy": "OnFailure", "backoff": {"max_duration": "1h"}},
        deadlines={"workflow": "12h", "task": "2h"},
        pod_gc={"strategy": "OnPodSuccess", "delay": "10m"},
        ttl={"after_success": "1d", "after_failure": "7d"},
        tolerations=[{"key": "spot", "value": "true", "effect": "NoExecute", "seconds": 60}],
        image_pull_secrets=["registry"],
        labels={"team": "pricing"},
        annotations={"note": "any text"},
        archive_logs=True,
    )
    manifest = build_manifest(make_plan({"a": []}, resources=GPU), config=config, labels={"commit": "abc"})
    admit(manifest)
    leaf = find_template(manifest, "kedro")
    assert leaf["activeDeadlineSeconds"] == "7200"
    assert leaf["retryStrategy"]["limit"] == "3"
    assert leaf["retryStrategy"]["backoff"] == {"duration": "60s", "factor": "2", "maxDuration": "3600s"}
    assert [toleration["key"] for toleration in leaf["tolerations"]] == ["spot", "nvidia.com/gpu"]
    spec = manifest["spec"]
    assert (spec["serviceAccountName"], spec["parallelism"]) == ("runner", 5)
    assert spec["activeDeadlineSeconds"] == 12 * 3600
    assert spec["podGC"] == {"strategy": "OnPodSuccess", "deleteDelayDuration": "600s"}
    assert spec["ttlStrategy"] == {"secondsAfterSuccess": 86400, "secondsAfterFailure": 7 * 86400}
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert spec["tolerations"][0]["tolerationSeconds"] == 60
    assert spec["podMetadata"]["labels"]["team"] == manifest["metadata"]["labels"]["team"] == "pricing"
    assert manifest["metadata"]["labels"]["commit"] == "abc"
    assert manifest["metadata"]["annotations"]["note"] == "any text"


def test_templates_and_schedules_hold_the_same_workflow(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any
) -> None:
    """A WorkflowTemplate and a CronWorkflow have a fixed name and the labels of what they make."""
    plan, config = (
        make_plan({"a": [], "b": ["a"]}),
        make_config(schedule={"cron": "@daily", "timezone": "UTC"}),
    )
    run = "2030-01-31T12.00.00.000Z"  # else made of the name
    workflow = build_manifest(plan, config=config, suffix="abc123", run_id=run)
    template = build_manifest(plan, config=config, kind="WorkflowTemplate", workflow_name="daily", run_id=run)
    cron = build_manifest(plan, config=config, kind="CronWorkflow", schedule="0 6 * * 1-5", run_id=run)
    for manifest in (workflow, template, cron):
        admit(manifest)
    assert [manifest["metadata"]["name"] for manifest in (workflow, template, cron)] == [
        "default-abc123",
        "daily",
        "default",
    ]
    assert template["spec"]["workflowMetadata"]["labels"] == template["metadata"]["labels"]
    assert {key: value for key, value in template["spec"].items() if key != "workflowMetadata"} == workflow[
        "spec"
    ]
    assert cron["spec"]["workflowSpec"] == workflow["spec"]
    assert (cron["spec"]["schedules"], cron["spec"]["timezone"]) == (["0 6 * * 1-5"], "UTC")
    assert build_manifest(plan, config=config, kind="CronWorkflow")["spec"]["schedules"] == ["@daily"]
    assert config.schedule is not None
    own = build_manifest(plan, config=make_config(), kind="CronWorkflow", schedule=config.schedule)
    assert own["spec"]["schedules"] == ["@daily"]


def test_the_run_id_and_parameters_given_at_submit(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    find_template: Any,
    read_environment: Any,
) -> None:
    """The run id is a workflow parameter, the creation time by default; parameters are one safe variable."""
    params = {"a": {"b": ["{{x}}", "$(HOME)", "ü\n", {"c": {}}]}, "d": None}
    plan = make_plan({"a": []})
    manifest = build_manifest(plan, config=make_config(), params=params, conf_source="s3://conf")
    admit(manifest)
    given = {
        parameter["name"]: parameter["value"] for parameter in manifest["spec"]["arguments"]["parameters"]
    }
    assert given["image"] == "registry.example/shop:v1"
    assert given["run-id"].startswith("{{workflow.creationTimestamp.Y}}-")
    assert "workflow.uid" in given["run-id"]
    leaf = find_template(manifest, "kedro")
    encoded = read_environment(leaf)["KEDRO_MATRIX_PARAMS"]
    assert decode_parameters(encoded) == params
    assert not any(sign in encoded for sign in ("{{", "}}", "$"))
    assert leaf["container"]["args"][-2:] == ["--conf-source", "s3://conf"]
    fixed = build_manifest(plan, config=make_config(), run_id="2030-01-01T00.00.00.000Z", image="i@sha256:0")
    assert [parameter["value"] for parameter in fixed["spec"]["arguments"]["parameters"]] == [
        "i@sha256:0",
        "2030-01-01T00.00.00.000Z",
    ]
    with pytest.raises(ResolverError, match="'nightly' is not in the format of Kedro's versions"):
        build_manifest(plan, config=make_config(), run_id="nightly")


def test_the_same_input_gives_the_same_manifest(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig]
) -> None:
    """Byte for byte, except the random suffix of the name, and the run id that contains it."""
    plan, config = make_plan({f"t{n}": [f"t{n - 1}"] if n else [] for n in range(450)}), make_config()
    first, second = (build_manifest(plan, config=config) for _ in range(2))
    assert first["metadata"].pop("name") != second["metadata"].pop("name")
    for manifest in (first, second):
        assert manifest["spec"]["arguments"]["parameters"].pop()["name"] == "run-id"
    assert json.dumps(first) == json.dumps(second)

"""Fields of Argo and Kubernetes in ``argo.yml`` that are passed through as written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoResourceConfig, build_manifest
from kedro_matrix_ext.argo.configuration.loading import parse_argo_config
from kedro_matrix_ext.argo.rehearsal import LocalEnvironment, prepare_rehearsal
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kedro_matrix_ext.argo import ArgoConfig, Plan

SPOT_LABEL = "cloud.google.com/gke-spot"
WORKFLOW: dict[str, Any] = {
    "arguments": {"parameters": [{"name": "team", "value": "research", "enum": ["research", "ops"]}]},
    "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}},
    "priority": 7,
    "podMetadata": {"annotations": {"team": "{{workflow.parameters.team}}"}, "labels": {"tier": "batch"}},
    "metrics": {"prometheus": [{"name": "runs", "help": "Runs", "counter": {"value": "1"}}]},
    "hooks": {"running": {"expression": 'workflow.status == "Running"', "template": "notify"}},
    "volumes": [{"name": "shared", "persistentVolumeClaim": {"claimName": "shared"}}],
    "synchronization": {"mutexes": [{"name": "nightly"}]},
}
POD: dict[str, Any] = {
    "affinity": {
        "nodeAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": 50,
                    "preference": {
                        "matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]
                    },
                }
            ]
        }
    },
    "serviceAccountName": "tasks",
    "terminationGracePeriodSeconds": 120,
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
    ],
    "tolerations": [{"key": "batch", "operator": "Exists"}],
    "initContainers": [{"name": "wait-for-proxy", "image": "busybox", "command": ["true"]}],
    "volumes": [{"name": "ca", "configMap": {"name": "ca"}}],
    "metadata": {"labels": {"cost-center": "r1"}, "annotations": {"nodes": "{{inputs.parameters.nodes}}"}},
    "containers": [
        {
            "name": "main",
            "volumeMounts": [{"name": "ca", "mountPath": "/ca", "subPath": "ca.pem"}],
            "envFrom": [{"configMapRef": {"name": "proxy"}}],
        }
    ],
}


@pytest.fixture
def render(
    make_config: Callable[..., ArgoConfig],
    make_plan: Callable[..., Plan],
    admit: Callable[[dict[str, Any]], None],
) -> Callable[..., dict[str, Any]]:
    """Make the manifest of two tasks that the cluster admits: ``render(pod={...})``."""

    def make(plan: Plan | None = None, **sections: Any) -> dict[str, Any]:
        manifest = build_manifest(
            plan or make_plan({"a": [], "b": ["a"]}), config=make_config(**sections), suffix="x"
        )
        admit(manifest)
        return manifest

    return make


def test_fields_of_the_workflow_are_merged(render: Callable[..., dict[str, Any]]) -> None:
    """Parameters are added to ours, labels to the generated ones, and the rest is as written."""
    notify = {"name": "notify", "container": {"image": "curl", "command": ["true"]}}
    for kind in ("Workflow", "WorkflowTemplate"):
        manifest = render(
            workflow=WORKFLOW, template={"templates": [notify], "exit_template": "notify"}, labels={"k": kind}
        )
        spec = manifest["spec"]
        assert [one["name"] for one in spec["arguments"]["parameters"]] == ["image", "run-id", "team"]
        assert spec["podMetadata"]["labels"]["tier"] == "batch"
        assert spec["podMetadata"]["labels"]["k"] == kind
        for name in ("affinity", "priority", "metrics", "hooks", "volumes", "synchronization"):
            assert spec[name] == WORKFLOW[name]


def test_fields_of_pods_are_merged_for_all_tasks(
    render: Callable[..., dict[str, Any]], find_template: Callable[..., dict[str, Any]]
) -> None:
    """Into the template where Argo has the field, into the main container, and else into a static patch."""
    manifest = render(pod=POD, tolerations=[{"key": "own"}])
    template = find_template(manifest, "kedro")
    assert template["affinity"] == POD["affinity"]
    assert [one["key"] for one in template["tolerations"]] == ["own", "batch"]
    assert template["metadata"] == POD["metadata"]
    assert {one["name"] for one in template["volumes"]} == {"kedro-scratch", "ca"}
    assert template["container"]["envFrom"] == POD["containers"][0]["envFrom"]
    assert POD["containers"][0]["volumeMounts"][0] in template["container"]["volumeMounts"]
    assert json.loads(template["podSpecPatch"]) == {
        "terminationGracePeriodSeconds": 120,
        "topologySpreadConstraints": POD["topologySpreadConstraints"],
    }


def test_a_rule_is_more_specific_than_a_template_and_the_file(
    make_config: Callable[..., ArgoConfig],
    make_plan: Callable[..., Plan],
    admit: Callable[[dict[str, Any]], None],
) -> None:
    """File < template < rule, field by field."""
    grace = "terminationGracePeriodSeconds"
    own = {
        "name": "own",
        "container": {"command": ["true"]},
        "pod": {grace: 2, "priorityClassName": "template", "metadata": {"labels": {"b": "template"}}},
    }
    config = make_config(
        pod={grace: 1, "schedulerName": "file", "metadata": {"labels": {"a": "file", "b": "file"}}},
        template={"templates": [own], "default_template": "own"},
    )
    plan = make_plan({"a": []}, pod={grace: 3, "metadata": {"labels": {"c": "rule"}}})
    manifest = build_manifest(plan, config=config, suffix="x")
    admit(manifest)
    template = manifest["spec"]["templates"][-1]
    assert json.loads(template["podSpecPatch"]) == {grace: 3}
    assert template["priorityClassName"] == "template"
    assert template["schedulerName"] == "file"
    assert template["metadata"]["labels"] == {"a": "file", "b": "template", "c": "rule"}


def test_templates_keep_every_field(
    render: Callable[..., dict[str, Any]], find_template: Callable[..., dict[str, Any]]
) -> None:
    """Of the template, its container, sidecars and volumes; a container's resources win over the task's."""
    own: dict[str, Any] = {
        "name": "own",
        "container": {
            "command": ["true"],
            "resources": {
                "limits": {"memory": "80Gi", "example.com/fpga": 1},
                "requests": {"example.com/fpga": 1},
            },
            "workingDir": "/work",
            "ports": [{"containerPort": 8080}],
            "env": [
                {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "modes", "key": "mode"}}},
            ],
        },
        "sidecars": [
            {
                "name": "db",
                "image": "neo4j",
                "resources": {"limits": {"memory": "2Gi"}},
                "mirrorVolumeMounts": True,
            }
        ],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
        "inputs": {"artifacts": [{"name": "model", "path": "/model", "s3": {"key": "model"}}]},
        "outputs": {"artifacts": [{"name": "report", "path": "/report"}]},
        "memoize": {"key": "k", "maxAge": "1h", "cache": {"configMap": {"name": "cache"}}},
        "retryStrategy": {"limit": "9"},
        "metadata": {"annotations": {"gpus": "{{inputs.parameters.num_gpu}}"}},
    }
    manifest = render(template={"templates": [own], "default_template": "own"}, retries="spot")
    template = find_template(manifest, "own")
    assert template["container"]["resources"]["limits"]["memory"] == "80Gi"
    assert template["container"]["resources"]["limits"]["cpu"] == "1"
    assert template["container"]["workingDir"] == "/work"
    assert template["sidecars"][0]["mirrorVolumeMounts"] is True
    assert template["volumes"][0] == own["volumes"][0]
    assert template["inputs"]["artifacts"] == own["inputs"]["artifacts"]
    assert template["outputs"] == own["outputs"]
    assert (template["memoize"], template["retryStrategy"]) == (own["memoize"], own["retryStrategy"])
    assert {"name": "num_gpu", "value": "0"} in template["inputs"]["parameters"]


def test_the_environment_has_sources_and_expressions(
    make_config: Callable[..., ArgoConfig],
    make_plan: Callable[..., Plan],
    read_environment: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """Kubernetes' own sources as written; arithmetic over the task's limits, for each size of task."""
    config = make_config(
        template={
            "environment": [
                {"name": "SPARK_DRIVER_MEMORY", "value": "{{=int(mem * 0.75)}}g"},
                {"name": "THREADS", "value": "{{=max(1, floor(cpu) - 1)}}/{{= num_gpu }}"},
                {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                {
                    "name": "MODE",
                    "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k", "optional": True}},
                },
            ]
        }
    )
    resources = ArgoResourceConfig(cpu_limit=4, cpu_request=4, memory_limit=16, memory_request=16)
    manifest = build_manifest(make_plan({"a": []}, resources=resources), config=config, suffix="x")
    found = read_environment(manifest["spec"]["templates"][-1])
    assert found["SPARK_DRIVER_MEMORY"] == "12g"
    assert found["THREADS"] == "3/0"
    assert found["POD"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    assert found["MODE"] == {"configMapKeyRef": {"name": "m", "key": "k", "optional": True}}


def test_the_projects_exit_template_runs_next_to_ours(
    render: Callable[..., dict[str, Any]], find_template: Callable[..., dict[str, Any]]
) -> None:
    """Alone it is the exit handler; with one of ours, both are tasks of a DAG that does not fail fast."""
    notify = {
        "name": "notify",
        "container": {"image": "curl", "command": ["true"], "args": ["{{workflow.status}}"]},
    }
    section = {"templates": [notify], "exit_template": "notify"}
    assert render(template=section)["spec"]["onExit"] == "notify"
    both = render(template=section, mlflow=True)
    dag = find_template(both, both["spec"]["onExit"])["dag"]
    assert {task["template"] for task in dag["tasks"]} == {"end-mlflow-run", "notify"}
    assert dag["failFast"] is False


@pytest.mark.parametrize("preset", ["gke", "aks", "eks", "karpenter"])
def test_spot_machines_are_left_after_preemption(
    render: Callable[..., dict[str, Any]], find_template: Callable[..., dict[str, Any]], preset: str
) -> None:
    """The first attempt is patched to spot machines and keeps its tolerations; later ones are not."""
    manifest = render(spot=preset, retries="spot", tolerations=[{"key": "own"}], pod={"hostname": "h"})
    patch = find_template(manifest, "kedro")["podSpecPatch"]
    assert patch.startswith("{{=asInt(retries) < 1 ? '")
    assert patch.endswith('\' : \'{"hostname": "h"}\'}}')
    assert patch.count("}}") == 1
    first = json.loads(patch.split("'")[1])
    assert first["hostname"] == "h"
    assert first["nodeSelector"]
    assert [one["key"] for one in first["tolerations"]] == ["own", *first["nodeSelector"]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"workflow": {"entrypoint": "x"}}, "argo: workflow.entrypoint: it is generated"),
        ({"workflow": {"onExit": "x"}}, "Write 'template.exit_template'"),
        ({"workflow": {"retryStrategy": {}}}, "Write 'retries'"),
        ({"workflow": {"prioritty": 1}}, "argo: workflow.prioritty: unknown field. Did you mean 'priority'?"),
        ({"workflow": {"priority": "high"}}, "argo: workflow.priority: 'high' is not a whole number"),
        ({"workflow": {"parallelism": 2}, "parallelism": 3}, "the option 'parallelism' sets it too"),
        (
            {"workflow": {"ttlStrategy": {"secondsAfterSuccess": 1}}, "ttl": "1d"},
            "the option 'ttl' sets it too",
        ),
        (
            {"workflow": {"arguments": {"parameters": [{"name": "image", "value": "x"}]}}},
            "Choose another name",
        ),
        ({"workflow": {"arguments": {"parameters": [{"name": "n", "value": 3}]}}}, "as text"),
        ({"pod": {"afinity": {}}}, "argo: pod.afinity: unknown field. Did you mean 'affinity'?"),
        (
            {"pod": {"affinity": {"nodeAffinity": {"prefered": []}}}},
            "pod.affinity.nodeAffinity.prefered: unknown",
        ),
        ({"pod": {"restartPolicy": "Never"}}, "Write 'retries'"),
        ({"pod": {"containers": [{"name": "main", "resources": {}}]}}, "write 'machine_types'"),
        ({"pod": {"containers": [{"name": "other"}]}}, "Write others as 'sidecars'"),
        (
            {"rules": [{"match": {"tag": "t"}, "pod": {"hostPid": True}}]},
            "argo: rules[0].pod.hostPid: unknown field",
        ),
        (
            {
                "template": {
                    "templates": [{"name": "t", "container": {"command": "x", "workingDirectory": "/"}}]
                }
            },
            "template.templates[0].container.workingDirectory: unknown key. Did you mean 'workingDir'?",
        ),
        (
            {"template": {"templates": [{"name": "t", "container": {"command": "x", "tty": "yes"}}]}},
            "container.tty: 'yes' is not true or false",
        ),
        ({"template": {"exit_template": "notfy"}}, "template 'notfy' is not declared"),
        ({"template": {"environment": [{"name": "A", "value": "{{=memm * 2}}"}]}}, "Did you mean 'mem'?"),
        ({"template": {"environment": [{"name": "A", "value": "{{=open('x')}}"}]}}, "is not arithmetic"),
        ({"template": {"environment": [{"name": "A", "value": "{{=mem // 0}}"}]}}, "cannot be computed"),
        ({"template": {"environment": [{"name": "A", "valueFrom": {"fieldreff": {}}}]}}, "unknown field"),
        ({"template": {"environment": [{"name": "A", "value": "x", "valueFrom": {}}]}}, "Keep one"),
        ({"spot": "gcp", "retries": "spot"}, "'gcp' is not a preset of spot machines"),
        ({"spot": "gke"}, "Write 'retries: spot'"),
    ],
)
def test_what_cannot_be_passed_through_is_an_error_with_its_place(data: dict[str, Any], message: str) -> None:
    """Unknown fields, wrong kinds, and fields with an option of ours."""
    with pytest.raises(ConfigurationError) as caught:
        parse_argo_config(data)
    assert message in str(caught.value)


def test_the_rehearsal_names_what_it_leaves_out(
    render: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """Fields of the workflow, of templates and containers, and variables that only a pod has."""
    notify = {"name": "notify", "container": {"image": "curl", "command": ["true"]}}
    environment = [{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]
    manifest = render(
        workflow=WORKFLOW,
        pod=POD,
        template={"templates": [notify], "environment": environment, "exit_template": "notify"},
    )
    prepared = prepare_rehearsal(
        manifest, source="workflow.yml", folder=tmp_path, surroundings=LocalEnvironment(local={})
    )
    remarks = "\n".join(prepared.remarks)
    for part in (
        "the workflow: affinity, hooks, metrics, priority, synchronization, volumes are left out",
        "template 'kedro': affinity, podSpecPatch are left out",
        "template 'kedro': envFrom is left out",
        "variable 'POD' is known in a pod only",
        "container 'wait-for-proxy' (busybox) is skipped",
    ):
        assert part in remarks

"""What a plan becomes: tasks, leaf templates, environment, rights, schedules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest
from kedro_matrix_ext.argo.manifest import decode_names, decode_parameters
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable

GPU = ArgoResourceConfig(num_gpus=1)


def _environment(template: dict[str, Any]) -> dict[str, Any]:
    return {
        entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in template["container"]["env"]
    }


def test_a_task_is_one_command_without_a_shell(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """A task passes its nodes; the template has the rest of the command as a list."""
    manifest = build_manifest(make_plan({"load": [], "train": ["load"]}), config=make_config())
    admit(manifest)
    tasks = find_template(manifest, "pipeline")["dag"]["tasks"]
    assert tasks == [
        {
            "name": "load",
            "template": "kedro",
            "arguments": {"parameters": [{"name": "nodes", "value": "load"}]},
        },
        {
            "name": "train",
            "template": "kedro",
            "depends": "load",
            "arguments": {"parameters": [{"name": "nodes", "value": "train"}]},
        },
    ]
    container = find_template(manifest, "kedro")["container"]
    assert container["command"] == ["kedro"]
    assert container["args"] == [
        *["argo", "task", "--pipelines", "{{inputs.parameters.pipelines}}"],
        *["--nodes", "{{inputs.parameters.nodes}}", "--env", "cloud"],
    ]
    assert container["image"] == "{{workflow.parameters.image}}"


def test_one_leaf_template_per_distinct_need(
    make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """Tasks alike in image, resources, template and node selector share a template; others have their own."""
    common: dict[str, Any] = {"resources": ArgoResourceConfig(), "pipelines": ("__default__",)}
    tasks = [
        Task(name="a", nodes=("a",), **common),
        Task(name="b", nodes=("b",), **common),
        Task(name="c", nodes=("c",), **{**common, "resources": GPU}),
        Task(name="d", nodes=("d",), image="other:1", **common),
        Task(name="e", nodes=("e",), node_selector={"disk": "ssd"}, **common),
    ]
    plan = Plan(pipeline="p", env="cloud", group_by="node", tasks=tuple(tasks))
    manifest = build_manifest(plan, config=make_config(node_selector={"pool": "batch"}))
    admit(manifest)
    used = [task["template"] for task in find_template(manifest, "pipeline")["dag"]["tasks"]]
    assert used == ["kedro", "kedro", "kedro-2", "kedro-3", "kedro-4"]
    gpu = find_template(manifest, "kedro-2")
    assert gpu["container"]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert gpu["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert "nvidia.com/gpu" not in find_template(manifest, "kedro")["container"]["resources"]["limits"]
    assert find_template(manifest, "kedro-3")["container"]["image"] == "other:1"
    assert find_template(manifest, "kedro-4")["nodeSelector"] == {"pool": "batch", "disk": "ssd"}


def test_scratch_storage_is_mounted_and_writable(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """A volume of the size asked for is at the path, owned by a group that the task is in."""
    manifest = build_manifest(make_plan({"a": []}), config=make_config())
    admit(manifest)
    leaf = find_template(manifest, "kedro")
    claim = leaf["volumes"][0]["ephemeral"]["volumeClaimTemplate"]["spec"]
    assert claim["resources"]["requests"]["storage"] == "10Gi"
    assert leaf["container"]["volumeMounts"] == [{"name": "kedro-scratch", "mountPath": "/data"}]
    assert leaf["securityContext"]["fsGroup"] == 1000
    assert leaf["container"]["resources"]["requests"]["ephemeral-storage"] == "0"

    on_node = {"emph_storage_medium": "node", "emph_storage_mount_path": "/s", "emph_storage_class": "fast"}
    leaf = find_template(build_manifest(make_plan({"a": []}), config=make_config(template=on_node)), "kedro")
    assert leaf["volumes"] == [{"name": "kedro-scratch", "emptyDir": {"sizeLimit": "10Gi"}}]
    assert leaf["container"]["volumeMounts"][0]["mountPath"] == "/s"

    none = make_plan({"a": []}, resources=ArgoResourceConfig(ephemeral_storage_limit=0))
    leaf = find_template(build_manifest(none, config=make_config()), "kedro")
    assert not {"volumes", "securityContext"} & set(leaf)

    classed = make_config(template={"emph_storage_class": "fast"})
    leaf = find_template(build_manifest(make_plan({"a": []}), config=classed), "kedro")
    spec = leaf["volumes"][0]["ephemeral"]["volumeClaimTemplate"]["spec"]
    assert spec["storageClassName"] == "fast"


def test_the_environment_of_a_task(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """Run id, task, size, the file's own variables; empty values stay, secrets are referred to."""
    environment = [
        {"name": "EMPTY", "value": ""},
        {"name": "NOTHING"},
        {"name": "PRICE", "value": "$(HOME) costs $$ and $5"},
        {"name": "TOKEN", "secret_ref": {"name": "secret", "key": "token"}},
        {"name": "NUM_CPU_OF_MINE", "value": 3},
    ]
    resources = ArgoResourceConfig(cpu_request="500m", cpu_limit="500m", memory_request=1.5, memory_limit=3.5)
    manifest = build_manifest(
        make_plan({"a": []}, resources=resources), config=make_config(template={"environment": environment})
    )
    admit(manifest)
    variables = _environment(find_template(manifest, "kedro"))
    assert variables == {
        "WORKFLOW_ID": "{{workflow.parameters.run-id}}",
        "KEDRO_MATRIX_RUN_ID": "{{workflow.parameters.run-id}}",
        "EMPTY": "",
        "NOTHING": "",
        "PRICE": "$$(HOME) costs $$$$ and $5",
        "TOKEN": {"secretKeyRef": {"name": "secret", "key": "token"}},
        "NUM_CPU_OF_MINE": "3",
        "KEDRO_MATRIX_TASK": "{{tasks.name}}",
        "NUM_CPU": "1",
        "MEM_LIMIT_GB": "3",
    }


def test_what_departs_from_most_tasks_is_passed_as_an_argument(
    make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """Pipelines that most tasks load are the template's default; datasets kept in memory are passed."""
    common: dict[str, Any] = {"resources": GPU}
    plan = Plan(
        pipeline="p",
        env="cloud",
        group_by="memory",
        tasks=(
            Task(name="a", nodes=("a",), pipelines=("ds",), **common),
            Task(name="b", nodes=("b",), pipelines=("ds",), **common),
            Task(name="c", nodes=("c", "d"), pipelines=("de", "ds"), memory_datasets=("x", "y,z"), **common),
        ),
    )
    manifest = build_manifest(plan, config=make_config(), load_versions={"cars": "2030-01-01T00.00.00.000Z"})
    admit(manifest)
    arguments = {
        parameter["name"]: parameter["value"]
        for parameter in find_template(manifest, "pipeline")["dag"]["tasks"][2]["arguments"]["parameters"]
    }
    assert {name: decode_names(value) for name, value in arguments.items()} == {
        "nodes": ("c", "d"),
        "pipelines": ("de", "ds"),
        "memory_datasets": ("x", "y,z"),
    }
    leaf = find_template(manifest, "kedro")
    assert {"name": "pipelines", "value": "ds"} in leaf["inputs"]["parameters"]
    assert {"name": "memory_datasets", "value": ""} in leaf["inputs"]["parameters"]
    assert leaf["container"]["args"][-2:] == ["--load-versions", "cars:2030-01-01T00.00.00.000Z"]


def test_a_custom_template_keeps_the_default_environment_and_its_tags(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """Sidecars, volumes and secrets are written; inputs it refers to are given; a sidecar may need root."""
    template = {
        "name": "graph",
        "container": {
            "command": ["/bin/sh", "-c"],
            "args": 'kedro run -p "{{inputs.parameters.pipeline}}" -e "{{inputs.parameters.environment}}" '
            "-n \"{{inputs.parameters.kedro_nodes}}\" # {{=inputs.parameters['mem']}} $(date)",
            "env": [{"name": "HOST", "value": "{{workflow.name}}"}],
            "volume_mounts": [{"name": "keys", "mount_path": "/keys"}],
        },
        "sidecars": [
            {
                "name": "db",
                "image": "db:1",
                "command": ["serve"],
                "env": [{"name": "PASSWORD", "secret_ref": {"name": "s", "key": "k"}}],
                "volume_mounts": [{"name": "shared", "mount_path": "/shared", "read_only": False}],
            }
        ],
        "volumes": [
            {"name": "keys", "secret_ref": {"name": "s", "key": "k"}},
            {"name": "shared", "size": 1},
        ],
    }
    config = make_config(template={"templates": [template]}, hardening=True)
    manifest = build_manifest(make_plan({"a-b": []}, template="graph"), config=config)
    admit(manifest)
    task = find_template(manifest, "pipeline")["dag"]["tasks"][0]
    assert task["arguments"]["parameters"] == [{"name": "kedro_nodes", "value": "a_b"}]
    leaf = find_template(manifest, "graph")
    assert leaf["inputs"]["parameters"] == [
        {"name": "kedro_nodes"},
        {"name": "pipeline", "value": "__default__"},
        {"name": "environment", "value": "cloud"},
        {"name": "mem", "value": "4"},
    ]
    assert leaf["container"]["args"][0].endswith("$(date)")
    assert _environment(leaf)["HOST"] == "{{workflow.name}}"
    assert _environment(leaf)["WORKFLOW_ID"] == "{{workflow.parameters.run-id}}"
    assert [volume["name"] for volume in leaf["volumes"]] == ["keys", "shared", "kedro-scratch"]
    assert leaf["sidecars"][0]["volumeMounts"] == [
        {"name": "shared", "mountPath": "/shared", "readOnly": False}
    ]
    assert "runAsNonRoot" not in leaf["securityContext"]
    assert leaf["container"]["securityContext"]["runAsNonRoot"]
    assert "securityContext" not in leaf["sidecars"][0]


def test_outputs_of_init_templates_reach_every_task(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """Any number of outputs becomes environment variables in upper case; first tasks wait for all of them."""
    outputs = [{"name": "mlflow_run_id", "path": "/1"}, {"name": "other-id", "path": "/2"}]
    templates = [
        {
            "name": "one",
            "container": {"command": "x", "args": "{{inputs.parameters.environment}}"},
            "outputs": {"parameters": outputs},
        },
        {
            "name": "two",
            "container": {"command": "y", "image": "other"},
            "volumes": [{"name": "v", "size": 1}],
        },
    ]
    config = make_config(template={"templates": templates, "init_templates": ["one", "two"]})
    manifest = build_manifest(make_plan({"a": [], "b": ["a"], "two": []}), config=config)
    admit(manifest)
    tasks = {task["name"]: task for task in find_template(manifest, "pipeline")["dag"]["tasks"]}
    assert list(tasks) == ["one", "two-2", "a", "b", "two"]
    assert (tasks["a"]["depends"], tasks["b"]["depends"]) == ("one && two-2", "a")
    assert {"name": "other-id", "value": "{{tasks.one.outputs.parameters.other-id}}"} in tasks["b"][
        "arguments"
    ]["parameters"]
    variables = _environment(find_template(manifest, "kedro"))
    assert variables["MLFLOW_RUN_ID"] == "{{inputs.parameters.mlflow_run_id}}"
    assert variables["OTHER_ID"] == "{{inputs.parameters.other-id}}"
    assert find_template(manifest, "one")["inputs"]["parameters"] == [
        {"name": "environment", "value": "cloud"}
    ]
    assert find_template(manifest, "two")["container"]["image"] == "other"
    assert _environment(find_template(manifest, "two"))["WORKFLOW_ID"]


def test_one_mlflow_run_is_made_before_and_closed_after(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """With `mlflow` on, an init template makes the run, tasks get its id, the exit handler its status."""
    manifest = build_manifest(make_plan({"a": []}), config=make_config(mlflow=True))
    admit(manifest)
    start = find_template(manifest, "init-mlflow-run")
    assert start["container"]["args"] == [
        *["argo", "mlflow-run", "start", "--output", "/tmp/mlflow_run_id", "--env", "cloud"]  # noqa: S108
    ]
    assert start["outputs"]["parameters"][0]["globalName"] == "mlflow_run_id"
    end = find_template(manifest, manifest["spec"]["onExit"])
    assert end["container"]["args"] == [
        *["argo", "mlflow-run", "end", "--status", "{{workflow.status}}", "--env", "cloud"]
    ]
    assert _environment(end)["MLFLOW_RUN_ID"] == "{{workflow.outputs.parameters.mlflow_run_id}}"
    assert _environment(find_template(manifest, "kedro"))["MLFLOW_RUN_ID"]


def test_a_projects_own_mlflow_run_wins(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """A template `init-mlflow-run` of the project is taken in place of ours; the run is closed still."""
    own = {
        "name": "init-mlflow-run",
        "container": {"command": "python", "args": ["make.py"]},
        "outputs": {"parameters": [{"name": "mlflow_run_id", "path": "/own"}]},
    }
    config = make_config(template={"templates": [own], "init_templates": ["init-mlflow-run"]}, mlflow=True)
    manifest = build_manifest(make_plan({"a": []}), config=config)
    admit(manifest)
    start = find_template(manifest, "init-mlflow-run")
    assert start["container"]["command"] == ["python"]
    assert start["outputs"]["parameters"] == [
        {"name": "mlflow_run_id", "valueFrom": {"path": "/own"}, "globalName": "mlflow_run_id"}
    ]


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
    workflow = build_manifest(plan, config=config, suffix="abc123")
    template = build_manifest(plan, config=config, kind="WorkflowTemplate", workflow_name="daily")
    cron = build_manifest(plan, config=config, kind="CronWorkflow", schedule="0 6 * * 1-5")
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
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
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
    leaf = find_template(manifest, "kedro")
    encoded = _environment(leaf)["KEDRO_MATRIX_PARAMS"]
    assert decode_parameters(encoded) == params
    assert not any(sign in encoded for sign in ("{{", "}}", "$"))
    assert leaf["container"]["args"][-2:] == ["--conf-source", "s3://conf"]
    fixed = build_manifest(plan, config=make_config(), run_id="2030-01-01T00.00.00.000Z", image="i@sha256:0")
    assert [parameter["value"] for parameter in fixed["spec"]["arguments"]["parameters"]] == [
        "i@sha256:0",
        "2030-01-01T00.00.00.000Z",
    ]


def test_the_same_input_gives_the_same_manifest(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig]
) -> None:
    """Byte for byte, but for the random suffix of the name."""
    plan, config = make_plan({f"t{n}": [f"t{n - 1}"] if n else [] for n in range(450)}), make_config()
    first, second = (build_manifest(plan, config=config) for _ in range(2))
    assert first["metadata"].pop("name") != second["metadata"].pop("name")
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.parametrize(
    ("sections", "options", "message"),
    [
        ({"deployment": {}}, {}, "nothing says which image"),
        ({"template": {"environment": [{"name": "A", "value": "{{x}}"}]}}, {}, "contains '{{'"),
        ({"labels": {"a": "{{x}}"}}, {}, "contains '{{'"),
        ({}, {"workflow_name": "Not_a_name"}, "'Not_a_name' is not a name for a Workflow"),
        ({}, {"workflow_name": "n" * 57}, "is not a name for a Workflow"),
        ({}, {"kind": "Job"}, "'Job' is not a kind of manifest"),
        ({}, {"kind": "CronWorkflow"}, "a CronWorkflow needs a schedule"),
        ({}, {"kind": "CronWorkflow", "schedule": "daily"}, "'daily' is not a cron schedule"),
        ({}, {"run_id": "{{x}}"}, "contains '{{'"),
        (
            {
                "template": {
                    "templates": [
                        {"name": "t", "container": {"command": "{{inputs.parameters.enviroment}}"}}
                    ],
                    "default_template": "t",
                }
            },
            {},
            "'inputs.parameters.enviroment', which it is not given. Did you mean 'environment'?",
        ),
        (
            {
                "template": {
                    "templates": [
                        {
                            "name": name,
                            "container": {"command": "x"},
                            "outputs": {"parameters": [{"name": output, "path": "/x"}]},
                        }
                        for name, output in (("t", "run-id"), ("u", "RUN_ID"))
                    ],
                    "init_templates": ["t", "u"],
                }
            },
            {},
            "init templates 't' and 'u' both hand on 'RUN_ID'",
        ),
    ],
)
def test_what_argo_would_misread_is_refused(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    sections: dict[str, Any],
    options: dict[str, Any],
    message: str,
) -> None:
    """Each refusal names the offender."""
    with pytest.raises(ArgoError) as caught:
        build_manifest(make_plan({"a": []}), config=make_config(**sections), **options)
    assert message in str(caught.value)


def test_plans_that_cannot_run_are_refused(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig]
) -> None:
    """No tasks, an unknown template, or an order in which tasks cannot run."""
    with pytest.raises(ArgoError, match="has no tasks"):
        build_manifest(make_plan({}), config=make_config())
    with pytest.raises(ArgoError, match="wants the template 'grph', which"):
        build_manifest(make_plan({"a": []}, template="grph"), config=make_config())
    backwards: dict[str, list[str]] = {f"t{n}": [f"t{n + 1}"] if n < 300 else [] for n in range(301)}
    with pytest.raises(ArgoError, match="depends on 't1', which is not before it"):
        build_manifest(make_plan(backwards), config=make_config())


def test_the_schemas_of_argo_are_what_manifests_are_admitted_by(
    shared_folder: Any,
    schemas: dict[str, Any],
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
) -> None:
    """Where the public schemas are beside the project, they refuse what Argo's server refuses."""
    manifest = build_manifest(make_plan({"a": []}), config=make_config())
    assert schemas["Workflow"].is_valid(manifest)
    manifest["spec"]["arguments"]["parameters"][0]["value"] = 1
    assert not schemas["Workflow"].is_valid(manifest)

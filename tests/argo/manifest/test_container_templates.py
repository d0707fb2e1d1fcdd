"""What a task becomes: its command, leaf template and environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest
from kedro_matrix_ext.argo.manifest import decode_names

if TYPE_CHECKING:
    from collections.abc import Callable

GPU = ArgoResourceConfig(num_gpus=1)


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
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    find_template: Any,
    read_environment: Any,
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
    variables = read_environment(find_template(manifest, "kedro"))
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
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    find_template: Any,
    read_environment: Any,
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
    assert read_environment(leaf)["HOST"] == "{{workflow.name}}"
    assert read_environment(leaf)["WORKFLOW_ID"] == "{{workflow.parameters.run-id}}"
    assert [volume["name"] for volume in leaf["volumes"]] == ["keys", "shared", "kedro-scratch"]
    assert leaf["sidecars"][0]["volumeMounts"] == [
        {"name": "shared", "mountPath": "/shared", "readOnly": False}
    ]
    assert "runAsNonRoot" not in leaf["securityContext"]
    assert leaf["container"]["securityContext"]["runAsNonRoot"]
    assert "securityContext" not in leaf["sidecars"][0]


@pytest.mark.parametrize("tag", ["{{inputs.parameters}}", "{{=toJson(inputs.parameters)}}"])
def test_a_custom_template_that_takes_all_inputs_gets_all(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    find_template: Any,
    tag: str,
) -> None:
    """Argo writes them as one JSON text; init templates get what they may refer to."""
    templates = [{"name": name, "container": {"command": "x", "args": tag}} for name in ("start", "own")]
    config = make_config(template={"templates": templates, "init_templates": ["start"]})
    manifest = build_manifest(make_plan({"a": []}, template="own"), config=config)
    admit(manifest)
    inputs = {
        name: [each["name"] for each in find_template(manifest, name)["inputs"]["parameters"]]
        for name in ("start", "own")
    }
    assert inputs["start"] == ["environment", "pipeline"]
    assert inputs["own"] == [
        *("kedro_nodes", "pipeline", "environment", "mem", "cpu", "num_gpu", "emph_storage")
    ]

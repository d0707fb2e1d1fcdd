"""What the validator finds in manifests that Argo's schema lets pass."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest
from kedro_matrix_ext.argo.validation import find_faults, measure_manifest, require_valid
from kedro_matrix_ext.argo.validation.dag_rules import list_dependencies
from kedro_matrix_ext.errors import ArgoError

OWN = {
    "name": "own",
    "container": {"command": "x"},
    "sidecars": [{"name": "db", "image": "db"}],
    "volumes": [{"name": "v", "size": 1}],
    "outputs": {"parameters": [{"name": "o", "path": "/o"}]},
}
CONFIG = ArgoConfig.model_validate(
    {
        "deployment": {"image": "i"},
        "template": {"templates": [OWN], "init_templates": ["own"]},
        "retries": "spot",
    }
)


@pytest.fixture
def manifest() -> dict[str, Any]:
    """A manifest without fault: templates pipeline, kedro and own; tasks own, a and b."""
    resources = ArgoResourceConfig()
    tasks = (
        Task(name="a", nodes=("a",), resources=resources, pipelines=("p",)),
        Task(name="b", nodes=("b",), resources=resources, pipelines=("p",), depends_on=("a",)),
    )
    plan = Plan(pipeline="p", env="cloud", group_by="node", tasks=tasks)
    made = build_manifest(plan, config=CONFIG, suffix="000000")
    assert find_faults(made) == []
    return made


def _set(manifest: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Set a value at a path such as ``spec.templates.1.name``; `+` appends."""
    changed: Any = copy.deepcopy(manifest)
    holder = changed
    *way, last = path.split(".")
    for key in way:
        holder = holder[int(key)] if key.isdigit() else holder.setdefault(key, {})
    if last == "+":
        holder.append(value)
    else:
        holder[int(last) if last.isdigit() else last] = value
    return dict(changed)


DAG = "spec.templates.0"
LEAF = "spec.templates.1"
FAULTS = {
    "kind": ("kind", "Job", "'Job' is none of"),
    "name": ("metadata.name", "A_b", "'A_b' is not a name"),
    "long name": ("metadata.name", "a" * 64, "is not a name for a Workflow"),
    "label value": ("metadata.labels", {"a": "-x"}, "label 'a' has the value '-x'"),
    "label key": ("metadata.labels", {"a b": "x"}, "label 'a b' is not a name"),
    "annotation size": ("metadata.annotations", {"a": "x" * 300_000}, "annotations of 300001 bytes"),
    "pod label": ("spec.podMetadata.labels", {"a/b/c!": "x"}, "label 'a/b/c!'"),
    "entrypoint": ("spec.entrypoint", "absent", "entrypoint 'absent' is not a template"),
    "exit handler": ("spec.onExit", "absent", "onExit 'absent' is not a template"),
    "defaults": ("spec.templateDefaults", {}, "templateDefaults would apply to DAGs too"),
    "argument without value": ("spec.arguments.parameters.0", {"name": "image"}, "'image' has no value"),
    "argument twice": (
        "spec.arguments.parameters.+",
        {"name": "image", "value": "x"},
        "'image' is declared twice",
    ),
    "template name": (f"{LEAF}.name", "a_b", "letters, digits and '-', at most 128"),
    "template twice": (f"{LEAF}.name", "pipeline", "template 'pipeline' is declared twice"),
    "two kinds": (f"{LEAF}.dag", {"tasks": []}, "this is container and dag"),
    "retry on a DAG": (f"{DAG}.retryStrategy", {}, "retryStrategy is not allowed on a template with dag"),
    "deadline on a DAG": (f"{DAG}.activeDeadlineSeconds", "1", "activeDeadlineSeconds is not allowed"),
    "parallelism on a leaf": (f"{LEAF}.parallelism", 1, "parallelism is not allowed"),
    "exit code": (f"{LEAF}.retryStrategy.expression", "lastRetry.exitCode == 137", "is a string"),
    "inputs": (f"{LEAF}.inputs.parameters", [{"name": f"p{n}"} for n in range(501)], "501 input parameters"),
    "input name": (f"{LEAF}.inputs.parameters.+", {"name": "a.b", "value": "x"}, "'a.b'"),
    "input value": (
        f"{LEAF}.inputs.parameters.+",
        {"name": "n", "value": 1},
        "'n' has a value that is not a string",
    ),
    "variable twice": (
        f"{LEAF}.container.env.+",
        {"name": "NUM_CPU", "value": "1"},
        "'NUM_CPU' is set twice",
    ),
    "mount": (f"{LEAF}.container.volumeMounts.+", {"name": "x"}, "volume 'x' is mounted but not declared"),
    "volume twice": (
        f"{LEAF}.volumes.+",
        {"name": "kedro-scratch"},
        "volume 'kedro-scratch' is declared twice",
    ),
    "quantity": (f"{LEAF}.container.resources.limits.cpu", "{{retries}}", "contains a tag"),
    "no GPUs": (f"{LEAF}.container.resources.limits", {"nvidia.com/gpu": "0"}, "0 GPUs can still land"),
    "sidecar": ("spec.templates.2.sidecars.+", {"name": "wait", "image": "i"}, "sidecar 'wait' has the name"),
    "task twice": (f"{DAG}.dag.tasks.2.name", "a", "task 'a' is declared twice"),
    "task name": (f"{DAG}.dag.tasks.2.name", "a.b", "task 'a.b': its name"),
    "operator": (f"{DAG}.dag.tasks.2.name", "in", "is an operator in the expressions"),
    "digit": (f"{DAG}.dag.tasks.2.name", "1b", "must not begin with a digit"),
    "dependency": (f"{DAG}.dag.tasks.2.depends", "x && a", "depends on 'x', which is not in the DAG"),
    "mixture": (f"{DAG}.dag.tasks.2.dependencies", ["a"], "mix 'depends' and 'dependencies'"),
    "cycle": (f"{DAG}.dag.tasks.1.depends", "b", "its tasks wait for each other"),
    "template of a task": (f"{DAG}.dag.tasks.2.template", "absent", "template 'absent' does not exist"),
    "nesting": (f"{DAG}.dag.tasks.2.template", "pipeline", "DAGs contain each other"),
    "missing argument": (
        f"{DAG}.dag.tasks.2.arguments",
        {},
        "input 'nodes' of template 'kedro' is missing",
    ),
    "argument of a task twice": (
        f"{DAG}.dag.tasks.2.arguments.parameters.+",
        {"name": "nodes", "value": "x"},
        "argument 'nodes' is passed twice",
    ),
    "unknown argument": (
        f"{DAG}.dag.tasks.2.arguments.parameters.+",
        {"name": "x", "value": "x"},
        "argument 'x' is not an input of template 'kedro'",
    ),
    "value": (
        f"{DAG}.dag.tasks.2.arguments.parameters.0.value",
        1,
        "'nodes' has a value that is not a string",
    ),
    "input tag": (f"{LEAF}.container.args.+", "{{inputs.parameters.x}}", "does not refer to an input"),
    "parameter tag": (
        f"{LEAF}.container.args.+",
        "{{workflow.parameters.x}}",
        "does not refer to a workflow parameter",
    ),
    "global tag": (
        f"{LEAF}.container.args.+",
        "{{workflow.outputs.parameters.x}}",
        "does not refer to a global output",
    ),
    "unknown tag": (f"{LEAF}.container.args.+", "{{x}}", "'{{x}}' is not a tag that Argo knows here"),
    "output of a stranger": (
        f"{DAG}.dag.tasks.1.arguments.parameters.0.value",
        "{{tasks.b.outputs.parameters.o}}",
        "uses an output of 'b', which is not among the tasks it depends on",
    ),
    "absent output": (
        f"{DAG}.dag.tasks.2.arguments.parameters.0.value",
        "{{tasks.own.outputs.parameters.x}}",
        "uses 'x' of 'own', which has no such output",
    ),
}


@pytest.mark.parametrize(("path", "value", "message"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(manifest: dict[str, Any], path: str, value: Any, message: str) -> None:
    """One change to a valid manifest gives one message."""
    assert any(message in str(fault) for fault in find_faults(_set(manifest, path, value)))


def test_limits_of_the_resource_definitions_are_kept(manifest: dict[str, Any]) -> None:
    """At most 200 templates, and 200 tasks in a DAG."""
    tasks = [{"name": f"t{n}", "template": "own"} for n in range(201)]
    templates = [{"name": f"t{n}", "suspend": {}} for n in range(201)]
    assert "201 tasks" in str(find_faults(_set(manifest, f"{DAG}.dag.tasks", tasks)))
    assert "201 templates" in str(find_faults(_set(manifest, "spec.templates", templates)))


def test_a_schedule_is_one_of_cron(manifest: dict[str, Any]) -> None:
    """A CronWorkflow has schedules of five fields, and a shorter name."""
    cron = {
        **manifest,
        "kind": "CronWorkflow",
        "spec": {"workflowSpec": manifest["spec"], "schedules": ["0 6"]},
    }
    assert ["'0 6' is not a cron schedule" in str(fault) for fault in find_faults(cron)] == [True]
    assert "needs a schedule" in str(find_faults(_set(cron, "spec.schedules", [])))


def test_a_manifest_too_large_to_store_is_a_fault_unless_status_is_offloaded(
    manifest: dict[str, Any],
) -> None:
    """The fault says how many tasks would fit."""
    large = _set(manifest, f"{LEAF}.container.args.+", "x" * 2**20)
    (fault,) = find_faults(large)
    assert "more than the 1,048,576 Argo stores; about 2 of its 3 tasks would fit" in fault.message
    assert find_faults(large, check_size=False) == []
    assert not measure_manifest(large).fits
    assert measure_manifest(manifest).tasks == 3


def test_a_manifest_with_faults_is_refused_with_all_of_them(manifest: dict[str, Any]) -> None:
    """The error lists the faults, at most a readable number of them."""
    require_valid(manifest)
    broken = _set(_set(manifest, "spec.entrypoint", "x"), "spec.onExit", "y")
    with pytest.raises(ArgoError) as caught:
        require_valid(broken)
    assert str(caught.value).splitlines() == [
        "Argo would refuse this manifest:",
        "  spec: entrypoint 'x' is not a template",
        "  spec: onExit 'y' is not a template",
    ]
    many = _set(manifest, "metadata.labels", {f"a{n}": "!" for n in range(30)})
    with pytest.raises(ArgoError, match="and 10 more"):
        require_valid(many)


def test_dependencies_are_read_in_either_notation() -> None:
    """`depends` is an expression; words after a dot are statuses."""
    assert list_dependencies({"depends": "(a.Succeeded || b-1.Failed) && !c"}) == ["a", "b-1", "c"]
    assert list_dependencies({"dependencies": ["a", "b"]}) == ["a", "b"]
    assert list_dependencies({}) == []

"""A manifest is laid out into steps as Argo would run them, or refused with what is in the way."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.argo.rehearsal.conftest import IMAGE, leaf, workflow

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest
from kedro_matrix_ext.argo.manifest import decode_names, decode_parameters
from kedro_matrix_ext.argo.rehearsal.local.pod_process import PodMaker
from kedro_matrix_ext.argo.rehearsal.ready_queue import ReadyQueue
from kedro_matrix_ext.argo.rehearsal.workflow.env_expansion import expand_variables
from kedro_matrix_ext.argo.template_tags.escaping import escape_variables
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.argo.rehearsal.conftest import Stage

    from kedro_matrix_ext.argo.manifest.options import Kind
    from kedro_matrix_ext.argo.rehearsal import Rehearsal
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

CONFIG = ArgoConfig.model_validate({"deployment": {"image": "shop"}})
MAKING_A_RUN = {
    "deployment": {"image": "shop"},
    "mlflow": True,
    "template": {"environment": [{"name": "TEAM", "value": "$(RED) $5 $$"}]},
}


def _plan(graph: dict[int, list[int]], names: Sequence[str] = ()) -> Plan:
    tasks = tuple(
        Task(
            name=f"t{number}",
            nodes=tuple(names) or (f"node_{number}",),
            depends_on=tuple(sorted(f"t{above}" for above in needs)),
            resources=ArgoResourceConfig(),
            pipelines=("ds",) if number % 2 else ("de",),
            memory_datasets=("m",) if number % 3 == 0 else (),
        )
        for number, needs in graph.items()
    )
    return Plan(pipeline="p", env="cloud", group_by="node", tasks=tasks)


def _pods(rehearsal: Rehearsal, folder: Path) -> PodMaker:
    return PodMaker(values=rehearsal.values, surroundings=rehearsal.surroundings, files=folder)


def _ancestors(steps: Sequence[Step]) -> dict[str, set[str]]:
    """Per task the names of all tasks it waits for."""
    above: dict[str, set[str]] = {}
    named = {step.path: step.name for step in steps}
    for step in steps:
        above[step.path] = {named[path] for path in step.depends_on}
        above[step.path] |= {name for path in step.depends_on for name in above[path]}
    return {named[path]: names for path, names in above.items()}


def test_nested_dags_run_each_task_of_the_plan_after_those_it_depends_on(stage: Stage) -> None:
    """450 tasks are several DAGs inside one; flattened, they are the plan's, with nodes and order."""
    graph = {number: [n for n in (number - 3, number - 17) if n >= 0] for number in range(450)}
    plan = _plan(graph)
    manifest = build_manifest(plan, config=CONFIG)
    assert sum("dag" in template for template in manifest["spec"]["templates"]) > 2
    steps = stage.prepare(manifest).steps
    assert sorted(step.name for step in steps) == sorted(task.name for task in plan.tasks)
    above = _ancestors(steps)
    given_nodes = {step.name: decode_names(step.inputs["nodes"]) for step in steps}
    for task in plan.tasks:
        assert set(task.depends_on) <= above[task.name]
        assert given_nodes[task.name] == task.nodes


@given(st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=30), st.integers(1, 4))
def test_the_agenda_holds_to_the_order_whatever_ends_first(needs: list[list[int]], jobs: int) -> None:
    """Each step starts once, after all it depends on, as many at a time as may be."""
    steps = _make_steps(needs)
    agenda = ReadyQueue(steps)
    running: list[str] = []
    done: list[str] = []
    while True:
        while len(running) < jobs and (step := agenda.take()) is not None:
            assert set(step.depends_on) <= set(done)
            running.append(step.path)
        if not running:
            break
        ended = running.pop(len(done) % len(running))
        done.append(ended)
        agenda.complete(ended)
    assert sorted(done) == sorted(step.path for step in steps)
    assert agenda.list_left() == {}


def _make_steps(needs: list[list[int]]) -> list[Step]:
    from kedro_matrix_ext.argo.rehearsal.workflow.model import Template
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

    template = Template.model_validate(leaf("t"))
    return [
        Step(
            path=f"s{number}",
            name=f"s{number}",
            template=template,
            inputs={},
            depends_on=tuple(sorted({f"s{need}" for need in above if need < number})),
        )
        for number, above in enumerate(needs)
    ]


@given(st.text(alphabet="$()AB x"), st.dictionaries(st.sampled_from(["A", "B", "AB"]), st.text(max_size=3)))
def test_escaped_text_comes_out_as_it_was(text: str, variables: dict[str, str]) -> None:
    """What the emitter escapes, Kubernetes' rule of replacement gives back."""
    assert expand_variables(escape_variables(text), variables) == text


@given(
    st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True),
    st.dictionaries(
        st.text(min_size=1), st.one_of(st.text(), st.integers(), st.lists(st.text())), max_size=3
    ),
)
def test_names_and_parameters_reach_the_process_whole(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], params: dict[str, Any]
) -> None:
    """Through plan, manifest, tags and variables: any node names, any parameters."""
    from tests.argo.rehearsal.conftest import Stage

    folder = tmp_path_factory.getbasetemp()
    names = [name.encode("utf-8", "replace").decode() for name in names]
    manifest = build_manifest(_plan({0: []}, names), config=CONFIG, params=params or {"a": 1})
    rehearsal = Stage(folder).prepare(manifest)
    pod = _pods(rehearsal, folder).make(rehearsal.steps[0], {})
    assert decode_names(pod.command[pod.command.index("--nodes") + 1]) == tuple(names)
    assert decode_parameters(pod.environment["KEDRO_MATRIX_PARAMS"]) == (params or {"a": 1})


def test_a_pod_has_the_command_and_environment_of_the_manifest(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run's id from the creation time, the task's name, outputs of init templates; no shell's."""
    monkeypatch.setenv("SHELL_ONLY", "x")
    monkeypatch.setenv("TEAM", "blue")
    rehearsal = stage.prepare(build_manifest(_plan({0: []}), config=ArgoConfig.model_validate(MAKING_A_RUN)))
    first, task = rehearsal.steps
    assert (first.name, task.name, task.depends_on) == ("init-mlflow-run", "t0", ("init-mlflow-run",))
    maker = _pods(rehearsal, tmp_path)
    file = maker.make(first, {}).outputs["mlflow_run_id"]
    assert file == tmp_path / "init-mlflow-run/tmp/mlflow_run_id"
    assert str(file) in maker.make(first, {}).command
    pod = maker.make(task, {"steps[init-mlflow-run].outputs.parameters.mlflow_run_id": "id {{x}}"})
    environment = pod.environment
    created = rehearsal.values.created
    assert environment["WORKFLOW_ID"].startswith(created.strftime("%Y-%m-%dT%H.%M.%S."))
    assert environment["KEDRO_MATRIX_RUN_ID"] == environment["WORKFLOW_ID"]
    assert environment["MLFLOW_RUN_ID"] == "id {{x}}"
    assert (environment["KEDRO_MATRIX_TASK"], environment["TEAM"]) == ("t0", "$(RED) $5 $$")
    assert "SHELL_ONLY" not in environment
    assert pod.command[0].endswith("/kedro")
    assert pod.command[1:] == (
        *("argo", "task", "--pipelines", "de", "--nodes", "node_0"),
        *("--env", "cloud", "--memory-datasets", "m"),
    )


def test_variables_that_are_passed_on_win(stage: Stage, tmp_path: Path) -> None:
    """`--pass-env` gives a variable of the shell, by name or pattern, also in place of the manifest's."""
    manifest = workflow([leaf("a", env=[{"name": "URI", "value": "http://mlflow"}])], {"a": ""})
    rehearsal = stage.prepare(
        manifest, passed=("URI", "AWS_*"), URI="sqlite:///x", AWS_REGION="eu", OTHER="no"
    )
    environment = _pods(rehearsal, tmp_path).make(rehearsal.steps[0], {}).environment
    assert (environment["URI"], environment["AWS_REGION"]) == ("sqlite:///x", "eu")
    assert "OTHER" not in environment


def test_templates_and_schedules_are_rehearsed_as_the_workflow_they_make(stage: Stage) -> None:
    """A WorkflowTemplate or CronWorkflow runs under its own name."""
    config = ArgoConfig.model_validate({"deployment": {"image": "shop"}, "schedule": "@daily"})
    kinds: tuple[Kind, ...] = ("WorkflowTemplate", "CronWorkflow")
    for kind in kinds:
        rehearsal = stage.prepare(build_manifest(_plan({0: []}), config=config, kind=kind))
        assert rehearsal.name.startswith("p-")
        assert [step.name for step in rehearsal.steps] == ["t0"]


SECRET = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
PLAIN = workflow([leaf("a"), leaf("b")], {"a": "", "b": "a"})


def _changed(path: str, value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(PLAIN)
    holder = changed["spec"]
    *way, last = path.split(".")
    for key in way:
        holder = holder[int(key)] if key.isdigit() else holder[key]
    holder[last] = value
    return dict(changed)


REFUSED = [
    ("templates.1.script", {"source": "x"}, r"spec.templates.a.script: this is not rehearsed"),
    ("templates.1.daemon", True, r"spec.templates.a.daemon: this is not rehearsed"),
    ("templates.1.container.command", [], r"'a' has no 'command': what its image runs by itself"),
    ("templates.1.container.unknown", [], r"unknown: this is not rehearsed"),
    ("templates.0.dag.tasks.1.when", "x", r"spec.templates.pipeline.dag.tasks.b.when: this is not rehearsed"),
    (
        "templates.0.dag.tasks.1.depends",
        "a.Failed",
        r"task 'b' depends on 'a.Failed', which is not rehearsed",
    ),
    ("templates.0.dag.tasks.1.depends", "c", r"depends on 'c', which is not in the DAG"),
    ("templates.1.container.args", ["{{=1+1}}"], r"knows no value .*\n  \{\{=1\+1\}\} in template 'a'"),
    ("templates.1.container.args", ["{{workflow.status}}"], r"\{\{workflow.status\}\} in template 'a'"),
    ("templates.1.container.env", [SECRET], r"not set here: TOKEN \(key 'k' of 's'\)"),
    ("workflowTemplateRef", {"name": "x"}, r"spec.workflowTemplateRef: this is not rehearsed"),
]


@pytest.mark.parametrize(("path", "value", "message"), REFUSED)
def test_what_cannot_be_rehearsed_is_refused_by_name(
    stage: Stage, path: str, value: Any, message: str
) -> None:
    """Before anything runs, with the place and what is in the way."""
    with pytest.raises(ArgoError, match=message):
        stage.prepare(_changed(path, value))
    assert list(stage.folder.iterdir()) == []


@pytest.mark.parametrize("data", [None, [], "text", {"kind": "Pod"}, {"kind": "CronWorkflow", "spec": 3}])
def test_what_is_no_manifest_is_refused(stage: Stage, data: object) -> None:
    """No traceback for a file of something else."""
    with pytest.raises(ArgoError, match=r"workflow\.yml cannot be rehearsed"):
        stage.prepare(data)  # type: ignore[arg-type]


def test_what_is_left_out_is_said(stage: Stage) -> None:
    """Sidecars, foreign images, volumes, retries that cannot be decided here."""
    sidecars = [{"name": "db", "image": "neo4j:5", "ports": []}]
    volumes = [{"name": "key", "secret": {"secretName": "s"}}]
    a = leaf("a", sidecars=sidecars, volumes=volumes, retryStrategy={"limit": "2", "retryPolicy": "OnError"})
    a["container"]["volumeMounts"] = [{"name": "key", "mountPath": "/var/key"}]
    b = leaf("b", "kedro run", image="shop-gpu:v1")
    c = leaf("c", "curl x", image="curl:8", retryStrategy={"limit": 1, "expression": "sprig.x()"})
    (stage.folder / ".env").touch()
    assert stage.prepare(workflow([a, b, c], {"a": "", "b": "", "c": ""})).remarks == [
        "template 'a': container 'db' (neo4j:5) is skipped",
        "a secret is not mounted at '/var/key'",
        "template 'a': failed tasks are not tried again: the policy OnError is about errors of the cluster",
        "template 'b' runs in this Python environment instead of image 'shop-gpu:v1'",
        "template 'c' is skipped: image 'curl:8' is not here",
        ".env is here, and tasks that load it see it",
    ]
    odd = leaf("c", "x", retryStrategy={"limit": 1, "expression": "sprig.x()"})
    assert "is not one that a rehearsal can work out" in stage.prepare(workflow([odd], {"c": ""})).remarks[0]
    handing = leaf("c", "curl", image="curl:8")
    handing["outputs"] = {"parameters": [{"name": "o", "valueFrom": {"path": "/o"}}]}
    with pytest.raises(ArgoError, match="runs in 'curl:8', which a rehearsal does not have, and passes 'o'"):
        stage.prepare(workflow([handing], {"c": ""}))


def make_resource(**values: Any) -> dict[str, Any]:
    """Return a resource template whose inputs are a container; values replace those of the inputs."""
    given = {"command": '["sh"]', "args": '["-c", "echo $WHO {{inputs.parameters.who}}"]', "image": IMAGE}
    given |= {"env": '[{"name": "WHO", "value": "{{tasks.name}}"}]', "who": "you", **values}
    parameters = [{"name": name, "value": value} for name, value in given.items() if value is not None]
    resource = {"action": "create", "manifest": "kind: SparkApplication"}
    return {"name": "spark", "inputs": {"parameters": parameters}, "resource": resource}


def test_the_command_of_a_resource_runs_here(stage: Stage) -> None:
    """A remark says that nothing is created."""
    manifest = workflow([make_resource()], {"spark": ""})
    assert stage.prepare(manifest).remarks == [
        "template 'spark' creates no resource here: its command runs by itself, on this machine"
    ]
    stage.rehearse(manifest)
    assert stage.output("spark") == "spark you\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"args": None}, "does not have the inputs command, args, image, env"),
        ({"args": 3}, "does not have the inputs command, args, image, env"),
        ({"args": "-c"}, "Expecting value"),
        ({"command": "[]"}, "has no 'command'"),
        ({"env": "{}"}, "env"),
    ],
)
def test_a_resource_of_somebody_else_is_refused(stage: Stage, change: dict[str, Any], words: str) -> None:
    """Only inputs that are a container can be rehearsed."""
    with pytest.raises(ArgoError, match=words):
        stage.prepare(workflow([make_resource(**change)], {"spark": ""}))

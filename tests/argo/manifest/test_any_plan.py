"""Whatever the plan: manifests the cluster admits, names that come back whole, cuts that keep the order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest, dump_manifest
from kedro_matrix_ext.argo.manifest import decode_names, decode_parameters, encode_names, encode_parameters
from kedro_matrix_ext.argo.plan.nesting.dag_groups import note_nesting
from kedro_matrix_ext.argo.plan.task_names import name_tasks
from kedro_matrix_ext.argo.template_tags.escaping import escape_variables
from kedro_matrix_ext.argo.validation.dag_rules import list_dependencies
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable

RESOURCES = (
    ArgoResourceConfig(),
    ArgoResourceConfig(num_gpus=2),
    ArgoResourceConfig(cpu_request=0.1, memory_request=0.3, ephemeral_storage_limit=0.7),
)
HOSTILE = st.one_of(
    st.text(min_size=1, max_size=200),
    st.sampled_from(
        [
            *[
                "on",
                "null",
                "123",
                "1e3",
                "a: b",
                "- x",
                "#",
                "in",
                "true",
                "a,b",
                "{{x}}",
                "$(HOME)",
                "%2C",
                "-n",
                "~",
            ],
            *["load_x", "load-x", "a.b_c", "a_b.c", " x ", "a\nb", "ä", "名前", '"', "'", "`id`", "\\"],
        ]
    ),
)
CONFIGS: tuple[dict[str, Any], ...] = (
    {},
    {"hardening": True, "retries": "spot", "mlflow": True, "runner": {"use_memory_datasets": True}},
    {
        "template": {
            "templates": [
                {"name": "own", "container": {"command": "x", "args": "{{inputs.parameters.kedro_nodes}}"}}
            ]
        }
    },
)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan in order: names of any kind, dependencies on any earlier tasks, differing needs."""
    nodes = draw(st.lists(HOSTILE, min_size=1, max_size=12, unique=True))
    names = name_tasks([(node, node) for node in nodes])
    tasks = []
    for number, (name, node) in enumerate(zip(names, nodes, strict=True)):
        above = draw(st.sets(st.sampled_from(names[:number]), max_size=3)) if number else set()
        tasks.append(
            Task(
                name=name,
                nodes=(node, *draw(st.lists(HOSTILE, max_size=2))),
                depends_on=tuple(sorted(above)),
                memory_datasets=tuple(draw(st.lists(HOSTILE, max_size=2))),
                resources=draw(st.sampled_from(RESOURCES)),
                pipelines=tuple(draw(st.lists(HOSTILE, min_size=1, max_size=2))),
            )
        )
    return Plan(
        pipeline=draw(st.sampled_from(["__default__", "ds", "a b"])),
        env="cloud",
        group_by="node",
        tasks=tuple(tasks),
    )


def _list_leaves(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """List the tasks that run something of Kedro's, wherever they are."""
    templates = {part["name"]: part for part in manifest["spec"]["templates"]}
    return {
        task["name"]: task
        for part in templates.values()
        for task in part.get("dag", {}).get("tasks", [])
        if any(
            argument["name"] in ("nodes", "kedro_nodes")
            for argument in task.get("arguments", {}).get("parameters", [])
        )
    }


@SLOW
@given(plan=plans(), sections=st.sampled_from(CONFIGS))
def test_any_plan_becomes_a_manifest_that_is_admitted(
    make_config: Callable[..., ArgoConfig], admit: Any, plan: Plan, sections: dict[str, Any]
) -> None:
    """Names of any kind reach the pod as they are; dependencies are those of the plan."""
    manifest = build_manifest(plan, config=make_config(**sections))
    admit(manifest)
    leaves = _list_leaves(manifest)
    for task in plan.tasks:
        arguments = {part["name"]: part["value"] for part in leaves[task.name]["arguments"]["parameters"]}
        assert decode_names(arguments["nodes"]) == task.nodes
        assert decode_names(arguments.get("memory_datasets", "")) == task.memory_datasets
        inside = [name for name in list_dependencies(leaves[task.name]) if name in leaves]
        assert sorted(inside) == sorted(task.depends_on)


@SLOW
@given(plan=plans(), sections=st.sampled_from(CONFIGS))
def test_yaml_says_what_the_data_say(
    make_config: Callable[..., ArgoConfig], plan: Plan, sections: dict[str, Any]
) -> None:
    """What a reviewer reads is what is submitted, whatever YAML makes of the text."""
    manifest = build_manifest(plan, config=make_config(**sections))
    assert yaml.safe_load(dump_manifest(manifest)) == json.loads(json.dumps(manifest)) == manifest


@given(st.lists(st.text(min_size=1)))
def test_lists_of_names_come_back_whole(names: list[str]) -> None:
    """Encoding is undone exactly, and leaves nothing for Argo, Kubernetes or a quoting shell to find."""
    text = encode_names(names)
    assert decode_names(text) == tuple(names)
    assert not set('{}$`"\\%') & set(text) - set("%")
    assert not any(sign in text for sign in ("{{", "$("))


@given(st.lists(st.from_regex(r"[\w.-]+", fullmatch=True), min_size=1))
def test_names_kedro_takes_stand_as_they_are(names: list[str]) -> None:
    """What `kedro run --nodes` splits is the same list."""
    assert encode_names(names) == ",".join(names)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), PLAIN, max_size=3))
def test_parameters_come_back_typed_and_whole(parameters: dict[str, Any]) -> None:
    """Lists, nesting, unicode, newlines and signs survive; Argo and Kubernetes find nothing to replace."""
    text = encode_parameters(parameters)
    assert decode_parameters(text) == parameters
    assert not any(sign in text for sign in ("{{", "}}", "$"))


@given(st.text(alphabet="$()A{x"))
def test_what_kubernetes_expands_is_what_was_meant(text: str) -> None:
    """Kubernetes' own expansion, with the variable `A` set, gives the text back."""
    assert _expand(escape_variables(text), {"A": "wrong"}) == text


def _expand(text: str, variables: dict[str, str]) -> str:
    """Expand as Kubernetes documents it: `$$` is a dollar, `$(NAME)` a variable if it is set."""
    result, place = "", 0
    while place < len(text):
        following = text[place + 1 : place + 2]
        if text[place] == "$" and following == "$":
            result, place = result + "$", place + 2
            continue
        end = text.find(")", place) if text[place] == "$" and following == "(" else -1
        if end > 0:
            name = text[place + 2 : end]
            result, place = result + variables.get(name, f"$({name})"), end + 1
            continue
        result, place = result + text[place], place + 1
    return result


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    """Graphs of more tasks than one DAG takes: chains, fans and random edges."""
    count = draw(st.integers(201, 700))
    width = draw(st.integers(1, 60))
    random = draw(st.randoms(use_true_random=False))
    fans = draw(st.booleans())
    graph: dict[str, list[str]] = {}
    for number in range(count):
        above = {number - width} if number >= width else set()
        if fans and number and random.random() < 0.2:
            above.add(random.randrange(number))
        graph[f"t{number}"] = [f"t{other}" for other in sorted(above)]
    return graph


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=graphs(), mlflow=st.booleans())
def test_large_plans_are_cut_and_keep_their_order(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    graph: dict[str, list[str]],
    *,
    mlflow: bool,
) -> None:
    """Every dependency holds, inside a group or by the groups' order; all limits are kept."""
    manifest = build_manifest(make_plan(graph), config=make_config(mlflow=mlflow))
    admit(manifest)
    templates = {part["name"]: part for part in manifest["spec"]["templates"]}
    parts = {
        task["name"]: (templates[task["template"]], list_dependencies(task))
        for task in templates["pipeline"]["dag"]["tasks"]
        if "dag" in templates[task["template"]]
    }
    before: dict[str, set[str]] = {}
    for name, (_, needs) in parts.items():
        before[name] = {name}.union(*(before[need] for need in needs if need in parts), *([set(needs)]))
    home = {task["name"]: name for name, (part, _) in parts.items() for task in part["dag"]["tasks"]}
    assert set(home) == set(graph)
    inside = {
        task["name"]: list_dependencies(task) for part, _ in parts.values() for task in part["dag"]["tasks"]
    }
    for name, above in graph.items():
        for other in above:
            assert other in inside[name] if home[name] == home[other] else home[other] in before[home[name]]


@pytest.mark.parametrize(
    ("graph", "path"),
    [
        pytest.param(
            {f"c{n}": [f"c{n - 1}"] if n % 5 else [] for n in range(1500)}, 5, id="many short chains"
        ),
        pytest.param(
            {f"c{n}": [f"c{n - 2}"] if n > 1 else [] for n in range(800)}, 400, id="two long chains"
        ),
        pytest.param(
            {
                "root": [],
                **{f"c{n}": [f"c{n - 100}"] if n >= 100 else ["root"] for n in range(1000)},
                "end": [f"c{n}" for n in range(900, 1000)],
            },
            12,
            id="a hundred chains between one beginning and one end",
        ),
    ],
)
def test_independent_chains_are_not_made_longer(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    graph: dict[str, list[str]],
    path: int,
) -> None:
    """A cut that costs nothing is found where there is one, and the annotation says so."""
    manifest = build_manifest(make_plan(graph), config=make_config())
    note = manifest["metadata"]["annotations"]["kedro-matrix-ext/groups"]
    assert note.endswith(f"the longest path stays at {path} tasks.")


def test_what_a_cut_costs_is_said(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig]
) -> None:
    """Where no cut is free, the annotation has the longest path before and after."""
    graph = {f"t{n}": sorted({f"t{n * 7 % (n - 40)}", f"t{n - 41}"}) if n > 41 else [] for n in range(900)}
    manifest = build_manifest(make_plan(graph), config=make_config())
    assert (
        "as a group waits for whole groups" in manifest["metadata"]["annotations"]["kedro-matrix-ext/groups"]
    )


@pytest.mark.long
def test_more_tasks_than_any_division_holds_are_refused(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig]
) -> None:
    """The refusal says how many there are and names the grouping that helps; a plan of them says so too."""
    plan = make_plan({f"t{n}": [] for n in range(200 * 200)})
    with pytest.raises(ArgoError, match="40000 tasks are more than Argo takes") as caught:
        build_manifest(plan, config=make_config())
    assert "--group-by namespace" in str(caught.value)
    assert note_nesting(plan, make_config()) == caught.value.message.replace("beside 3", "beside 2")


def test_a_task_takes_at_most_270_bytes(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig]
) -> None:
    """At names of 40 characters, two dependencies and one argument, as JSON, all templates included."""
    names = [f"t{n:04d}".ljust(40, "x") for n in range(3000)]
    graph = {name: names[max(0, place - 2) : place] for place, name in enumerate(names)}
    manifest = build_manifest(make_plan(graph), config=make_config(hardening=True, retries="spot"))
    assert len(json.dumps(manifest, separators=(",", ":"))) <= 270 * len(names)

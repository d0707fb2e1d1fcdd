"""Groupings: every node in one task, no task waiting for itself, what shares a task and what does not."""

from __future__ import annotations

import subprocess
import sys
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kedro.io import DataCatalog
from kedro.pipeline import Node as KedroNode
from kedro.pipeline import Pipeline

from kedro_matrix_ext.argo import ArgoConfig, ArgoNode, ArgoResourceConfig, FusedPipeline, Plan, build_plan
from kedro_matrix_ext.errors import (
    ArgoError,
    GroupingCycleError,
    PlacementError,
    UnknownMachineTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.argo import Task

# Kedro warns of dots in names, and of namespaces that are left and entered again; here both are the point.
pytestmark = [
    pytest.mark.filterwarnings("ignore:One or more dataset names contain"),
    pytest.mark.filterwarnings("ignore:Namespace .* is interrupted"),
]

FILE = {"type": "kedro_datasets.pickle.PickleDataset", "filepath": "x.pkl"}


def join(*parts: Any) -> Any:
    """Take anything, give anything."""
    return parts


def make_node(inputs: str, output: str, **options: Any) -> ArgoNode:
    """Make a node named after what it makes, in the namespace that the name begins with."""
    namespace, _, name = output.rpartition(".")
    return ArgoNode(join, inputs.split(), output, name=name, namespace=namespace or None, **options)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    """Draw any small pipeline: layers of namespaces and tags over a random acyclic graph."""
    nodes: list[KedroNode] = []
    for number in range(draw(st.integers(1, 14))):
        sources = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        namespace = draw(st.sampled_from([None, "a", "b", "a.x", "b.y"]))
        prefix = f"{namespace}." if namespace else ""
        nodes.append(
            draw(st.sampled_from([ArgoNode, KedroNode]))(
                join,
                [nodes[source].outputs[0] for source in sorted(sources)] or ["raw"],
                f"{prefix}data{number}",
                name=f"node{number}",
                namespace=namespace,
                tags=draw(st.sets(st.sampled_from(["team-one", "argowf.fuse", "argowf.fuse-group.g"]))),
            )
        )
    return Pipeline(nodes)


GROUPINGS = ["node", "single", "namespace", "namespace:2", "tag:team-*", "memory", "chain", "pipeline"]


def check_shape(plan: Plan, pipeline: Pipeline) -> None:
    """Hold the plan against the pipeline: all nodes once, the nodes' dependencies, an order to run in."""
    task_of = {node: task for task in plan.tasks for node in task.nodes}
    assert sorted(node for task in plan.tasks for node in task.nodes) == sorted(
        node.name for node in pipeline.nodes
    )
    expected: dict[str, set[str]] = {task.name: set() for task in plan.tasks}
    for node, parents in pipeline.node_dependencies.items():
        task = task_of[node.name].name
        expected[task] |= {task_of[parent.name].name for parent in parents} - {task}
    assert {task.name: set(task.depends_on) for task in plan.tasks} == expected
    TopologicalSorter(expected).prepare()
    seen: set[str] = set()
    for each in plan.tasks:
        assert set(each.depends_on) <= seen
        seen.add(each.name)


@settings(deadline=None)
@given(pipelines(), st.sampled_from(GROUPINGS), st.sampled_from([{}, {"data1": FILE, "a.data2": FILE}]))
def test_every_grouping_is_exclusive_exhaustive_and_acyclic_or_refused(
    pipeline: Pipeline, group_by: str, entries: dict[str, Any]
) -> None:
    """A plan has each node once and an order; what has none is refused with its cycle, and can be split."""
    assume(group_by != "tag:team-*" or any("team-one" in node.tags for node in pipeline.nodes))
    options: dict[str, Any] = {
        "config": ArgoConfig(),
        "group_by": group_by,
        "catalog": DataCatalog.from_config(entries),
        "registry": {"__default__": pipeline, "part": Pipeline(pipeline.nodes[::2])},
    }
    split = build_plan(pipeline, on_cycle="split", **options)
    check_shape(split, pipeline)
    if not split.notes:
        assert build_plan(pipeline, **options) == split
        return
    with pytest.raises(GroupingCycleError) as caught:
        build_plan(pipeline, **options)
    assert caught.value.datasets
    shown = (*caught.value.nodes, *caught.value.datasets)
    assert all(repr(name) in str(caught.value) for name in shown)


@settings(deadline=None)
@given(pipelines(), st.data())
def test_any_function_may_group(pipeline: Pipeline, data: st.DataObject) -> None:
    """Whatever a function from nodes to names says: groups are as it says, in as many pieces as it takes."""
    chosen = {node.name: data.draw(st.sampled_from([None, "x", "y", "z"])) for node in pipeline.nodes}
    plan = build_plan(
        pipeline, config=ArgoConfig(), group_by=lambda node: chosen[node.name], on_cycle="split"
    )
    check_shape(plan, pipeline)
    for task in plan.tasks:
        assert len({chosen[node] for node in task.nodes}) == 1
    for name in ("x", "y", "z"):
        pieces = [task for task in plan.tasks if task.group == name]
        assert (len(pieces) > 1) == any(f"'{name}'" in note for note in plan.notes)


@settings(deadline=None)
@given(pipelines())
def test_memory_leaves_no_in_memory_dataset_between_tasks(pipeline: Pipeline) -> None:
    """Grouped by memory, only datasets with an entry lead from one task to another."""
    catalog = DataCatalog.from_config({"data1": FILE, "{name}4": FILE, "a.data2": FILE, "data6": FILE})
    plan = build_plan(pipeline, config=ArgoConfig(), group_by="memory", catalog=catalog)
    made = {dataset for node in pipeline.nodes for dataset in node.outputs}
    for task in plan.tasks:
        assert all(name in catalog for name in task.inputs if name in made)


def names(plan: Plan) -> dict[str, list[str]]:
    """List the nodes of each task."""
    return {task.name: list(task.nodes) for task in plan.tasks}


def test_node_honours_fused_groups(config: ArgoConfig) -> None:
    """By default each node is a task, but for fused pipelines, one task per instance."""
    fused = FusedPipeline([make_node("raw", "b"), make_node("b", "c")], name="pre-process")
    pipeline = Pipeline(
        [
            Pipeline(fused, namespace="one", inputs="raw"),
            Pipeline(fused, namespace="two", inputs="raw"),
            make_node("one.c two.c", "d"),
        ]
    )
    plan = build_plan(pipeline, config=config)
    assert names(plan) == {
        "one-pre-process": ["one.b", "one.c"],
        "two-pre-process": ["two.b", "two.c"],
        "d": ["d"],
    }
    assert plan.tasks[2].depends_on == ("one-pre-process", "two-pre-process")


def test_a_group_around_namespaces_is_one_task_per_instance(config: ArgoConfig) -> None:
    """Namespaces inside a fused pipeline do not part it, those around it do, at any depth."""
    inner = Pipeline([make_node("raw", "x")], namespace="in.ner", inputs="raw")
    group = FusedPipeline([inner, make_node("in.ner.x", "y")], name="g")
    pipeline = Pipeline(Pipeline(group, namespace="one", inputs="raw"), namespace="out", inputs="raw")
    other = Pipeline(group, namespace="two", inputs="raw")
    assert names(build_plan(pipeline + other, config=config)) == {
        "out-one-g": ["out.one.in.ner.x", "out.one.y"],
        "two-g": ["two.in.ner.x", "two.y"],
    }


def test_nodes_of_other_classes_fuse_as_well(config: ArgoConfig) -> None:
    """Group, depth and machine type that a foreign node carries as tags count as a node's own."""

    class OddNode(KedroNode):
        """A node class of somebody else."""

    inner = [OddNode(join, ["raw"], "b", name="b", namespace="deep"), KedroNode(join, ["b"], "c", name="c")]
    group = FusedPipeline(inner, name="g", machine_type="gpu", template="spark")
    (task,) = build_plan(Pipeline(group, namespace="one", inputs="raw"), config=config).tasks
    assert (task.name, task.template, task.resources.num_gpus) == ("one-g", "spark", 1)
    (task,) = build_plan(
        Pipeline(group, namespace="one").filter(tags=["argowf.fuse-group.g"]), config=config
    ).tasks
    assert (task.name, task.template, task.resources.num_gpus) == ("one-g", "spark", 1)


def test_the_plain_fuse_tag_joins_neighbours(config: ArgoConfig) -> None:
    """`argowf.fuse` without a group joins nodes that are linked by datasets, and no others."""
    tag = "argowf.fuse"
    pipeline = Pipeline(
        [
            make_node("raw", "a", tags=tag),
            make_node("a", "b", tags=tag),
            make_node("raw", "c", tags=tag),
            make_node("b c", "d"),
        ]
    )
    assert names(build_plan(pipeline, config=config)) == {"a": ["a", "b"], "c": ["c"], "d": ["d"]}


def test_a_single_node_of_a_group_can_be_planned_alone(config: ArgoConfig) -> None:
    """A selection may cut through a fused group: the rest of it is the task."""
    group = FusedPipeline([make_node("raw", "b"), make_node("b", "c")], name="g")
    assert names(build_plan(group.only_nodes("c"), config=config)) == {"g": ["c"]}


def test_single_is_one_task(config: ArgoConfig) -> None:
    """The whole pipeline is one task named after it, with the resources of all its nodes."""
    pipeline = Pipeline([make_node("raw", "b", machine_type="gpu"), make_node("b", "c")])
    (task,) = build_plan(pipeline, config=config, group_by="single", name="training").tasks
    assert (task.name, task.nodes, task.resources.num_gpus) == ("training", ("b", "c"), 1)


def test_namespace_takes_a_depth(config: ArgoConfig) -> None:
    """`namespace` is the outermost one, `namespace:2` two levels; nodes without one stay alone."""
    pipeline = Pipeline([make_node("raw", "a.x.b"), make_node("a.x.b", "a.y.c"), make_node("a.y.c", "d")])
    shallow, deep = (build_plan(pipeline, config=config, group_by=g) for g in ("namespace", "namespace:2"))
    assert names(shallow) == {"a": ["a.x.b", "a.y.c"], "d": ["d"]}
    assert names(deep) == {"a-x": ["a.x.b"], "a-y": ["a.y.c"], "d": ["d"]}


@pytest.mark.parametrize("group_by", ["tag:red,blue", "tag:colour.*", "tag:colour."])
def test_tags_are_a_list_or_a_prefix(config: ArgoConfig, group_by: str) -> None:
    """Nodes with one of the tags share a task, nodes with none stay alone."""
    red, blue = ("red", "blue") if "red" in group_by else ("colour.red", "colour.blue")
    pipeline = Pipeline(
        [
            make_node("raw", "a", tags=red),
            make_node("a", "b", tags=[red, "other"]),
            make_node("b", "c", tags=blue),
            make_node("c", "d", tags="other"),
        ]
    )
    plan = build_plan(pipeline, config=config, group_by=group_by)
    assert [list(task.nodes) for task in plan.tasks] == [["a", "b"], ["c"], ["d"]]


def test_a_node_with_two_of_the_tags_is_an_error(config: ArgoConfig) -> None:
    """The error names the node and both tags."""
    pipeline = Pipeline([make_node("raw", "a", tags=["red", "blue"])])
    with pytest.raises(ArgoError, match="node 'a' carries tags 'blue' and 'red'"):
        build_plan(pipeline, config=config, group_by="tag:red,blue")


@pytest.mark.parametrize(
    ("group_by", "message"),
    [
        ("nodes", "Did you mean 'node'"),
        ("zzz", "There are: node, single"),
        ("node:2", "'node' takes no argument"),
        ("namespace:x", "'namespace:x' has no depth"),
        ("namespace:0", "'namespace:0' has no depth"),
        ("tag", "names no tags"),
        ("tag:redd", "no node carries tag 'redd'\n  Did you mean 'red'"),
        ("pipeline", "Pass registry=pipelines"),
        (lambda _: 3, "gave 3 for node 'a'"),
    ],
)
def test_a_grouping_that_is_none_says_so(config: ArgoConfig, group_by: Any, message: str) -> None:
    """Unknown strategies, tags and arguments are errors with the remedy."""
    with pytest.raises(ArgoError, match=message):
        build_plan(Pipeline([make_node("raw", "a", tags="red")]), config=config, group_by=group_by)


def test_pipeline_takes_the_narrowest_registered_one(config: ArgoConfig) -> None:
    """A node belongs to the smallest registered pipeline that holds it; `__default__` holds all."""
    nodes = [make_node("raw", "a"), make_node("a", "b"), make_node("b", "c"), make_node("c", "d")]
    registry = {"__default__": Pipeline(nodes), "big": Pipeline(nodes[:3]), "small": Pipeline(nodes[:2])}
    plan = build_plan(Pipeline(nodes), config=config, group_by="pipeline", registry=registry)
    assert names(plan) == {"small": ["a", "b"], "big": ["c"], "default": ["d"]}


def test_memory_takes_in_what_lies_between(config: ArgoConfig) -> None:
    """Where a file leads out of a memory group and back, the node between joins: nothing else could run."""
    pipeline = Pipeline([make_node("raw", "kept"), make_node("kept", "file"), make_node("kept file", "end")])
    catalog = DataCatalog.from_config({"raw": FILE, "file": FILE, "end": FILE})
    pipeline += Pipeline([make_node("end", "last")])
    plan = build_plan(pipeline, config=config, group_by="memory", catalog=catalog)
    assert names(plan) == {"kept": ["kept", "file", "end"], "last": ["last"]}


def test_chains_collapse_where_resources_are_equal(config: ArgoConfig) -> None:
    """Linear runs become one task; a fork, a join or another machine ends a run."""
    pipeline = Pipeline(
        [
            make_node("raw", "a"),
            make_node("a", "b"),
            make_node("b", "c", machine_type="gpu"),
            make_node("c", "d", machine_type="gpu"),
            make_node("d", "e1"),
            make_node("d", "e2"),
        ]
    )
    plan = build_plan(pipeline, config=config, group_by="chain")
    assert names(plan) == {"a": ["a", "b"], "c": ["c", "d"], "e1": ["e1"], "e2": ["e2"]}


def test_fused_groups_hold_where_a_strategy_leaves_nodes_alone(config: ArgoConfig) -> None:
    """Chains run over fused groups as over nodes, and nodes without a namespace stay fused."""
    group = FusedPipeline([make_node("raw", "b1"), make_node("raw", "b2"), make_node("b1 b2", "c")], name="g")
    pipeline = Pipeline([group, make_node("c", "d"), make_node("d", "n.e")])
    assert names(build_plan(pipeline, config=config, group_by="chain")) == {
        "b1": ["b1", "b2", "c", "d", "n.e"]
    }
    assert names(build_plan(pipeline, config=config, group_by="namespace")) == {
        "g": ["b1", "b2", "c"],
        "d": ["d"],
        "n": ["n.e"],
    }


def make_cycle() -> list[ArgoNode]:
    """Make nodes of which namespace `a` waits for `b`, and `b` for `a`."""
    return [
        make_node("raw", "a.one"),
        make_node("a.one", "b.two"),
        make_node("b.two", "a.three"),
        make_node("a.three", "four"),
    ]


def test_a_cycle_is_printed_with_its_nodes_and_datasets(config: ArgoConfig) -> None:
    """The error shows which node makes what for which node of which group, around the cycle."""
    with pytest.raises(GroupingCycleError) as caught:
        build_plan(Pipeline(make_cycle()), config=config, group_by="namespace")
    message = str(caught.value)
    assert "'a' (node 'a.one') makes 'a.one' for 'b' (node 'b.two')" in message
    assert "'b' (node 'b.two') makes 'b.two' for 'a' (node 'a.three')" in message
    assert "'four'" not in message
    assert "--on-cycle split" in message
    assert caught.value.nodes == ("a.one", "b.two", "a.three")


def test_a_split_is_reported(config: ArgoConfig) -> None:
    """With `on_cycle="split"` the group is cut where it must be, and the plan says so."""
    plan = build_plan(Pipeline(make_cycle()), config=config, group_by="namespace", on_cycle="split")
    assert names(plan) == {"a": ["a.one"], "b": ["b.two"], "a-2": ["a.three"], "four": ["four"]}
    assert plan.notes == ("namespace 'a' is cut into tasks a, a-2: its nodes wait for tasks in between",)


def test_a_group_is_split_no_further_than_it_must(config: ArgoConfig) -> None:
    """Nodes that could run in either piece do not make a third one."""
    more = [make_node("raw", f"a.early{number}") for number in range(3)]
    more += [make_node(f"a.early{number} a.three", f"a.late{number}") for number in range(3)]
    plan = build_plan(Pipeline(make_cycle() + more), config=config, group_by="namespace", on_cycle="split")
    assert len(plan.tasks) == 4


def test_resources_come_from_the_group_the_node_a_rule_or_the_default(
    make_config: Callable[..., ArgoConfig],
) -> None:
    """In this order; what is not said whole by the group is the field-wise maximum over the nodes."""
    config = make_config(
        rules=[
            {"match": {"tag": "heavy"}, "resources": {"memory_request": 60, "memory_limit": 60}},
            {"match": {"namespace": "ns"}, "machine_type": "gpu", "image": "other:1", "template": "kedro"},
            {"match": {"node": "ruled*"}, "machine_type": "gpu", "node_selector": {"disk": "ssd"}},
        ]
    )
    own = ArgoResourceConfig(cpu_request=2, cpu_limit=2)

    def plan_one(*nodes: KedroNode, **group: Any) -> Task:
        pipeline = FusedPipeline(nodes, name="g", **group)
        return build_plan(pipeline, config=config).tasks[0]

    assert plan_one(make_node("raw", "a")).resources.memory_limit == 4
    assert plan_one(make_node("raw", "a", tags="heavy")).resources.memory_limit == 60
    assert plan_one(make_node("raw", "a", tags="heavy", argo_config=own)).resources == own
    assert plan_one(make_node("raw", "a", argo_config=own), machine_type="gpu").resources.num_gpus == 1
    assert plan_one(make_node("raw", "a", machine_type="gpu"), argo_config=own).resources == own
    ruled = plan_one(make_node("raw", "ruled1"), make_node("raw", "a", tags="heavy"))
    assert (ruled.resources.num_gpus, ruled.resources.memory_limit) == (1, 60)
    assert ruled.node_selector == {"disk": "ssd"}
    task = plan_one(make_node("raw", "ns.a"))
    assert (task.image, task.template, task.resources.num_gpus) == ("other:1", "kedro", 1)
    assert plan_one(make_node("raw", "ns.a", template="own")).template == "own"
    assert plan_one(make_node("raw", "ns.a", template="own"), template="group").template == "group"


def test_what_a_group_asks_for_holds_in_every_grouping(config: ArgoConfig) -> None:
    """A GPU that a fused pipeline asks for is there too when its nodes are grouped otherwise."""
    group = FusedPipeline([make_node("raw", "ns.a")], name="g", machine_type="gpu")
    pipeline = Pipeline([group, make_node("ns.a", "ns.b")])
    (task,) = build_plan(pipeline, config=config, group_by="namespace").tasks
    assert task.resources.num_gpus == 1


@pytest.mark.parametrize("what", ["templates", "images", "values of node_selector 'disk'"])
def test_nodes_of_a_task_cannot_ask_for_different_things(
    make_config: Callable[..., ArgoConfig], what: str
) -> None:
    """Two templates, images or values of one machine label in a task are an error that names them."""
    rules = [
        {"match": {"node": name}, "image": f"{name}:1", "node_selector": {"disk": name}}
        for name in ("a", "b")
    ]
    effects = {"images": "image", "values of node_selector 'disk'": "node_selector"}
    config = make_config(
        rules=[{key: rule[key] for key in ("match", effects[what])} for rule in rules]
        if what in effects
        else []
    )
    nodes = [make_node("raw", name, template=name if what == "templates" else None) for name in ("a", "b")]
    with pytest.raises(PlacementError, match=f"nodes 'a', 'b' .* different {what}: 'a.*', 'b.*'"):
        build_plan(Pipeline(nodes), config=config, group_by="single")


def test_unknown_machine_types_are_reported_at_once(config: ArgoConfig) -> None:
    """All of them in one error, with the nodes that ask and the likely name."""
    nodes = [make_node("raw", "a", machine_type="gpuu"), make_node("raw", "b", machine_type="zz")]
    with pytest.raises(
        UnknownMachineTypeError, match=r"'gpuu', asked for by 'a' and no 'zz'.*\n.*\n.*'gpu'"
    ) as caught:
        build_plan(Pipeline(nodes), config=config)
    assert caught.value.nodes == {"gpuu": ("a",), "zz": ("b",)}


def test_plans_do_not_depend_on_the_hash_seed() -> None:
    """Two processes with different hash seeds write the same plan, byte for byte."""
    code = """
import random
from kedro.pipeline import Node, Pipeline
from kedro_matrix_ext.argo import ArgoConfig, build_plan
random.seed(3)
nodes = [Node(lambda *a: a, sorted({f"d{random.randrange(i)}" for _ in range(3)}) if i else "raw", f"d{i}",
              name=f"n{i}", namespace=None, tags=[f"t{i % 4}"]) for i in range(60)]
pipeline = Pipeline(nodes[:40]) + Pipeline(nodes[20:])
for group_by in ("node", "tag:t*", "chain", "memory"):
    print(build_plan(pipeline, config=ArgoConfig(), group_by=group_by, on_cycle="split").to_json())
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert '"t1"' in outputs.pop()

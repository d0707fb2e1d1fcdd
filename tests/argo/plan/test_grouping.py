"""Groupings: which nodes share a task, and which groupings are refused."""

from __future__ import annotations

from typing import Any

import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Node as KedroNode
from kedro.pipeline import Pipeline
from tests.argo.joined_nodes import join, list_nodes, make_node

from kedro_matrix_ext.argo import ArgoConfig, ArgoNode, FusedPipeline, build_plan
from kedro_matrix_ext.errors import (
    ArgoError,
    GroupingCycleError,
)

# Kedro warns of dots in names, and of namespaces that are left and entered again; here both are the point.
pytestmark = [
    pytest.mark.filterwarnings("ignore:One or more dataset names contain"),
    pytest.mark.filterwarnings("ignore:Namespace .* is interrupted"),
]

FILE = {"type": "kedro_datasets.pickle.PickleDataset", "filepath": "x.pkl"}


def test_node_honours_fused_groups(config: ArgoConfig) -> None:
    """By default each node is a task, except in fused pipelines, which are one task per instance."""
    fused = FusedPipeline([make_node("raw", "b"), make_node("b", "c")], name="pre-process")
    pipeline = Pipeline(
        [
            Pipeline(fused, namespace="one", inputs="raw"),
            Pipeline(fused, namespace="two", inputs="raw"),
            make_node("one.c two.c", "d"),
        ]
    )
    plan = build_plan(pipeline, config=config)
    assert list_nodes(plan) == {
        "one-pre-process": ["one.b", "one.c"],
        "two-pre-process": ["two.b", "two.c"],
        "d": ["d"],
    }
    assert plan.tasks[2].depends_on == ("one-pre-process", "two-pre-process")


def test_a_group_around_namespaces_is_one_task_per_instance(config: ArgoConfig) -> None:
    """Namespaces inside a fused pipeline do not split it; namespaces around it do, at any depth."""
    inner = Pipeline([make_node("raw", "x")], namespace="in.ner", inputs="raw")
    group = FusedPipeline([inner, make_node("in.ner.x", "y")], name="g")
    pipeline = Pipeline(Pipeline(group, namespace="one", inputs="raw"), namespace="out", inputs="raw")
    other = Pipeline(group, namespace="two", inputs="raw")
    assert list_nodes(build_plan(pipeline + other, config=config)) == {
        "out-one-g": ["out.one.in.ner.x", "out.one.y"],
        "two-g": ["two.in.ner.x", "two.y"],
    }


def test_nodes_of_other_classes_fuse_as_well(config: ArgoConfig) -> None:
    """Group, depth and machine type in the tags of another node class count like a node's attributes."""

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
    assert list_nodes(build_plan(pipeline, config=config)) == {"a": ["a", "b"], "c": ["c"], "d": ["d"]}


def test_a_single_node_of_a_group_can_be_planned_alone(config: ArgoConfig) -> None:
    """Where a selection includes part of a fused group, that part is the task."""
    group = FusedPipeline([make_node("raw", "b"), make_node("b", "c")], name="g")
    assert list_nodes(build_plan(group.only_nodes("c"), config=config)) == {"g": ["c"]}


def test_single_is_one_task(config: ArgoConfig) -> None:
    """The whole pipeline is one task named after it, with the resources of all its nodes."""
    pipeline = Pipeline([make_node("raw", "b", machine_type="gpu"), make_node("b", "c")])
    (task,) = build_plan(pipeline, config=config, group_by="single", name="training").tasks
    assert (task.name, task.nodes, task.resources.num_gpus) == ("training", ("b", "c"), 1)


def test_namespace_takes_a_depth(config: ArgoConfig) -> None:
    """`namespace` is the outermost one, `namespace:2` two levels; nodes without one stay alone."""
    pipeline = Pipeline([make_node("raw", "a.x.b"), make_node("a.x.b", "a.y.c"), make_node("a.y.c", "d")])
    shallow, deep = (build_plan(pipeline, config=config, group_by=g) for g in ("namespace", "namespace:2"))
    assert list_nodes(shallow) == {"a": ["a.x.b", "a.y.c"], "d": ["d"]}
    assert list_nodes(deep) == {"a-x": ["a.x.b"], "a-y": ["a.y.c"], "d": ["d"]}


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
        ("zzz", "Groupings are: node, single"),
        ("node:2", "'node' takes no argument"),
        ("namespace:x", "'namespace:x' has no depth"),
        ("namespace:0", "'namespace:0' has no depth"),
        ("tag", "names no tags"),
        ("tag:redd", "no node carries tag 'redd'\n  Did you mean 'red'"),
        ("pipeline", "Pass registry=pipelines"),
        (lambda _: 3, "3 for node 'a'"),
    ],
)
def test_an_unknown_grouping_is_refused(config: ArgoConfig, group_by: Any, message: str) -> None:
    """Unknown strategies, tags and arguments are errors with the remedy."""
    with pytest.raises(ArgoError, match=message):
        build_plan(Pipeline([make_node("raw", "a", tags="red")]), config=config, group_by=group_by)


def test_pipeline_takes_the_narrowest_registered_one(config: ArgoConfig) -> None:
    """A node belongs to the smallest registered pipeline that holds it; `__default__` holds all."""
    nodes = [make_node("raw", "a"), make_node("a", "b"), make_node("b", "c"), make_node("c", "d")]
    registry = {"__default__": Pipeline(nodes), "big": Pipeline(nodes[:3]), "small": Pipeline(nodes[:2])}
    plan = build_plan(Pipeline(nodes), config=config, group_by="pipeline", registry=registry)
    assert list_nodes(plan) == {"small": ["a", "b"], "big": ["c"], "default": ["d"]}


def test_memory_takes_in_what_lies_between(config: ArgoConfig) -> None:
    """A node on a path out of a memory group and back into it joins the group."""
    pipeline = Pipeline([make_node("raw", "kept"), make_node("kept", "file"), make_node("kept file", "end")])
    catalog = DataCatalog.from_config({"raw": FILE, "file": FILE, "end": FILE})
    pipeline += Pipeline([make_node("end", "last")])
    plan = build_plan(pipeline, config=config, group_by="memory", catalog=catalog)
    assert list_nodes(plan) == {"kept": ["kept", "file", "end"], "last": ["last"]}


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
    assert list_nodes(plan) == {"a": ["a", "b"], "c": ["c", "d"], "e1": ["e1"], "e2": ["e2"]}


def test_fused_groups_hold_where_a_strategy_leaves_nodes_alone(config: ArgoConfig) -> None:
    """Chains treat a fused group like a node, and nodes without a namespace stay fused."""
    group = FusedPipeline([make_node("raw", "b1"), make_node("raw", "b2"), make_node("b1 b2", "c")], name="g")
    pipeline = Pipeline([group, make_node("c", "d"), make_node("d", "n.e")])
    assert list_nodes(build_plan(pipeline, config=config, group_by="chain")) == {
        "b1": ["b1", "b2", "c", "d", "n.e"]
    }
    assert list_nodes(build_plan(pipeline, config=config, group_by="namespace")) == {
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
    """With `on_cycle="split"` the group is split where needed, and the plan says so."""
    plan = build_plan(Pipeline(make_cycle()), config=config, group_by="namespace", on_cycle="split")
    assert list_nodes(plan) == {"a": ["a.one"], "b": ["b.two"], "a-2": ["a.three"], "four": ["four"]}
    assert plan.notes[0] == "namespace 'a' is split into tasks a, a-2: its nodes wait for tasks in between"


def test_a_group_is_split_no_further_than_it_must(config: ArgoConfig) -> None:
    """Nodes that could run in either part do not make a third one."""
    more = [make_node("raw", f"a.early{number}") for number in range(3)]
    more += [make_node(f"a.early{number} a.three", f"a.late{number}") for number in range(3)]
    plan = build_plan(Pipeline(make_cycle() + more), config=config, group_by="namespace", on_cycle="split")
    assert len(plan.tasks) == 4


@pytest.mark.parametrize(
    ("group_by", "ungrouped"),
    [
        ("namespace", ("a", "b")),
        ("tag:red", ("b", "n.c")),
        ("pipeline", ()),
        (lambda node: "x" if node.name == "a" else None, ("b", "n.c")),
        ("node", ()),
        ("chain", ()),
        ("memory", ()),
    ],
)
def test_nodes_that_no_group_names_are_listed(
    config: ArgoConfig, group_by: Any, ungrouped: tuple[str, ...]
) -> None:
    """In groupings by names, without the nodes of fused pipelines; in the notes and the JSON too."""
    fused = FusedPipeline([make_node("n.c", "d"), make_node("d", "e")], name="g")
    pipeline = Pipeline(
        [make_node("raw", "a", tags="red"), make_node("a", "b"), make_node("b", "n.c"), fused]
    )
    plan = build_plan(pipeline, config=config, group_by=group_by, registry={"__default__": pipeline})
    assert plan.ungrouped == tuple(plan.to_dict()["ungrouped"]) == ungrouped
    assert any("in no group" in note for note in plan.notes) == bool(ungrouped)

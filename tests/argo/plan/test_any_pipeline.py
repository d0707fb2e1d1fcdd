"""Properties of plans: every node in one task, no task waiting for itself, the same plan each time."""

from __future__ import annotations

import subprocess
import sys
from graphlib import TopologicalSorter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kedro.io import DataCatalog
from kedro.pipeline import Node as KedroNode
from kedro.pipeline import Pipeline
from tests.argo.joined_nodes import join

from kedro_matrix_ext.argo import ArgoConfig, ArgoNode, Plan, build_plan
from kedro_matrix_ext.errors import (
    GroupingCycleError,
)

# Kedro warns of dots in names, and of namespaces that are left and entered again; here both are the point.
pytestmark = [
    pytest.mark.filterwarnings("ignore:One or more dataset names contain"),
    pytest.mark.filterwarnings("ignore:Namespace .* is interrupted"),
]

FILE = {"type": "kedro_datasets.pickle.PickleDataset", "filepath": "x.pkl"}

GROUPINGS = [
    "node",
    "single",
    "namespace",
    "namespace:2",
    "tag:team-*",
    "memory",
    "chain",
    "branch",
    "pipeline",
]


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


@pytest.mark.long
@settings(deadline=None)
@given(pipelines(), st.sampled_from(GROUPINGS), st.sampled_from([{}, {"data1": FILE, "a.data2": FILE}]))
def test_every_grouping_is_exclusive_exhaustive_and_acyclic_or_refused(
    pipeline: Pipeline, group_by: str, entries: dict[str, Any]
) -> None:
    """A plan has each node once, in an order that can run; a cycle is refused, and can be split."""
    assume(group_by != "tag:team-*" or any("team-one" in node.tags for node in pipeline.nodes))
    options: dict[str, Any] = {
        "config": ArgoConfig(),
        "group_by": group_by,
        "catalog": DataCatalog.from_config(entries),
        "registry": {"__default__": pipeline, "part": Pipeline(pipeline.nodes[::2])},
    }
    split = build_plan(pipeline, on_cycle="split", **options)
    check_shape(split, pipeline)
    if not any("is split" in note for note in split.notes):
        assert build_plan(pipeline, **options) == split
        return
    with pytest.raises(GroupingCycleError) as caught:
        build_plan(pipeline, **options)
    assert caught.value.datasets
    shown = (*caught.value.nodes, *caught.value.datasets)
    assert all(repr(name) in str(caught.value) for name in shown)


@pytest.mark.long
@settings(deadline=None)
@given(pipelines(), st.data())
def test_any_function_may_group(pipeline: Pipeline, data: st.DataObject) -> None:
    """Groups are as the function returns them, in as few parts as possible."""
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
    """Grouped by memory, only datasets with an entry pass between tasks."""
    catalog = DataCatalog.from_config({"data1": FILE, "{name}4": FILE, "a.data2": FILE, "data6": FILE})
    plan = build_plan(pipeline, config=ArgoConfig(), group_by="memory", catalog=catalog)
    made = {dataset for node in pipeline.nodes for dataset in node.outputs}
    for task in plan.tasks:
        assert all(name in catalog for name in task.inputs if name in made)


@pytest.mark.long
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
for group_by in ("node", "tag:t*", "chain", "branch", "memory"):
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

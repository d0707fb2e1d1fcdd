"""The grouping `branch`: tasks as large as possible while nodes that could run in parallel still can."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.pipeline import Pipeline
from tests.argo.joined_nodes import join, list_nodes, make_node

from kedro_matrix_ext.argo import ArgoConfig, ArgoNode, FusedPipeline, build_plan
from kedro_matrix_ext.errors import GroupingCycleError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

pytestmark = pytest.mark.filterwarnings("ignore:One or more dataset names contain")

Parents = list[set[int]]


def group(pipeline: Pipeline, config: ArgoConfig | None = None) -> dict[str, list[str]]:
    """Return the nodes of each task."""
    return list_nodes(build_plan(pipeline, config=config or ArgoConfig(), group_by="branch"))


def test_a_branch_is_one_task(config: ArgoConfig) -> None:
    """A row joins; nodes that could run at the same time do not; a transitive dependency does not matter."""
    pipeline = Pipeline(
        [
            make_node("raw", "split"),
            make_node("split", "train"),
            make_node("split train", "evaluate"),
            make_node("evaluate", "left"),
            make_node("evaluate", "right"),
            make_node("right", "after"),
            make_node("left after", "end"),
        ]
    )
    assert group(pipeline, config) == {
        "split": ["split", "train", "evaluate"],
        "left": ["left"],
        "right": ["right", "after"],
        "end": ["end"],
    }


def test_another_machine_ends_a_branch(config: ArgoConfig) -> None:
    """Placement is not mixed, and fused groups count as one unit."""
    fused = FusedPipeline([make_node("b", "c1"), make_node("b", "c2")], name="pair")
    pipeline = Pipeline(
        [make_node("raw", "a"), make_node("a", "b", machine_type="gpu"), fused, make_node("c1 c2", "d")]
    )
    assert group(pipeline, config) == {"a": ["a"], "b": ["b"], "c1": ["c1", "c2", "d"]}


def test_a_task_is_named_after_the_namespace_of_its_nodes(config: ArgoConfig) -> None:
    """If all nodes share one and no other task does; otherwise after its first node."""
    pipeline = Pipeline(
        [
            make_node("raw", "price.base.split"),
            make_node("price.base.split", "price.base.train"),
            make_node("raw", "price.next.split"),
            make_node("price.next.split", "price.next.train"),
            make_node("raw", "x.a"),
            make_node("x.a", "x.b"),
            make_node("raw", "x.c"),
            make_node("x.c", "x.d"),
        ]
    )
    assert set(group(pipeline, config)) == {"price-base", "price-next", "x-a", "x-c"}


@pytest.mark.parametrize("group_by", ["branch", "chain"])
def test_fused_groups_that_wait_for_each_other_are_refused(config: ArgoConfig, group_by: str) -> None:
    """They are not joined silently; `on_cycle="split"` splits them."""
    ends = FusedPipeline([make_node("raw", "a"), make_node("b", "c")], name="ends")
    pipeline = Pipeline([ends, make_node("a", "b")])
    with pytest.raises(GroupingCycleError, match="'ends'"):
        build_plan(pipeline, config=config, group_by=group_by)
    plan = build_plan(pipeline, config=config, group_by=group_by, on_cycle="split")
    assert sorted(node for task in plan.tasks for node in task.nodes) == ["a", "b", "c"]
    assert plan.notes


@st.composite
def graphs(draw: st.DrawFn, most: int = 7) -> Parents:
    """Draw the parents of each node of a small acyclic graph."""
    size = draw(st.integers(1, most))
    return [draw(st.sets(st.integers(0, node - 1), max_size=3)) if node else set() for node in range(size)]


def make_pipeline(parents: Parents, names: Iterable[str]) -> Pipeline:
    """Make a pipeline of a graph."""
    named = list(names)
    return Pipeline(
        [
            ArgoNode(join, [named[parent] for parent in sorted(before)] or ["raw"], name, name=name)
            for name, before in zip(named, parents, strict=True)
        ]
    )


def close(parents: Parents) -> list[set[int]]:
    """Return the ancestors of each node."""
    ancestors: list[set[int]] = []
    for before in parents:
        ancestors.append(before.union(*(ancestors[parent] for parent in before)))
    return ancestors


def list_parts(parents: Parents, names: list[str]) -> set[frozenset[int]]:
    """Group a graph by branch."""
    tasks = group(make_pipeline(parents, names))
    return {frozenset(names.index(node) for node in nodes) for nodes in tasks.values()}


def keeps_parallelism(part: frozenset[int], ancestors: list[set[int]]) -> bool:
    """Return whether a part is a row of nodes to which all other nodes relate in the same way."""
    others = [node for node in range(len(ancestors)) if node not in part]
    row = all(left in ancestors[right] or right in ancestors[left] for left, right in combinations(part, 2))
    return row and all(
        len({(other in ancestors[node], node in ancestors[other]) for node in part}) == 1 for other in others
    )


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_it_is_the_one_coarsest_grouping_that_keeps_parallelism(parents: Parents) -> None:
    """Compared with every set of nodes of small graphs."""
    names = [f"n{number}" for number in range(len(parents))]
    ancestors = close(parents)
    parts = list_parts(parents, names)
    assert all(keeps_parallelism(part, ancestors) for part in parts)
    for size in range(2, len(parents) + 1):
        for chosen in map(frozenset, combinations(range(len(parents)), size)):
            if keeps_parallelism(chosen, ancestors):
                assert any(chosen <= part for part in parts)


@settings(max_examples=150, deadline=None)
@given(graphs(most=12), st.data())
def test_no_node_starts_later_whatever_nodes_take(parents: Parents, data: st.DataObject) -> None:
    """Each task starts when its parents are done and runs its nodes in order."""
    names = [f"n{number}" for number in range(len(parents))]
    takes = data.draw(st.lists(st.integers(1, 9), min_size=len(parents), max_size=len(parents)))
    alone: list[int] = []
    for node, before in enumerate(parents):
        alone.append(takes[node] + max((alone[parent] for parent in before), default=0))
    done: dict[str, int] = {}
    ends: dict[str, int] = {}
    for task in build_plan(make_pipeline(parents, names), config=ArgoConfig(), group_by="branch").tasks:
        now = max((done[name] for name in task.depends_on), default=0)
        for name in task.nodes:
            now += takes[names.index(name)]
            ends[name] = now
        done[task.name] = now
    assert [ends[name] for name in names] == alone


@settings(max_examples=60, deadline=None)
@given(graphs(most=12), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(parents: Parents, random: Random) -> None:
    """The same graph under other names gives the same groups."""
    names = [f"n{number}" for number in range(len(parents))]
    shuffled = list(names)
    random.shuffle(shuffled)
    assert list_parts(parents, names) == list_parts(parents, shuffled)

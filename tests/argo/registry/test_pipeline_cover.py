"""Which registered pipelines a task loads, given Kedro's selective loading."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo.registry.pipeline_cover import PipelineChoice
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def make_pipeline(*names: str) -> Pipeline:
    """Make a pipeline of independent nodes by name."""
    return Pipeline([Node(len, "raw", name, name=name) for name in names])


REGISTRY = {
    "dp": make_pipeline("a", "b"),
    "ds": make_pipeline("c", "d"),
    "both": make_pipeline("a", "b", "c", "d"),
    "rest": make_pipeline("e"),
    "__default__": make_pipeline("a", "b", "c", "d", "e", "f"),
}


NODES = st.sets(st.sampled_from("abcdef"))


def choose(*names: str, **options: Any) -> tuple[str, ...]:
    """Choose the pipelines for nodes by name."""
    return PipelineChoice(REGISTRY, **options).choose(make_pipeline(*names).nodes)


def test_the_smallest_set_is_chosen() -> None:
    """One pipeline rather than two, the smaller of two, `__default__` only for what no other holds."""
    assert choose("a") == choose("a", "b") == ("dp",)
    assert choose("a", "c") == ("both",)
    assert choose("a", "e") == ("dp", "rest")
    assert choose("f") == ("__default__",)
    assert choose("zzz") == ()


def test_sets_that_do_not_load_alone_are_skipped() -> None:
    """Sets that cannot be loaded, or lose nodes, are skipped for the next smallest."""

    def load(names: tuple[str, ...]) -> Mapping[str, Pipeline] | None:
        if "both" in names:
            return None
        return {name: REGISTRY[name] for name in names if name != "rest"}

    assert choose("a", "c", load=load) == ("dp", "ds")
    assert choose("e", load=load) == ("__default__",)


def test_a_missing_pipeline_is_loaded_too() -> None:
    """Where the registry asks for another pipeline, that one is added."""

    def load(names: tuple[str, ...]) -> Mapping[str, Pipeline]:
        if "ds" not in names:
            raise KeyError("ds")
        return {name: REGISTRY[name] for name in names}

    assert choose("a", load=load) == ("dp", "ds")


def test_all_is_loaded_where_nothing_less_works() -> None:
    """A pipeline that never loads alone, of nodes outside `__default__`, is named together with it."""
    registry = {**REGISTRY, "own": make_pipeline("g")}

    def load(names: tuple[str, ...]) -> Mapping[str, Pipeline]:
        raise KeyError("nowhere")

    choice = PipelineChoice(registry, load)
    assert choice.choose(make_pipeline("g").nodes) == ("__default__", "own")


def test_a_task_of_very_many_pipelines_names_them_all() -> None:
    """Where there are too many combinations to try, the set is built up; it still holds every node."""
    registry = {f"p{number}": make_pipeline(f"n{number}", "shared") for number in range(30)}
    nodes = make_pipeline(*(f"n{number}" for number in range(30))).nodes
    assert PipelineChoice(registry).choose(nodes) == tuple(sorted(registry))


@settings(deadline=None)
@given(st.dictionaries(st.text("pqrst", min_size=1, max_size=2), NODES, max_size=7))
def test_a_chosen_set_holds_the_nodes_and_no_smaller_one_does(registry: dict[str, set[str]]) -> None:
    """For any registry the choice covers the nodes, and every set of fewer pipelines does not."""
    choice = PipelineChoice({name: make_pipeline(*sorted(nodes)) for name, nodes in registry.items()})
    wanted = set().union(*registry.values())
    chosen = choice.choose(make_pipeline(*sorted(wanted)).nodes)
    assert wanted == set().union(*(registry[name] for name in chosen))
    for name in chosen:
        assert wanted != set().union(*(registry[other] for other in chosen if other != name))


# Each pipeline holds some of four names, every name in one of two versions; "__default__" is one of them.
VERSIONS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([len, abs]), max_size=4)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["p", "q", "r", "s", "__default__"]), VERSIONS, min_size=1))
def test_chosen_pipelines_can_be_added(registry: dict[str, dict[str, Any]]) -> None:
    """Whatever nodes share a name: the sum is a pipeline with the nodes, or no choice has such a sum."""
    pipelines = {
        name: Pipeline(
            [Node(made, "raw", f"{each}_{made.__name__}", name=each) for each, made in nodes.items()]
        )
        for name, nodes in registry.items()
    }
    held = {node for pipeline in pipelines.values() for node in pipeline.nodes}
    target = sorted({node.name: node for node in sorted(held, key=str)}.values(), key=str)
    summable = [names for names in list_subsets(pipelines) if can_run(pipelines, names, target)]
    try:
        chosen = PipelineChoice(pipelines).choose(target)
    except ArgoError:
        assert not summable
    else:
        assert not target or chosen in summable


def list_subsets(names: Iterable[str]) -> list[tuple[str, ...]]:
    """List all sets of some names, each sorted."""
    ordered = sorted(names)
    return [names for count in range(len(ordered) + 1) for names in combinations(ordered, count)]


def can_run(pipelines: Mapping[str, Pipeline], names: Iterable[str], nodes: list[Node]) -> bool:
    """Check whether some pipelines can be added, and hold some nodes."""
    try:
        return {*nodes} <= {*sum((pipelines[name] for name in names), Pipeline([])).nodes}
    except ValueError:
        return False


def test_a_pipeline_with_other_nodes_of_the_same_name_is_not_added() -> None:
    """The smallest set holds two nodes named `b`; `__default__` holds all that the task needs."""
    first, second = make_pipeline("a", "b"), make_pipeline("c")
    other = Pipeline([Node(abs, "raw", "other", name="b"), *second.nodes])
    registry = {"p": first, "q": other, "__default__": first + second}
    assert PipelineChoice(registry).choose([first.nodes[0], second.nodes[0]]) == ("__default__",)
    assert PipelineChoice(registry, registry_as_loaded(registry)).choose(
        [first.nodes[0], second.nodes[0]]
    ) == ("__default__",)


def registry_as_loaded(registry: dict[str, Pipeline]) -> Any:
    """Load named pipelines of a registry."""
    return lambda names: {name: registry[name] for name in names}


def test_nodes_that_no_run_can_hold_are_refused_with_their_pipelines() -> None:
    """Two pipelines with different nodes of one name, and a task with a node of each."""
    first = make_pipeline("a", "b")
    other = Pipeline([Node(abs, "raw", "other", name="b"), *make_pipeline("c").nodes])
    wanted = [node for node in (*first.nodes, *other.nodes) if node.name in "ac"]
    with pytest.raises(ArgoError) as error:
        PipelineChoice({"p": first, "q": other}).choose(wanted)
    assert "'p', 'q'" in error.value.message
    assert "b" in error.value.message

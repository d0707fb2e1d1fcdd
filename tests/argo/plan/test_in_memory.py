"""Which datasets a task keeps in memory: what the catalog declares is saved."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import CachedDataset, DataCatalog
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo import ArgoConfig, FusedPipeline, build_plan, check_pipeline
from kedro_matrix_ext.argo.plan.in_memory import yields_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

datasets = pytest.importorskip("kedro_datasets")
from kedro_datasets.partitions import IncrementalDataset, PartitionedDataset  # noqa: E402  after the check
from kedro_datasets.pickle import PickleDataset  # noqa: E402

PICKLE = {"type": "pickle.PickleDataset", "filepath": "s3://bucket/{dataset}.pkl"}
STORED = {**PICKLE, "filepath": "s3://bucket/x.pkl"}
PARTITIONED = {"type": "partitions.PartitionedDataset", "path": "p", "dataset": "pickle.PickleDataset"}
EVERY_GROUPING = ["node", "single", "namespace", "memory", "pipeline", "tag:all", "chain", "branch"]


def join(*parts: Any) -> Any:
    """Take anything, give anything."""
    return parts


def stream(*parts: Any) -> Iterator[Any]:
    """Give things in chunks."""
    yield parts


def logged(func: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function as decorators do."""

    @wraps(func)
    def wrapper(*args: Any) -> Any:
        return func(*args)

    return wrapper


@pytest.fixture
def keeping(make_config: Callable[..., ArgoConfig]) -> ArgoConfig:
    """Models of an `argo.yml` that keeps datasets in memory, with exceptions."""
    return make_config(runner={"use_memory_datasets": True, "persist": ["checkpoint_*"]})


def make_pair(func: Any, name: str, *, fused: bool) -> Pipeline:
    """Make a maker and a user of a dataset, in one namespace, fused or not."""
    nodes = [
        Node(func, "n.raw", name, name="maker", namespace="n", tags="all"),
        Node(join, name, "n.end", name="user", namespace="n", tags="all"),
    ]
    return FusedPipeline(nodes, name="pair") if fused else Pipeline(nodes)


def kept(  # noqa: PLR0913  a table's columns
    func: Any,
    name: str,
    config: ArgoConfig,
    *,
    entries: dict[str, Any] | None = None,
    fused: bool = False,
    group_by: str = "single",
) -> set[str]:
    """Return what the tasks of a maker and a user of a dataset keep in memory."""
    pipeline = make_pair(func, name, fused=fused)
    catalog = DataCatalog.from_config(
        {key: entry for key, entry in (entries or {}).items() if isinstance(entry, dict)}
    )
    for key, entry in (entries or {}).items():
        if not isinstance(entry, dict):
            catalog[key] = entry
    registry = {"__default__": pipeline, "all": pipeline}
    plan = build_plan(pipeline, config=config, group_by=group_by, catalog=catalog, registry=registry)
    return {dataset for task in plan.tasks for dataset in task.memory_datasets}


@pytest.mark.parametrize("group_by", EVERY_GROUPING)
@pytest.mark.parametrize(
    "entries",
    [
        {"n.x": STORED},
        {"n.x": {**STORED, "versioned": True}},
        {"{namespace}.x": {**STORED, "filepath": "s3://b/{namespace}.pkl"}},
        {"n.{dataset}": PICKLE},
        {"{a}.{b}": {**STORED, "filepath": "s3://b/{a}/{b}.pkl"}},
        {"n.x": {"type": "CachedDataset", "dataset": STORED}},
        {"n.x": PickleDataset(filepath="x.pkl")},
    ],
)
def test_a_declared_dataset_is_saved_in_every_grouping(
    keeping: ArgoConfig, group_by: str, entries: dict[str, Any]
) -> None:
    """An entry, or a pattern with literal text, is a promise, whoever shares the task."""
    assert kept(join, "n.x", keeping, entries=entries, group_by=group_by) == set()


@pytest.mark.parametrize("entries", [{}, {"{dataset}": PICKLE}, {"n.x": {"type": "MemoryDataset"}}])
def test_an_undeclared_dataset_inside_a_task_is_kept_in_memory(
    keeping: ArgoConfig, config: ArgoConfig, entries: dict[str, Any]
) -> None:
    """Without an entry, with only a catch-all pattern, or declared as a `MemoryDataset`."""
    assert kept(join, "n.x", keeping, entries=entries) == {"n.x"}
    assert kept(join, "n.x", config, entries=entries) == set()


@pytest.mark.parametrize("group_by", EVERY_GROUPING)
def test_a_declared_dataset_inside_a_fused_pipeline_is_kept_in_memory(
    keeping: ArgoConfig, group_by: str
) -> None:
    """Also where the grouping makes the task larger; the check notes it and names the way to save it."""
    assert kept(join, "n.x", keeping, entries={"n.x": STORED}, fused=True, group_by=group_by) == {"n.x"}
    pipeline = make_pair(join, "n.x", fused=True)
    entries = {name: {**STORED, "filepath": f"s3://b/{name}"} for name in ("n.raw", "n.x", "n.end")}
    checked = check_pipeline(
        pipeline, config=keeping, group_by="single", catalog=DataCatalog.from_config(entries)
    )
    (found,) = [each for each in checked.findings if each.code == "declared-dataset-not-saved"]
    assert (found.task, found.dataset, "runner.persist" in found.fix) == ("default", "n.x", True)


@pytest.mark.parametrize(
    ("func", "name", "entry"),
    [
        (join, "n.x", {**STORED, "versioned": True}),
        (join, "n.x", {"type": "CachedDataset", "dataset": {**STORED, "versioned": True}}),
        (join, "n.x", {"type": "CachedDataset", "versioned": True, "dataset": STORED}),
        (join, "n.x", PARTITIONED),
        (join, "n.x", {"type": "CachedDataset", "dataset": PARTITIONED}),
        (join, "n.x", PartitionedDataset(path="p", dataset="pickle.PickleDataset")),
        (join, "n.x", IncrementalDataset(path="p", dataset="pickle.PickleDataset")),
        (join, "n.x", CachedDataset(PartitionedDataset(path="p", dataset="pickle.PickleDataset"))),
        (stream, "n.x", None),
        (partial(logged(stream)), "n.x", None),
        (join, "checkpoint_1", None),
        (join, "checkpoint_1", STORED),
    ],
)
def test_datasets_that_memory_would_change_are_saved_in_a_fused_pipeline(
    keeping: ArgoConfig, func: Any, name: str, entry: Any
) -> None:
    """Versions, chunks, partitions, increments and datasets under `persist`, in any wrapping."""
    entries = {} if entry is None else {name: entry}
    assert kept(func, name, keeping, entries=entries, fused=True) == set()


def test_mlflow_datasets_are_saved_in_a_fused_pipeline(keeping: ArgoConfig) -> None:
    """An artifact, metric or model is saved for its readers in MLflow."""

    class ModelDataset(PickleDataset):  # type: ignore[misc,unused-ignore]
        __module__ = "kedro_mlflow.io.models"

    assert kept(join, "n.x", keeping, entries={"n.x": ModelDataset(filepath="x")}, fused=True) == set()


def test_transcoded_data_is_saved(keeping: ArgoConfig) -> None:
    """A dataset with engines is saved; one that the task makes is not among its inputs."""
    pipeline = FusedPipeline([Node(join, "raw", "data@spark"), Node(join, "data@pandas", "end")], name="g")
    (task,) = build_plan(pipeline, config=keeping, group_by="single").tasks
    assert task.memory_datasets == ()
    assert task.inputs == ("raw",)


def test_use_is_judged_on_the_whole_pipeline(keeping: ArgoConfig) -> None:
    """Datasets used in another task or outside the selection are saved; so are datasets that no node uses."""
    pair = FusedPipeline([Node(join, "raw", "x", name="a"), Node(join, "x", "y", name="b")], name="g")
    other = Pipeline([Node(join, "x", "z", name="c")])
    assert build_plan(pair, config=keeping).tasks[0].memory_datasets == ("x",)
    assert build_plan(pair + other, config=keeping).tasks[0].memory_datasets == ()
    registry = {"__default__": pair + other}
    assert build_plan(pair, config=keeping, registry=registry).tasks[0].memory_datasets == ()
    declared = DataCatalog.from_config({"x": STORED})
    whole = build_plan(pair + other, config=keeping, group_by="single", catalog=declared)
    assert whole.tasks[0].memory_datasets == ()  # one of its users is outside the fused pipeline


@settings(max_examples=60, deadline=None)
@given(
    declared=st.sets(st.sampled_from(["n.a", "n.b", "n.c", "n.d"])),
    fused=st.sets(st.integers(0, 4)),
    group_by=st.sampled_from(EVERY_GROUPING),
)
def test_whatever_is_declared_is_saved_or_inside_one_fused_pipeline(
    declared: set[str], fused: set[int], group_by: str
) -> None:
    """A chain of five nodes, any of which are fused, with any of its four datasets declared."""
    names = ["n.raw", "n.a", "n.b", "n.c", "n.d", "n.end"]
    nodes = [
        Node(join, names[i], names[i + 1], name=f"n{i}", namespace="n", tags=["all", "argowf.fuse-group.g"])
        if i in fused
        else Node(join, names[i], names[i + 1], name=f"n{i}", namespace="n", tags="all")
        for i in range(5)
    ]
    pipeline = Pipeline(nodes)
    config = ArgoConfig.model_validate({"runner": {"use_memory_datasets": True}})
    catalog = DataCatalog.from_config({name: {**STORED, "filepath": f"s3://b/{name}"} for name in declared})
    plan = build_plan(
        pipeline,
        config=config,
        group_by=group_by,
        on_cycle="split",
        catalog=catalog,
        registry={"__default__": pipeline, "all": pipeline},
    )
    for task in plan.tasks:
        for dataset in set(task.memory_datasets) & declared:
            made = names.index(dataset) - 1
            assert {made, made + 1} <= fused
        assert set(task.memory_datasets) <= set(task.outputs)


def test_generators_are_seen_through_decorators() -> None:
    """Generator functions are recognised under partials, wrappers and callable objects."""

    class Caller:
        def __call__(self) -> Iterator[int]:
            yield 1

    generators = (stream, logged(stream), partial(logged(partial(stream))), Caller())
    assert all(yields_chunks(func) for func in generators)
    assert not any(yields_chunks(func) for func in (join, logged(join), partial(join), len))

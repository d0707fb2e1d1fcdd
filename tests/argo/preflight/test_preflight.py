"""The findings of the preflight: for each code a broken variant, and a valid one without findings."""

from __future__ import annotations

from typing import Any

import pytest
from kedro.pipeline import Node, Pipeline
from tests.argo.preflight.checked_pipelines import check, codes, fit, stored, take

from kedro_matrix_ext import inject_object
from kedro_matrix_ext.argo import (
    ArgoConfig,
    build_plan,
    check_plan,
)


def test_a_valid_pipeline_has_no_findings() -> None:
    """With data in shared storage and parameters, machines and image declared, there are no findings."""
    assert check() == []


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "MemoryDataset"},
        {"type": "SharedMemoryDataset"},
        {"type": "CachedDataset", "dataset": {"type": "MemoryDataset"}},
    ],
)
def test_memory_that_crosses_tasks(entry: dict[str, Any]) -> None:
    """A dataset in memory, in any wrapping, does not reach another task."""
    (found,) = check(catalog={"a": entry})
    assert (found.code, found.task, found.node, found.dataset) == (
        "memory-dataset-crosses-tasks",
        "one",
        "one",
        "a",
    )
    assert "kedro_matrix_ext.catalog.UndeclaredDataset" in found.fix


def test_undeclared_data_that_crosses_tasks() -> None:
    """Data without an entry does not reach another task and has no source; inside a task it is fine."""
    nodes = Pipeline([Node(take, "raw", "x", name="one"), Node(take, ["x", "y"], "b", name="two")])
    found = check(nodes)
    assert codes(found) == ["memory-dataset-crosses-tasks"]
    assert sorted(str(each.dataset) for each in found) == ["x", "y"]
    assert check(nodes, catalog={"y": stored("gs://b/y")}, group_by="single") == []
    assert check(nodes, catalog={"{other}": stored("gs://b/{other}")}) == []


def test_local_inputs_that_no_task_makes() -> None:
    """A file on disk is a warning, since the image may have it; a memory dataset without data is an error."""
    (found,) = check(catalog={"raw": stored("data/raw.csv")}, group_by="single")
    assert (found.code, found.severity.value, found.dataset) == ("local-input", "warning", "raw")
    (found,) = check(catalog={"raw": {"type": "MemoryDataset"}})
    assert (found.code, found.dataset) == ("memory-dataset-crosses-tasks", "raw")


def test_cached_files_may_cross_tasks() -> None:
    """A cache over shared storage is written there too."""
    cached = {"type": "CachedDataset", "dataset": stored("s3://bucket/a")}
    assert check(catalog={"a": cached}) == []


@pytest.mark.parametrize("path", ["data/a.pkl", "file:///data/a.pkl", "memory://a"])
def test_local_paths_that_cross_tasks(path: str) -> None:
    """Another machine cannot read what is on one machine's disk."""
    (found,) = check(catalog={"a": stored(path)})
    assert (found.code, found.dataset) == ("local-path-crosses-tasks", "a")
    assert check(catalog={"a": stored(path)}, group_by="single") == []


def test_datasets_written_to_one_file() -> None:
    """Two datasets with one path are found; appending is intended."""
    twice = {"b": stored("s3://bucket/a")}
    (found,) = check(catalog=twice)
    assert (found.code, found.dataset) == ("dataset-written-twice", "b")
    assert check(catalog={"b": stored("s3://bucket/a", save_args={"mode": "append"})}) == []


@pytest.mark.parametrize("entry", [{"type": "MemoryDataset"}, stored("data/b")])
def test_unused_outputs_that_are_lost(entry: dict[str, Any]) -> None:
    """Outputs that no node uses and nothing keeps are noted."""
    (found,) = check(catalog={"b": entry})
    assert (found.code, found.severity.value, found.dataset) == ("unused-task-output", "note", "b")


def test_a_cycle_of_tasks_and_what_else_is_wrong() -> None:
    """A cycle is a finding, and everything else is checked too."""
    nodes = [
        Node(take, "raw", "a", name="one", tags="x"),
        Node(take, "a", "m", name="between"),
        Node(take, "m", "b", name="two", tags="x"),
    ]
    found = check(Pipeline(nodes), group_by="tag:x")
    assert codes(found) == ["grouping-cycle", "memory-dataset-crosses-tasks", "ungrouped-nodes"]
    cycle = next(each for each in found if each.code == "grouping-cycle")
    assert cycle.node in {"one", "between", "two"}
    stored_too = {"m": stored("s3://b/m")}
    split = check(Pipeline(nodes), group_by="tag:x", catalog=stored_too, on_cycle="split")
    assert codes(split) == ["ungrouped-nodes"]


def test_missing_parameters() -> None:
    """An undeclared parameter is found, with the nearest name; one passed at submit counts as declared."""
    nodes = Pipeline([Node(take, ["raw", "params:model.dept"], "a", name="one")])
    declared = {"model": {"depth": 3}, "model.depth": 3}
    (found,) = check(nodes, parameters=declared)
    assert (found.code, found.node, found.dataset) == ("missing-parameter", "one", "params:model.dept")
    assert "Did you mean 'model.depth'" in found.fix
    assert check(nodes, parameters=declared, params={"model": {"dept": 3}}) == []
    assert check(nodes, parameters={"model.dept": 3}) == []


@pytest.mark.parametrize("name", ["params:model", "params:model.inner", "parameters", "params:a.b.c"])
def test_outputs_and_entries_named_like_parameters(name: str) -> None:
    """Each is an error, its value is neither loaded nor judged as a parameter, and nothing else is found."""
    made = Pipeline(
        [
            Node(take, "raw", name, name="one"),
            Node(inject_object()(take), name, "a", name="two"),
        ]
    )
    found = check(made, catalog={name: stored("s3://b/model")})
    named = [each for each in found if each.code == "data-named-as-parameter"]
    assert [(each.node, each.dataset) for each in named] == [("one", name), (None, name)]
    assert [each.task for each in named] == ["one", None]
    unread = {name: stored("/nowhere/model.pkl")}
    only_read = check(Pipeline([Node(inject_object()(take), name, "a", name="two")]), catalog=unread)
    assert [each.dataset for each in only_read] == [name]


@pytest.mark.parametrize("pattern", ["{any}", "{any}.dept", "params:{any}"])
def test_a_pattern_that_would_answer_a_missing_parameter(pattern: str) -> None:
    """The parameter is missing, and the finding names the pattern that Kedro would load."""
    nodes = Pipeline([Node(inject_object()(take), ["raw", "params:model.dept"], "a", name="one")])
    found = check(nodes, parameters={"model": {"depth": 3}}, catalog={pattern: stored("s3://b/{any}")})
    (missing,) = [each for each in found if each.code == "missing-parameter"]
    assert missing.dataset == "params:model.dept"
    assert repr(pattern) in missing.message


def test_injected_objects_that_cannot_be_made() -> None:
    """Objects under used parameters are imported and their arguments bound, each reported once."""
    nodes = Pipeline([Node(inject_object()(take), ["raw", "params:model", "parameters"], "a", name="one")])
    (found,) = check(nodes, parameters={"model": {"object": "math.powe"}})
    assert (found.code, found.location.config_path) == ("injected-object", "parameters: model.object")
    assert (found.task, found.node, found.dataset) == ("one", "one", "params:model")
    (found,) = check(nodes, parameters={"model": {"object": "math.pow", "z": 1}})
    assert found.code == "injected-object"
    assert check(nodes, parameters={"model": {"object": "decimal.Decimal", "value": "1"}}) == []
    unused = {"other": {"object": "math.powe"}}
    assert check(Pipeline([Node(inject_object()(take), "raw", "a", name="one")]), parameters=unused) == []


def test_injected_objects_are_judged_by_the_options_of_each_node() -> None:
    """Inputs that a node does not inject may hold anything; a node may allow less than others."""
    inputs = ["raw", "params:model"]
    wrong, decimal = {"model": {"object": "math.powe"}}, {"model": {"object": "decimal.Decimal"}}
    for function in (take, inject_object(exclude_kwargs=["model"])(fit), inject_object(only=["table"])(fit)):
        assert check(Pipeline([Node(function, inputs, "a", name="one")]), parameters=wrong) == []
    strict = Node(inject_object(allow=["fractions.*"])(fit), inputs, "b", name="two")
    loose = Node(inject_object()(fit), inputs, "a", name="one")
    (found,) = check(Pipeline([loose, strict]), parameters=decimal, catalog={"b": stored("s3://bucket/b")})
    assert (found.code, found.node) == ("injected-object", "two")
    assert "'decimal.Decimal' is not among the allowed modules" in found.message


def test_engines_that_do_not_agree() -> None:
    """Engines of one dataset with different paths, or undeclared ones, are found; patterns are resolved."""
    nodes = Pipeline([Node(take, "raw", "t@spark", name="one"), Node(take, "t@pandas", "b", name="two")])
    one_path = {"t@spark": stored("s3://b/t"), "t@pandas": stored("s3://b/t")}
    assert check(nodes, catalog=one_path) == []
    assert codes(check(nodes, catalog={**one_path, "t@pandas": stored("s3://b/u")})) == [
        "transcoding-mismatch"
    ]
    patterns = {"{x}@spark": stored("s3://b/{x}"), "{x}@pandas": stored("s3://b/{x}.pq")}
    (found,) = check(nodes, catalog=patterns)
    assert found.message.startswith("the engines of 't' have different paths")
    catch_all = {"{rest}": stored("s3://b/undeclared/{rest}")}
    assert check(nodes, catalog={**patterns, "{x}@pandas": stored("s3://b/{x}"), **catch_all}) == []
    swallowed = check(nodes, catalog={"t@spark": stored("s3://b/t"), **catch_all})
    assert "pattern '{rest}' would match 't@pandas'" in swallowed[0].message
    assert "transcoding-mismatch" in codes(check(nodes, catalog={"t@spark": stored("s3://b/t")}))


@pytest.mark.parametrize(
    ("tracking", "uri", "local"),
    [
        ({"server": {"mlflow_tracking_uri": "mlruns"}}, None, True),
        ({"experiment": "shop"}, None, True),
        ({}, "http://localhost:5000", True),
        ({"tracking_uri": "sqlite:///mlruns.db"}, "https://mlflow.example", True),
        ({"tracking_uri": "https://mlflow.example"}, None, False),
        ({"experiment": "shop"}, "databricks", False),
        ({}, None, False),
    ],
)
def test_local_mlflow_stores(tracking: dict[str, Any], uri: str | None, local: bool) -> None:  # noqa: FBT001  a table's column
    """Where MLflow is used, its store must be one that all tasks reach."""
    environment = [{"name": "MLFLOW_TRACKING_URI", "value": uri}] if uri else []
    found = check(argo={"template": {"environment": environment}}, tracking=tracking)
    assert codes(found) == (["local-mlflow-store"] if local else [])


@pytest.mark.parametrize(
    "source",
    [
        {"secret_ref": {"name": "mlflow", "key": "uri"}},
        {"valueFrom": {"configMapKeyRef": {"name": "mlflow", "key": "uri"}}},
        {"valueFrom": {"secretKeyRef": {"name": "mlflow", "key": "uri"}}},
    ],
)
def test_a_store_that_only_the_cluster_knows_is_trusted(source: dict[str, Any]) -> None:
    """A store from a secret or a config map is not known, so there is no finding."""
    variable = {"name": "MLFLOW_TRACKING_URI", **source}
    assert codes(check(argo={"mlflow": True})) == ["local-mlflow-store"]
    assert check(argo={"mlflow": True, "template": {"environment": [variable]}}) == []


def test_a_store_may_come_from_all_of_a_config_map() -> None:
    """Variables that the container of all tasks takes as a whole are not known."""
    containers = [{"name": "main", "envFrom": [{"configMapRef": {"name": "mlflow"}}]}]
    assert check(argo={"mlflow": True, "pod": {"containers": containers}}) == []


def test_the_shell_says_nothing_about_the_store_of_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a store of this shell is trusted nor a local one of it reported."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    assert codes(check(argo={"mlflow": True})) == ["local-mlflow-store"]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "mlruns")
    shared = {"name": "MLFLOW_TRACKING_URI", "value": "https://mlflow.example"}
    assert check(argo={"mlflow": True, "template": {"environment": [shared]}}) == []


def test_a_plan_is_checked_without_catalog() -> None:
    """Without a catalog nothing is stored; parameters and engines are not judged."""
    config = ArgoConfig.model_validate({"deployment": {"image": "shop"}})
    nodes = Pipeline([Node(take, ["raw", "params:x"], "t@a", name="one"), Node(take, "t@b", "b", name="two")])
    found = check_plan(build_plan(nodes, config=config), pipeline=nodes, config=config)
    assert codes(found) == ["memory-dataset-crosses-tasks", "unused-task-output"]

"""The plan itself: names, datasets in memory, pipelines to load, JSON and digest."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import CachedDataset, DataCatalog
from kedro.pipeline import Node, Pipeline
from tests.argo.written_plan import example_plan

from kedro_matrix_ext.argo import ArgoConfig, Plan, build_plan
from kedro_matrix_ext.argo.plan.task_names import LONGEST_NAME, name_tasks
from kedro_matrix_ext.argo.report import FORMATS
from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView
from kedro_matrix_ext.errors import ArgoError, CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

datasets = pytest.importorskip("kedro_datasets")
from kedro_datasets.pickle import PickleDataset  # noqa: E402

ARGO_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


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


def test_the_catalog_is_read_but_not_changed() -> None:
    """Entries, patterns and Python objects are found, and the catalog lists the same names as before."""
    viz = {"kedro-viz": {"layer": "raw"}}
    config: dict[str, dict[str, Any]] = {
        "cars": {"type": "pickle.PickleDataset", "filepath": "c", "metadata": viz},
        "{ns}.wrapped": {"type": "CachedDataset", "dataset": "MemoryDataset", "metadata": {"kind": "table"}},
        "parts": {"type": "partitions.PartitionedDataset", "path": "p", "dataset": "pickle.PickleDataset"},
    }
    catalog = DataCatalog.from_config(config)
    catalog["given"] = CachedDataset(PickleDataset(filepath="x"))
    before = sorted(catalog.keys())
    view = CatalogView(catalog)
    assert view.metadata("cars") == {"layer": "raw", **viz}
    assert view.metadata("a.wrapped") == {"kind": "table"}
    assert [view.is_in_memory(name) for name in ("cars", "a.wrapped", "given", "none")] == [
        False,
        True,
        False,
        True,
    ]
    assert [view.is_chunked(name) for name in ("cars", "parts", "none")] == [False, True, False]
    assert view.type_name("given") == "kedro.io.cached_dataset.CachedDataset"
    assert sorted(catalog.keys()) == before


def test_a_dataset_class_that_cannot_be_imported_is_named() -> None:
    """The error names the type and the dataset, and keeps the cause."""
    view = CatalogView(DataCatalog.from_config({"cars": {"type": "no.such.Dataset"}}))
    assert not view.is_in_memory("cars")  # it is judged by its written name
    error = view.find_unknown_type("cars")
    assert isinstance(error, CatalogError)
    assert "type 'no.such.Dataset'" in str(error)
    assert "catalog: cars.type" in str(error)
    assert error.__cause__ is not None


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=220), unique=True, max_size=12))
def test_any_labels_get_valid_unique_names(labels: list[str]) -> None:
    """For any node names, tasks get distinct names that Argo and Kubernetes accept."""
    names = name_tasks([(label, f"node:{label}") for label in labels])
    assert len(set(names)) == len(labels)
    for name in names:
        assert ARGO_NAME.fullmatch(name)
        assert len(name) <= LONGEST_NAME


def test_names_are_readable_and_stable() -> None:
    """A hash is added where two names would be equal or letters are lost; other names stay."""

    def named(*labels: str) -> list[str]:
        return name_tasks([(label, label) for label in labels])

    assert named("load_x", "ns.Train-It", "2024") == ["load-x", "ns-train-it", "t-2024"]
    collided = named("load_x", "load-x", "train")
    assert collided[2] == "train"
    assert collided[0].startswith("load-x-")
    assert collided[0] != collided[1]
    assert collided[0] == named("load_x", "Load.X")[0]
    assert named("größe")[0].startswith("groe-")
    assert named("a" * 200)[0].startswith("a" * 50)
    natural = collided[0]
    assert len(set(named("load_x", "load-x", natural))) == 3


def test_a_plan_survives_json() -> None:
    """JSON has the documented keys, and comes back as an equal plan with an equal digest."""
    plan = example_plan()
    data = json.loads(plan.to_json())
    assert list(data)[:5] == ["pipeline", "env", "group_by", "digest", "tasks"]
    assert data["tasks"][0]["resources"]["cpu_request"] == 0.5
    assert data["datasets"]["y"]["metadata"] == {"layer": "</script>"}
    again = Plan.from_json(plan.to_json())
    assert again == plan
    assert again.digest == plan.digest


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tasks": 3}'])
def test_text_that_is_not_a_plan_is_refused(text: str) -> None:
    """Text that is not a plan, and a plan changed by hand, are errors."""
    with pytest.raises(ArgoError, match="this is not a plan"):
        Plan.from_json(text)
    with pytest.raises(ArgoError, match="does not match its digest"):
        Plan.from_json(example_plan().to_json().replace('"n1"', '"n4"'))


def test_the_digest_changes_with_tasks_nodes_dependencies_and_datasets_alone() -> None:
    """Each of these changes it; size, template, pipelines, environment and notes do not."""
    plan = example_plan()
    first, second = plan.tasks
    changes: tuple[dict[str, Any], ...] = (
        {"name": "c"},
        {"nodes": ("ns.n4",)},
        {"depends_on": ()},
        {"inputs": ("y",)},
        {"outputs": ("z",)},
        {"memory_datasets": ("z",)},
    )
    for changed in changes:
        assert example_plan(tasks=(first, replace(second, **changed))).digest != plan.digest
    sames: tuple[dict[str, Any], ...] = (
        {"resources": first.resources},
        {"template": None},
        {"pipelines": ()},
    )
    for same in sames:
        assert example_plan(tasks=(first, replace(second, **same))).digest == plan.digest
    assert example_plan(tasks=(second, first), env="base", notes=(), group_by="x").digest == plan.digest


def test_a_plan_has_metadata_of_its_datasets(config: ArgoConfig) -> None:
    """Each dataset has its type and metadata; parameters are left out."""
    catalog = DataCatalog.from_config(
        {"raw": {"type": "MemoryDataset", "metadata": {"layer": "raw", "kind": "table", "since": "2024"}}}
    )
    pipeline = Pipeline([Node(join, ["raw", "params:p", "parameters"], "end")])
    plan = build_plan(pipeline, config=config, catalog=catalog)
    assert plan.datasets == {
        "end": {"type": None, "metadata": {}},
        "raw": {"type": "MemoryDataset", "metadata": {"layer": "raw", "kind": "table", "since": "2024"}},
    }
    assert plan.tasks[0].inputs == ("parameters", "params:p", "raw")


def test_an_empty_pipeline_is_an_empty_plan(config: ArgoConfig) -> None:
    """No nodes, no tasks, in every format."""
    plan = build_plan(Pipeline([]), config=config)
    assert plan.tasks == ()
    assert all(render(plan) for render in FORMATS.values())


@logged
def scale(data: Any, factor: Any, everything: Any) -> Any:
    """Do something with parameters."""
    return data, factor, everything


def test_a_plan_describes_its_nodes(config: ArgoConfig) -> None:
    """Other tools translate it without the project: functions by full name, inputs, outputs, parameters."""
    inputs = ["raw", "params:model.factor", "parameters"]
    pipeline = Pipeline(
        [Node(partial(scale), inputs, ["b", "a"], name="scale", namespace="n", tags=["t"])],
        inputs={"raw"},
        parameters={"params:model.factor", "parameters"},
    )
    plan = build_plan(pipeline, config=config)
    assert json.loads(plan.to_json())["nodes"] == {
        "n.scale": {
            "function": f"{__name__}.scale",
            "inputs": ["raw"],
            "outputs": ["b", "a"],
            "parameters": ["params:model.factor", "parameters"],
            "namespace": "n",
            "tags": ["t"],
        }
    }
    assert Plan.from_json(plan.to_json()) == plan

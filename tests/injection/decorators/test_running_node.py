"""Data never becomes code: in a node's run, only parameters declare objects."""

from __future__ import annotations

import functools
import logging
import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import DataCatalog, MemoryDataset, SharedMemoryDataCatalog
from kedro.pipeline import Pipeline, node
from kedro.runner import ParallelRunner, SequentialRunner, ThreadRunner
from kedro_datasets.json import JSONDataset

from kedro_matrix_ext import inject_object, unpack_params

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = {"object": "fractions.Fraction", "args": [1, 2]}
BUILT = Fraction(1, 2)
DATA = {"object": "kedro_matrix_ext.nothing_of_this_name", "args": ["evil"]}  # an error if it were built

RUNNERS = [SequentialRunner, ThreadRunner, ParallelRunner, lambda: SequentialRunner(is_async=True)]


@inject_object()
def describe(data: Any, model: Any) -> Any:
    """Return what arrived."""
    return {"data": data, "model": str(model)}


@inject_object()
def describe_all(parts: Any) -> Any:
    """Return what arrived."""
    return str(parts)


@inject_object()
def chunks(data: Any, model: Any) -> Iterator[Any]:
    """Yield what arrived; the body starts after Kedro's ``Node.run`` has returned."""
    yield {"data": data, "model": str(model)}


@inject_object()
def two_streams(data: Any, model: Any) -> Iterator[tuple[Any, Any]]:
    """Yield to two datasets."""
    yield data, str(model)


@unpack_params()
@inject_object()
def unpacked(data: Any, model: Any) -> Any:
    """Return what arrived, one argument of it out of ``unpack``."""
    return {"data": data, "model": str(model)}


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate as many projects do."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


@logged
@inject_object()
def wrapped(data: Any, model: Any) -> Any:
    """Return what arrived."""
    return {"data": data, "model": str(model)}


@inject_object(only=["data"])
def chosen(data: Any, model: Any) -> Any:
    """Build the dataset's value, on purpose."""
    return {"data": str(data), "model": model}


def named_partial(function: Any, **bound: Any) -> Any:
    """Bind arguments, and keep the name that Kedro asks for."""
    made = functools.partial(function, **bound)
    vars(made)["__name__"] = function.__name__
    return made


def run(
    function: Any, inputs: Any, runner: Any = SequentialRunner, outputs: Any = "out", **extra: Any
) -> Any:
    """Run one node and return what it saved, by a bare runner."""
    kind = SharedMemoryDataCatalog if runner is ParallelRunner else DataCatalog
    catalog = kind(
        {
            "data": MemoryDataset(DATA),
            "params:model": MemoryDataset(BLOCK),
            "params:nested": MemoryDataset({"grid": [{"model": BLOCK}, (BLOCK,)]}),
            "params:spread": MemoryDataset({"unpack": {"model": BLOCK}}),
            "parameters": MemoryDataset({"model": BLOCK}),
            **extra,
        }
    )
    made = runner().run(Pipeline([node(function, inputs, "out", name="n")]), catalog)
    return made["out"].load() if "out" in made else catalog.load("out")


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize("runner", RUNNERS, ids=["sequential", "thread", "parallel", "async"])
def test_a_dataset_is_data_under_every_runner(
    runner: Any, start: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process and in workers, forked or spawned."""
    if start == "spawn" and runner is not ParallelRunner:
        pytest.skip("starts no workers")
    monkeypatch.setenv("KEDRO_MP_CONTEXT", start)
    file = JSONDataset(filepath=str(tmp_path / "data.json"))
    file.save(DATA)
    out = JSONDataset(filepath=str(tmp_path / "out.json"))
    assert run(describe, ["file", "params:model"], runner, file=file, out=out) == {
        "data": DATA,
        "model": "1/2",
    }


@pytest.mark.parametrize(
    ("function", "inputs", "expected"),
    [
        (describe, {"data": "data", "model": "params:model"}, {"data": DATA, "model": "1/2"}),
        (wrapped, ["data", "params:model"], {"data": DATA, "model": "1/2"}),
        (logged(describe), ["data", "params:model"], {"data": DATA, "model": "1/2"}),
        (unpacked, ["data", "params:spread"], {"data": DATA, "model": "1/2"}),
        (named_partial(describe, model=BLOCK), ["data"], {"data": DATA, "model": "1/2"}),
        (named_partial(describe, data=BLOCK), {"model": "params:model"}, {"data": BUILT, "model": "1/2"}),
        (describe, ["data", "data"], {"data": DATA, "model": str(DATA)}),
        (describe_all, "params:nested", "{'grid': [{'model': Fraction(1, 2)}, (Fraction(1, 2),)]}"),
        (describe_all, "parameters", "{'model': Fraction(1, 2)}"),
        (describe_all, "data", str(DATA)),
    ],
)
def test_what_a_node_receives(function: Any, inputs: Any, expected: Any) -> None:
    """By position and keyword, through partials, wrappers and spread dictionaries, nested."""
    assert run(function, inputs) == expected


def test_only_is_consent() -> None:
    """An argument named there is built, whatever its input."""
    assert run(chosen, ["file", "params:model"], file=MemoryDataset(BLOCK)) == {"data": "1/2", "model": BLOCK}


@pytest.mark.parametrize("nested", [[DATA], {"a": [{"b": DATA}]}, ({"c": DATA},)])
def test_data_is_data_at_every_depth(nested: Any) -> None:
    """No container of a dataset is looked into."""
    assert run(describe, ["nested", "params:model"], nested=MemoryDataset(nested))["data"] == nested


def test_an_outer_decorator_that_mixes_data_and_parameters_builds_only_parameters() -> None:
    """What it copied is not known by identity, so it passes; what it passes on as it is, is built."""

    def mixing(data: Any, model: Any) -> Any:
        return describe_all({"data": data, "model": model, "copied": dict(model)})

    result = run(mixing, ["data", "params:model"])
    assert result == str({"data": DATA, "model": BUILT, "copied": BLOCK})


def copying(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate without `functools.wraps`, and copy."""

    def wrapper(model: Any) -> Any:
        return function({"model": dict(model)})

    return wrapper


class Copying:
    """A callable that copies what it passes."""

    __name__ = "Copying"

    @inject_object()
    def __call__(self, model: Any) -> Any:
        """Return what arrived."""
        return str({"model": model})


@pytest.mark.parametrize(
    "function",
    [
        copying(describe_all),
        logged(copying(describe_all)),
        named_partial(copying(describe_all)),
        copying(named_partial(describe_all)),
        Copying(),
    ],
)
def test_an_outer_decorator_may_copy_if_every_input_is_a_parameter(function: Any) -> None:
    """There is no data that could be mistaken."""
    assert run(function, "params:model") == str({"model": BUILT})


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_generator_receives_data_as_data(by_hand: bool) -> None:  # noqa: FBT001  one test of both
    """Its body starts later, in the runner or where the caller reads it."""
    if by_hand:
        made = node(chunks, ["data", "params:model"], "out").run({"data": DATA, "params:model": BLOCK})
        assert list(made["out"]) == [{"data": DATA, "model": "1/2"}]
    else:
        assert run(chunks, ["data", "params:model"]) == {"data": DATA, "model": "1/2"}


def test_a_generator_of_two_outputs_receives_data_as_data() -> None:
    """Its body starts inside of the node's run."""
    made = node(two_streams, ["data", "params:model"], ["a", "b"]).run({"data": DATA, "params:model": BLOCK})
    assert (list(made["a"]), list(made["b"])) == ([DATA], ["1/2"])


def test_a_namespace_keeps_the_rule() -> None:
    """`params:` stays in front of the namespace."""
    pipeline = Pipeline([node(describe, ["data", "params:model"], "out", name="n")], namespace="shop")
    catalog = DataCatalog({"shop.data": MemoryDataset(DATA), "params:shop.model": MemoryDataset(BLOCK)})
    made = SequentialRunner().run(pipeline, catalog)
    assert made["shop.out"].load() == {"data": DATA, "model": "1/2"}


def test_a_parameter_that_a_node_writes_is_data() -> None:
    """Its name says parameter, its value comes from a node."""
    pipeline = Pipeline(
        [
            node(lambda table: table, "data", "params:written_here", name="write"),
            node(describe_all, "params:written_here", "out", name="read"),
        ]
    )
    made = SequentialRunner().run(pipeline, DataCatalog({"data": MemoryDataset(DATA)}))
    assert made["out"].load() == str(DATA)


@pytest.mark.parametrize("name", ["params:from_file", "parameters"])
def test_a_parameter_that_a_catalog_entry_serves_is_data(name: str, tmp_path: Any) -> None:
    """Its value is read from a file."""
    file = JSONDataset(filepath=str(tmp_path / "data.json"))
    file.save(DATA)
    assert run(describe_all, name, **{name: file}) == str(DATA)


def test_a_node_run_by_hand_knows_its_inputs() -> None:
    """`Node.run` alone, without any runner."""
    made = node(describe, ["data", "params:model"], "out").run({"data": DATA, "params:model": BLOCK})
    assert made["out"] == {"data": DATA, "model": "1/2"}


def test_a_helper_called_inside_a_node_follows_the_rule() -> None:
    """Data does not become code on a detour."""

    def detour(data: Any, model: Any) -> Any:
        return describe_all([data, model])

    assert run(detour, ["data", "params:model"]) == str([DATA, BUILT])


@inject_object()
def show(value: Any) -> str:
    """Return what arrived."""
    return str(value)


def in_a_thread(data: Any, model: Any) -> list[str]:
    """Call a decorated helper on another thread."""
    with ThreadPoolExecutor(1) as pool:
        return list(pool.map(show, [data, model]))


def in_worker_threads(data: Any, model: Any) -> Any:
    """Call it on threads of joblib."""
    joblib = pytest.importorskip("joblib")
    return joblib.Parallel(n_jobs=2, prefer="threads")(joblib.delayed(show)(each) for each in (data, model))


def in_workers(data: Any, model: Any) -> Any:
    """Call it in processes of joblib."""
    joblib = pytest.importorskip("joblib")
    return joblib.Parallel(n_jobs=2, prefer="processes")(joblib.delayed(show)(each) for each in (data, model))


def in_a_spawned_pool(data: Any, model: Any) -> list[str]:
    """Call it in a process that does not inherit from this one."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return list(pool.map(show, [data, model]))


@pytest.mark.parametrize(
    ("function", "model"),
    [
        (in_a_thread, BUILT),
        (in_worker_threads, BUILT),
        (in_workers, BLOCK),
        (in_a_spawned_pool, BLOCK),
    ],
)
def test_a_helper_in_another_thread_or_process_of_a_node_follows_the_rule(function: Any, model: Any) -> None:
    """A thread knows the parameters; what a process receives is a copy, so it is data."""
    assert run(function, ["data", "params:model"]) == [str(DATA), str(model)]


def read_and_show(path: str = "") -> str:
    """Read a file in the node, which no input announces."""
    return show(dict(DATA, path=path))


@pytest.mark.parametrize("inputs", [None, "params:model", ["params:model"], {"path": "params:model"}])
def test_what_a_node_without_datasets_reads_itself_is_data(inputs: Any) -> None:
    """Only the node's own function receives nothing but parameters, not the helpers that it calls."""
    assert run(read_and_show, inputs).startswith("{'object': 'kedro_matrix_ext.nothing")


def test_what_is_put_into_a_parameter_while_the_node_runs_is_data() -> None:
    """What counts is what the parameter held before."""

    def adding(data: Any, model: Any) -> str:
        model["added"] = data
        return show(model)

    held = {"inner": BLOCK}
    expected = {"inner": BUILT, "added": DATA}
    assert run(adding, ["data", "params:held"], **{"params:held": MemoryDataset(held)}) == str(expected)


@unpack_params()
@inject_object(only=["model"])
def spread_by_data(data: Any = None, model: Any = None) -> Any:
    """Return what arrived; data does not choose the arguments, nor which of them are built."""
    return str((data, model))


def test_data_is_not_spread(caplog: pytest.LogCaptureFixture) -> None:
    """It passes untouched, with a warning that names the dataset; a parameter next to it is spread."""
    data = MemoryDataset({"unpack": {"model": BLOCK}})
    assert run(spread_by_data, ["spread"], spread=data) == str(({"unpack": {"model": BLOCK}}, None))
    (message,) = [record.getMessage() for record in caplog.records if "unpack" in record.getMessage()]
    assert "'spread'" in message
    both = run(spread_by_data, ["spread", "params:spread"], spread=data)
    assert both == str(({"unpack": {"model": BLOCK}}, BUILT))


def test_a_direct_call_builds_every_argument() -> None:
    """Outside of nodes nothing changes."""
    assert describe(BLOCK, BLOCK) == {"data": BUILT, "model": "1/2"}
    assert list(chunks(BLOCK, {"object": "math.pi"})) == [{"data": BUILT, "model": str(math.pi)}]


def test_a_block_in_data_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """It names argument, dataset and the way to consent."""

    @inject_object()
    def once(table: Any, model: Any) -> Any:
        return [table, str(model)]

    with caplog.at_level(logging.WARNING, logger="kedro_matrix_ext"):
        for _ in range(2):
            run(once, ["data", "params:model"])
    (message,) = [record.getMessage() for record in caplog.records if "inject_object" in record.getMessage()]
    assert all(text in message for text in ("'table'", "'data'", "only=['table']"))

"""A stand-in is a function like the one that it stands for, before and after the module runs."""

from __future__ import annotations

import inspect
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node
from tests.deferred_imports.conftest import await_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.deferred_imports.conftest import Package


def test_an_omitted_argument_takes_the_real_default_each_time(
    make_both: Callable[[str], tuple[Any, Any]],
) -> None:
    """The very object, so that a default that can be changed is shared between calls."""
    deferred, _ = make_both(
        """
        LIMITS = object()
        def f(x, seen=[], *, limits=LIMITS):
            seen.append(x)
            return seen, limits
        """
    )
    f = deferred.f
    assert repr(inspect.signature(f).parameters["limits"].default) == "LIMITS"
    first, limits = f(1)
    second, _ = f(2)
    assert first is second
    assert second == [1, 2]
    assert limits is deferred.LIMITS


def test_a_default_that_is_handed_back_is_the_real_one(make_both: Callable[[str], tuple[Any, Any]]) -> None:
    """A caller may complete the arguments with ``apply_defaults``."""
    deferred, _ = make_both("SIZE = 3\ndef f(a, b=SIZE, *, c=SIZE):\n    return a, b, c\n")
    f = deferred.f
    bound = inspect.signature(f).bind(1)
    bound.apply_defaults()
    assert f(*bound.args, **bound.kwargs) == (1, 3, 3)


def test_source_file_and_module_are_those_of_the_function(package: Package) -> None:
    """`inspect` finds them without running the module; decorators belong to the text."""
    file = package.write(
        "nodes",
        '''
        from kedro_matrix_ext import inject_object


        @inject_object()
        def train(table):
            """Train a model."""
            return table


        def clean(table):
            return table
        ''',
    )
    nodes = package.load("nodes")
    assert inspect.getsourcefile(nodes.clean) == str(file)
    assert inspect.getmodule(nodes.clean) is package.load("nodes")
    assert inspect.getmodule(nodes.train) is package.load("nodes")
    lines, first = inspect.getsourcelines(nodes.train)
    assert (lines[0], first) == ("@inject_object()\n", 4)
    assert lines[-1] == "    return table\n"
    assert not package.has_run()


def test_a_traceback_shows_the_lines_of_the_source(package: Package) -> None:
    """Of the function itself and of what it calls."""
    package.write(
        "nodes", "def fail(table):\n    helper(table)\n\n\ndef helper(table):\n    raise ValueError(table)\n"
    )
    fail = package.load("nodes").fail
    for _ in range(2):
        with pytest.raises(ValueError, match="cars") as caught:
            fail("cars")
        frames = traceback.extract_tb(caught.value.__traceback__)
        assert [(frame.lineno, frame.name) for frame in frames[-2:]] == [(2, "fail"), (6, "helper")]


def test_stand_ins_are_pickled_by_name(package: Package) -> None:
    """Before and after the module runs, also what the module itself kept a reference to."""
    package.write(
        "nodes",
        """
        from kedro_matrix_ext import inject_object
        from .timing import timed


        def train(table): return [table]

        @inject_object()
        def inject(table): return [table]

        @timed
        def measure(table): return [table]

        KEPT = [train, inject, measure]
        """,
    )
    package.write(
        "timing",
        """
        import functools
        def timed(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper
        """,
    )
    nodes = package.load("nodes")
    functions = [nodes.train, nodes.inject, nodes.measure]
    before = [pickle.dumps(function) for function in functions]
    assert not package.has_run()
    assert [function(1) for function in functions] == [[1], [1], [1]]
    assert all(map(lambda kept, function: kept is function, nodes.KEPT, functions))
    for function, dumped in zip(functions, before, strict=True):
        assert pickle.loads(dumped) is function
        assert pickle.loads(pickle.dumps(function)) is function


def test_nodes_are_equal_and_hash_alike(make_both: Callable[[str], tuple[Any, Any]]) -> None:
    """Before and after the module runs, and by the names that Kedro makes up."""
    deferred, _ = make_both("def train(table, size=3): return table\n")
    first = Node(deferred.train, {"table": "cars", "size": "params:size"}, "model")
    name = first.name
    vars(deferred)
    second = Node(deferred.train, {"table": "cars", "size": "params:size"}, "model")
    assert (first, hash(first), second.name) == (second, hash(second), name)


def test_kedro_refuses_a_wrong_number_of_inputs(make_both: Callable[[str], tuple[Any, Any]]) -> None:
    """When the node is made, as for the function itself."""
    deferred, _ = make_both("def train(table): return table\n")
    with pytest.raises(TypeError, match="'train' function expected"):
        Node(deferred.train, ["cars", "rest"], "model")


def test_async_generators_receive_what_is_sent(make_both: Callable[[str], tuple[Any, Any]]) -> None:
    """And are closed with the stand-in."""
    deferred, _ = make_both(
        """
        CLOSED = []
        async def f():
            try:
                while True:
                    x = yield
                    yield x * 2
            finally:
                CLOSED.append(1)
        """
    )
    generator = deferred.f()
    assert await_once(generator.asend(None)) is None
    assert await_once(generator.asend(3)) == 6
    await_once(generator.aclose())
    assert deferred.CLOSED == [1]


def test_generators_receive_what_is_sent_and_return(make_both: Callable[[str], tuple[Any, Any]]) -> None:
    """A generator's body, the module's included, starts with its first item."""
    deferred, _ = make_both("def f():\n    x = yield 1\n    return x\n")
    generator = deferred.f()
    assert type(deferred).__name__ == "DeferredModule"
    assert next(generator) == 1
    with pytest.raises(StopIteration) as done:
        generator.send(5)
    assert done.value.value == 5


def test_attributes_and_recursion_work(make_both: Callable[[str], tuple[Any, Any]]) -> None:
    """What others set on a stand-in stays on the function; a function may call itself."""
    deferred, _ = make_both("def f(n): return 1 if n < 2 else n * f(n - 1)\n")
    f = deferred.f
    assert f(5) == 120
    f.note = "kept"
    assert deferred.f.note == "kept"

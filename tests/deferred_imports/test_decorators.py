"""Decorators: this package's, those that are named, and all others."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.injection.checks import check_call
from kedro_matrix_ext.injection.decorators.calls import Call, Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.deferred_imports.conftest import Package

TIMING = """
    import functools


    def timed(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            wrapper.calls += 1
            return function(*args, **kwargs)

        wrapper.calls = 0
        return wrapper


    def renamed(function):
        return lambda *args: ("renamed", function(*args))
    """


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("from kedro_matrix_ext import inject_object", "inject_object()"),
        ("from kedro_matrix_ext import inject_object as inject", "inject(only=['model'])"),
        ("import kedro_matrix_ext", "kedro_matrix_ext.inject_object(exclude_kwargs=['table'])"),
        ("import kedro_matrix_ext as kme", "kme.inject_object()"),
        ("from kedro_matrix_ext import unpack_params as spread", "spread()"),
        (
            "from kedro_matrix_ext import make_list_regexable",
            "make_list_regexable(source_df='table', make_regexable_kwarg='model')",
        ),
    ],
)
def test_decorators_of_this_package_are_known_under_any_name(
    make_both: Callable[[str], tuple[Any, Any]], imports: str, decorator: str
) -> None:
    """The signature that Kedro sees is the decorated function's, with and without following what it wraps."""
    body = "def train(table, model=None, *, size=2):\n    return table, model, size\n"
    text = f"{imports}\n\n@{decorator}\n{body}"
    deferred, plain = make_both(text)
    train = deferred.train
    assert type(deferred).__name__ == "DeferredModule"
    for follow in (True, False):
        expected = inspect.signature(plain.train, follow_wrapped=follow)
        assert inspect.signature(train, follow_wrapped=follow) == expected
    assert train(1, None) == plain.train(1, None) == (1, None, 2)
    assert train.__wrapped__(1) == (1, None, 2)
    for follow in (True, False):
        expected = inspect.signature(plain.train, follow_wrapped=follow)
        assert inspect.signature(deferred.train, follow_wrapped=follow) == expected


def test_objects_are_injected(make_both: Callable[[str], tuple[Any, Any]]) -> None:
    """By a generator function too, and each time."""
    deferred, _ = make_both(
        "from kedro_matrix_ext import inject_object\n\n@inject_object()\ndef f(when):\n    yield when\n"
    )
    block = {"object": "datetime.date", "year": 2024, "month": 1, "day": 2}
    f = deferred.f
    assert inspect.isgeneratorfunction(f)
    assert [next(f(block)).day for _ in range(2)] == [2, 2]


def test_the_checks_see_what_is_injected(make_both: Callable[[str], tuple[Any, Any]]) -> None:
    """Without running the module, a parameter that declares what cannot be built is found."""
    deferred, _ = make_both(
        "from kedro_matrix_ext import inject_object\n\n@inject_object()\ndef f(model): return model\n"
    )
    given = Given({"object": "datetime.dat"}, "params:model", ("model",))
    found = list(check_call(deferred.f, Call((given,), {})))
    assert [(each.code, each.dataset) for each in found] == [("injected-object", "params:model")]
    assert type(deferred).__name__ == "DeferredModule"


def test_a_wrong_option_of_a_decorator_is_raised_at_the_import(package: Package) -> None:
    """As it is when the module runs."""
    package.write(
        "nodes",
        "from kedro_matrix_ext import inject_object\n@inject_object(only=['modl'])\ndef f(model): ...\n",
    )
    with pytest.raises(InjectionError, match="modl"):
        package.run("from .nodes import f")


def test_a_named_decorator_is_applied_when_the_module_runs(package: Package) -> None:
    """Its name is resolved through the module's imports; its attributes appear then."""
    package.write("timing", TIMING)
    package.write("nodes", "from . import timing as t\n\n\n@t.timed\ndef f(a, b=2):\n    return a + b\n")
    f = package.load("nodes").f
    assert not package.has_run()
    assert list(inspect.signature(f).parameters) == ["a", "b"]
    assert list(inspect.signature(f, follow_wrapped=False).parameters) == ["args", "kwargs"]
    assert (f(1), f(1, b=3), f.calls) == (3, 4, 2)
    assert f.__wrapped__(1) == 3
    assert f.calls == 2


def test_named_and_own_decorators_stack_in_both_orders(package: Package) -> None:
    """Each is applied once, and the checks see through."""
    package.write("timing", TIMING)
    package.write(
        "nodes",
        """
        from kedro_matrix_ext import inject_object
        from shop.timing import timed


        @timed
        @inject_object()
        def outer(when): return when


        @inject_object()
        @timed
        def inner(when): return when
        """,
    )
    nodes = package.load("nodes")
    block = {"object": "datetime.date", "year": 2024, "month": 1, "day": 2}
    broken = Given({"object": "datetime.dat"}, "params:model", ("model",))
    for function in (nodes.outer, nodes.inner):
        assert [each.code for each in check_call(function, Call((broken,), {}))] == ["injected-object"]
    assert not package.has_run()
    for function in (nodes.outer, nodes.inner):
        assert function(block).day == 2
        assert function(block).day == 2
    assert nodes.outer.calls == 2
    assert nodes.inner.__wrapped__.calls == 2


@pytest.mark.parametrize(
    "decorator",
    [
        "renamed",
        "cache",
        "functools.lru_cache(maxsize=2)",
        "inject_object(only=NAMES)",
        "inject_object(**OPTIONS)",
        "(lambda function: function)",
        "local",
        "registry.add('f')",
    ],
)
def test_any_other_decorator_runs_the_module_at_once(
    package: Package, make_both: Callable[[str], tuple[Any, Any]], decorator: str
) -> None:
    """So the result is right."""
    package.write("timing", TIMING)
    text = f"""
        import functools
        from functools import cache
        from kedro_matrix_ext import inject_object
        from shop.timing import renamed

        NAMES, OPTIONS = ["a"], {{}}


        def local(function):
            return lambda *args: ("local", function(*args))


        class Registry:
            def add(self, name):
                return lambda function: functools.partial(function)

        registry = Registry()


        @{decorator}
        def f(a): return a
        """
    deferred, plain = make_both(text)
    f = deferred.f
    assert package.has_run()
    assert type(f) is type(plain.f)
    assert f(1) == plain.f(1)


def test_a_named_decorator_of_a_generator_runs_the_module(package: Package) -> None:
    """Whether the decorated function is a generator function is not in the source."""
    package.write("timing", TIMING)
    package.write("nodes", "from .timing import timed\n@timed\ndef f(a):\n    yield a\n")
    f = package.load("nodes").f
    assert package.has_run()
    assert not inspect.isgeneratorfunction(f)

"""Functions of any signature and kind: what calls give, and what `inspect` shows."""

from __future__ import annotations

import inspect
import itertools
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.deferred_imports.conftest import Package, await_once

from kedro_matrix_ext import defer_node_imports
from kedro_matrix_ext.deferred_imports.module import is_deferred

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn

_NUMBERS = itertools.count()
_DEFAULTS = ("None", "1", "-2.5", "'text'", "(1, 'a')", "[]", "{'a': [1]}", "{1}", "SIZE", "make()", "True")
_BODIES = {
    "def": "return locals()",
    "generator": "yield locals()",
    "async": "return locals()",
    "async generator": "yield locals()",
}


@st.composite
def signatures(draw: DrawFn) -> str:
    """The text of a function's parameters."""
    count = st.integers(0, 3)
    names = iter("abcdefghijklmnop")
    positional_only, positional, keyword_only = draw(count), draw(count), draw(count)
    with_default = draw(st.integers(0, positional_only + positional))
    parts: list[str] = []
    for index in range(positional_only + positional):
        needed = index < positional_only + positional - with_default
        parts.append(next(names) if needed else f"{next(names)}={draw(st.sampled_from(_DEFAULTS))}")
        parts += ["/"] if index + 1 == positional_only else []
    rest = ["*rest"] if draw(st.booleans()) else []
    parts += rest or (["*"] if keyword_only else [])
    for _ in range(keyword_only):
        name = next(names)
        parts.append(f"{name}={draw(st.sampled_from(_DEFAULTS))}" if draw(st.booleans()) else name)
    parts += ["**further"] if draw(st.booleans()) else []
    return ", ".join(parts)


calls = st.tuples(
    st.lists(st.sampled_from([None, 1, "text", (1, "a"), 7]), max_size=7),
    st.dictionaries(st.sampled_from("abcdefghijz"), st.sampled_from([None, 1, "text", 8]), max_size=4),
)


@pytest.fixture(scope="module")
def shared_package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """A package that lives as long as all examples of a property."""
    package = Package(tmp_path_factory.mktemp("modules"))
    package.write("__init__", "")
    sys.path.insert(0, str(package.folder))
    yield package
    sys.path.remove(str(package.folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


def _make_pair(package: Package, kind: str, parameters: str) -> tuple[Any, Any]:
    """Write a function twice; return it deferred and plain."""
    number = next(_NUMBERS)
    head = "async def" if kind.startswith("async") else "def"
    text = (
        f'SIZE = 3\ndef make(): return []\n\n\n{head} f({parameters}):\n    """Doc."""\n    {_BODIES[kind]}\n'
    )
    package.write(f"m{number}/nodes", text)
    package.write(f"m{number}/plain", text)
    defer_node_imports("shop.**.nodes")
    stand_in, plain = package.load(f"m{number}.nodes").f, package.load(f"m{number}.plain").f
    assert is_deferred(f"shop.m{number}.nodes")
    return stand_in, plain


def _outcome(function: Any, kind: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call a function to its end; of an error only its type and text count."""
    try:
        called = function(*args, **kwargs)
        if kind == "generator":
            return list(called)
        if kind == "async":
            return await_once(called)
        return await_once(_collect(called)) if kind == "async generator" else called
    except TypeError as error:
        return str(error)


async def _collect(generator: Any) -> list[Any]:
    return [item async for item in generator]


@given(kind=st.sampled_from(list(_BODIES)), parameters=signatures(), call=calls)
def test_a_call_gives_what_the_function_gives(
    shared_package: Package, kind: str, parameters: str, call: tuple[list[Any], dict[str, Any]]
) -> None:
    """Any signature, any call: the first and the second, with omitted arguments or wrong ones."""
    stand_in, plain = _make_pair(shared_package, kind, parameters)
    expected = _outcome(plain, kind, *call)
    assert _outcome(stand_in, kind, *call) == expected
    assert _outcome(stand_in, kind, *call) == expected


@given(kind=st.sampled_from(list(_BODIES)), parameters=signatures())
def test_a_stand_in_looks_like_the_function(shared_package: Package, kind: str, parameters: str) -> None:
    """Signature, kind, place and text, before the module runs and after."""
    stand_in, plain = _make_pair(shared_package, kind, parameters)
    before = _describe(stand_in)
    constant = "make()" not in parameters and "SIZE" not in parameters
    assert not constant or str(inspect.signature(stand_in)) == str(inspect.signature(plain))
    vars(sys.modules[stand_in.__module__])
    assert _describe(stand_in) == _describe(plain) == before
    assert str(inspect.signature(stand_in)) == str(inspect.signature(plain))


def _describe(function: Any) -> tuple[Any, ...]:
    parameters = inspect.signature(function).parameters.values()
    return (
        [(each.name, each.kind, each.default is each.empty) for each in parameters],
        (function.__name__, function.__qualname__, function.__doc__),
        (
            function.__code__.co_argcount,
            function.__code__.co_posonlyargcount,
            function.__code__.co_kwonlyargcount,
        ),
        (function.__code__.co_firstlineno, inspect.getsource(function)),
        inspect.isfunction(function),
        inspect.isgeneratorfunction(function),
        inspect.iscoroutinefunction(function),
        inspect.isasyncgenfunction(function),
    )

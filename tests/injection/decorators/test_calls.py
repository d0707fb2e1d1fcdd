"""A check of a node's parameters reports what calling the node's function would do."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.pipeline import Node

from kedro_matrix_ext import inject_object, make_list_regexable, unpack_params
from kedro_matrix_ext.catalog.lookup.injected_objects import check_objects_injected
from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.findings import Location
from kedro_matrix_ext.injection.checks import check_call
from kedro_matrix_ext.injection.decorators.calls import Call, Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.findings import Finding

T = "declared_targets"
WRONG = {"object": "nope.Model"}

# Targets whose own code raises nothing, whatever it is given: a check does not run it.
TARGETS = st.sampled_from([f"{T}.keep", f"{T}.Strict", f"{T}.greet", f"{T}.LIMIT", "sys.modules", "nope", 3])
KEYS = st.sampled_from(["depth", "name", "raw", "args", "_args", "instantiate", "object", 7])
VALUES = st.recursive(
    st.sampled_from([None, 1, "text", True, "partial"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.lists(inner, max_size=2).map(tuple),
        st.dictionaries(KEYS, inner, max_size=3),
        st.builds(lambda target, rest: {**rest, "object": target}, TARGETS, st.dictionaries(KEYS, inner)),
        st.builds(lambda target, rest: {**rest, "_object": target}, TARGETS, st.dictionaries(KEYS, inner)),
        st.dictionaries(st.sampled_from(["unpack", "first", "raw"]), inner, max_size=2),
    ),
    max_leaves=6,
)
ARGUMENTS = ["first", "second", "flag"]
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "exclude_kwargs": st.sets(st.sampled_from(["raw", "depth", "args", *ARGUMENTS])),
        "only": st.sets(st.sampled_from(ARGUMENTS)),
        "allow": st.sets(st.sampled_from([f"{T}.*", f"{T}.Strict", "sys.*", "sys.modules"])),
    },
)


def take(first: Any = None, second: Any = None, *rest: Any, flag: Any = None, **more: Any) -> None:
    """Take anything."""


def raises(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> bool:
    """Return whether calling a function raises an error of injection."""
    try:
        function(*args, **kwargs)
    except InjectionError:
        return True
    return False


def check(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> list[Finding]:
    """Check the call of a function with parameters."""
    named = {name: Given(value, name, (name,)) for name, value in kwargs.items()}
    return list(check_call(function, Call(tuple(Given(value, "parameters") for value in args), named)))


@given(
    options=OPTIONS,
    unpacks=st.booleans(),
    args=st.lists(VALUES, max_size=3),
    kwargs=st.dictionaries(st.sampled_from(["flag", "raw", "unpack"]), VALUES, max_size=2),
)
def test_a_finding_is_reported_exactly_where_the_call_would_raise(
    targets: Any, options: dict[str, Any], *, unpacks: bool, args: list[Any], kwargs: dict[str, Any]
) -> None:
    """For any parameters, options, and with `unpack_params` on top or without."""
    assert targets is not None
    function: Callable[..., Any] = inject_object(**options)(take)
    if unpacks:
        function = unpack_params()(function)
    assert bool(check(function, args, kwargs)) == raises(function, args, kwargs)


class Trainer:
    """Has a decorated method, and can be called itself."""

    @inject_object(only=["model"])
    def train(self, data: Any, model: Any = None) -> None:
        """Train."""

    @inject_object(only=["model"])
    def __call__(self, data: Any, model: Any = None) -> None:
        """Train."""


def loud(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate as a project does."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


class Counted:
    """A decorator that is an object."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.function(*args, **kwargs)


@inject_object(only=["model"])
def train(data: Any, model: Any = None) -> None:
    """Train."""


def plain(data: Any, model: Any = None) -> None:
    """Train."""


@pytest.mark.parametrize(
    "function",
    [
        *(train, loud(train), loud(loud(train)), Counted(train), Trainer().train, Trainer()),
        *(functools.partial(train), functools.partial(train, model=1)),
        make_list_regexable(source_df="data", make_regexable_kwarg="model")(train),
    ],
    ids=[
        "plain",
        "wrapped",
        "twice",
        "counted",
        "method",
        "object",
        "partial",
        "partial of one",
        "beneath another",
    ],
)
def test_the_decorator_is_found_wherever_it_stands(function: Callable[..., Any]) -> None:
    """The argument that it builds is checked, the one that it leaves alone is not."""
    assert check(function, [WRONG], {}) == []
    assert [found.dataset for found in check(function, [WRONG], {"model": WRONG})] == ["model"]


def test_what_a_partial_holds_is_checked_too() -> None:
    """It is in the code, so the argument is named instead of a parameter."""
    (found,) = check(functools.partial(train, model=WRONG), [1], {})
    assert (found.dataset, str(found.location)) == (None, "argument 'model': object")


def test_nothing_is_found_for_a_function_that_is_not_decorated() -> None:
    """Kedro hands it the dictionary."""
    assert check(plain, [WRONG, WRONG], {}) == []
    assert check(loud(plain), [WRONG], {"model": WRONG}) == []


def test_what_one_decorator_built_is_not_judged_by_the_next() -> None:
    """Each has its own rules, and the second receives an object."""
    function = inject_object(allow=["decimal.*"])(inject_object(allow=["fractions.*"])(plain))
    assert check(function, [{"object": "decimal.Decimal"}], {}) == []
    assert not raises(function, [{"object": "decimal.Decimal"}], {})


def test_what_is_unpacked_keeps_its_place() -> None:
    """As parameters go by name to the arguments beneath."""

    def locate(keys: tuple[Any, ...]) -> Location:
        return Location(file="parameters.yml", line=len(keys))

    function = unpack_params()(train)
    options = Given({"unpack": {"model": WRONG}, "data": WRONG}, "params:all", ("all",))
    (found,) = check_call(function, Call((options,), {}), locate=locate)
    assert str(found.location) == "parameters: all.unpack.model.object (parameters.yml:4)"
    twice = Given({"unpack": {"data": 1}, "data": 2}, "params:all", ("all",))
    (found,) = check_call(function, Call((twice,), {}), locate=locate)
    assert "'data' of 'train' is given twice" in found.message
    assert (str(found.location), found.dataset) == ("parameters: all (parameters.yml:1)", "params:all")


def test_a_node_is_checked_by_the_arguments_it_gives() -> None:
    """By position and by keyword; data that is not a parameter is not known."""
    values = {"params:model": WRONG, "parameters": {"deep": WRONG}}

    def places(inputs: Any, function: Callable[..., Any] = train) -> list[str]:
        node = Node(function, inputs, None, name="train")
        found = check_objects_injected(node, values, locate=lambda _keys: Location())
        return [f"{each.node} {each.dataset} {each.location}" for each in found]

    wrong = "train params:model parameters: model.object"
    assert places(["data", "params:model"]) == [wrong]
    assert places(["params:model", "data"]) == []
    assert places({"model": "params:model", "data": "data"}) == [wrong]
    assert places({"data": "params:model", "model": "data"}) == []
    assert places(["data", "parameters"]) == ["train parameters parameters: deep.object"]
    assert places("params:model") == []
    assert places({"unpack": "data", "model": "params:model"}, unpack_params()(train)) == [wrong]

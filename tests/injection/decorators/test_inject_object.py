"""What a decorated function receives, and what is left of the function."""

from __future__ import annotations

import importlib
import inspect
import pickle
import typing
from collections import OrderedDict
from copy import deepcopy
from decimal import Decimal
from functools import partial, wraps
from typing import Any

import pandas as pd
import polars as pl
import pytest

from kedro_matrix_ext import inject_object, instantiate, make_list_regexable, unpack_params
from kedro_matrix_ext.errors import InjectionError, RefusedTargetError

ONE = {"object": "decimal.Decimal", "value": "1"}
CALLS: list[Any] = []


@inject_object()
def receive(first: Any, second: Any = 0, *rest: Any, flag: bool = False, **more: Any) -> Any:
    """Give back what came in."""
    return first, second, rest, flag, more


@inject_object()
def count(upto: Any) -> Any:
    """Yield, and return, what came in."""
    yield upto
    yield upto + 1
    return "done"


def test_arguments_are_built_wherever_they_are_given() -> None:
    """By position, by keyword, in `*args` and in `**kwargs`."""
    first, second, rest, flag, more = receive(ONE, [ONE], (ONE,), {"a": ONE}, flag=True, extra=ONE)
    one = Decimal(1)
    assert (first, second, rest, flag, more) == (one, [one], ((one,), {"a": one}), True, {"extra": one})


@pytest.mark.parametrize(
    "value",
    [
        {"plain": [1, 2]},
        [1, (2, {"a": "object"})],
        OrderedDict(ONE),
        pd.DataFrame({"object": ["decimal.Decimal"]}),
        pl.DataFrame({"object": ["decimal.Decimal"]}),
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_argument_without_a_block_is_the_same_object(value: Any) -> None:
    """Nothing is copied where there is nothing to build."""
    assert receive(value)[0] is value
    assert receive(1, second=value)[1] is value


def test_an_argument_that_holds_itself_is_the_same_object() -> None:
    """As a graph of nodes that know each other; it is looked through once."""
    node: dict[str, Any] = {"name": "a"}
    node["neighbours"] = [node, {"name": "b", "neighbours": [node]}]
    assert receive(node)[0] is node


def test_a_frame_beside_a_block_is_the_same_object() -> None:
    """Data inside a container that holds blocks passes by identity, too."""
    frame = pd.DataFrame({"a": [1]})
    assert receive({"frame": frame, "one": ONE})[0]["frame"] is frame


def test_parameters_are_not_changed() -> None:
    """The caller's parameters equal their deep copy afterwards."""
    parameters = {"deep": [{"one": ONE}, (ONE,)], 1: ONE}
    before = deepcopy(parameters)
    receive(parameters, parameters)
    assert parameters == before


def test_only_the_chosen_arguments_are_looked_into() -> None:
    """With `only=`, the others pass by identity, blocks or not."""

    @inject_object(only=["model"])
    def train(data: Any, model: Any) -> Any:
        return data, model

    data, model = train(ONE, ONE)
    assert data is ONE
    assert model == 1


def test_an_unknown_chosen_argument_is_found_when_decorating() -> None:
    """A typing mistake in `only=` does not wait for a run."""
    with pytest.raises(InjectionError, match="Did you mean 'model'"):
        inject_object(only=["modle"])(lambda model: model)


def test_excluded_arguments_and_keys_are_left_as_they_are() -> None:
    """`exclude_kwargs` names arguments and keys at any depth."""

    @inject_object(exclude_kwargs=["raw"])
    def train(raw: Any, model: Any) -> Any:
        return raw, model

    raw, model = train(ONE, {"raw": ONE, "built": ONE})
    assert raw is ONE
    assert model == {"raw": ONE, "built": 1}


def test_data_with_a_key_called_object_is_left_alone_where_only_the_other_key_declares() -> None:
    """``key="_object"``: ``object`` is data at any depth, also as an argument of a declared object."""

    @inject_object(key="_object")
    def receive_triple(triple: Any, model: Any) -> Any:
        return triple, model

    triple = {"subject": "a", "object": "os.system", "more": [{"object": "b"}]}
    block = {"_object": "builtins.dict", "object": "c", "inner": {"object": "d"}, "one": {**ONE}}
    received, built = receive_triple(triple, block)
    assert received is triple
    assert built == {"object": "c", "inner": {"object": "d"}, "one": ONE}
    received, built = receive_triple({**triple, "one": {"_object": "decimal.Decimal"}}, 1)
    assert received == {**triple, "one": Decimal(0)}


@pytest.mark.parametrize("key", ["object", "_target_", "", ["_object"]])
def test_no_other_key_declares_objects(key: Any) -> None:
    """Another key is an error when decorating, and for ``instantiate``."""
    with pytest.raises(InjectionError, match=r"key=.*'_object'"):
        inject_object(key=key)
    with pytest.raises(InjectionError, match=r"key=.*'_object'"):
        instantiate({}, key=key)


def test_allow_holds_for_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """`allow=` narrows, and the environment is read at the call, not when decorating."""

    @inject_object(allow=["fractions.*"])
    def train(model: Any) -> Any:
        return model

    assert train({"object": "fractions.Fraction", "args": [1, 2]}) == 0.5
    with pytest.raises(RefusedTargetError):
        train(ONE)
    monkeypatch.setenv("KEDRO_MATRIX_INJECT_ALLOWLIST", "decimal")
    with pytest.raises(RefusedTargetError):
        train({"object": "fractions.Fraction", "args": [1, 2]})


def test_name_documentation_signature_and_pickle_stay() -> None:
    """A decorated function differs from the plain one only in what it does."""
    plain = inspect.unwrap(receive)
    assert (receive.__name__, receive.__module__, receive.__doc__) == (
        plain.__name__,
        plain.__module__,
        plain.__doc__,
    )
    assert inspect.signature(receive) == inspect.signature(plain)
    assert inspect.signature(receive, follow_wrapped=False) == inspect.signature(plain)
    assert inspect.getsource(receive) == inspect.getsource(plain)
    assert inspect.isfunction(receive)
    assert typing.get_type_hints(receive) == typing.get_type_hints(plain)
    assert inspect.get_annotations(receive) == inspect.get_annotations(plain)


def test_a_decorated_function_pickles_by_name(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a ParallelRunner needs it."""
    source = "@inject_object()\ndef train(model):\n    return model\n"
    (tmp_path / "pickled_nodes.py").write_text(f"from kedro_matrix_ext import inject_object\n\n\n{source}")
    monkeypatch.syspath_prepend(tmp_path)
    train = importlib.import_module("pickled_nodes").train
    assert pickle.loads(pickle.dumps(train)) is train


def test_a_loose_wrapper_beneath_stays_as_loose() -> None:
    """Kedro's check of arguments is as strict as for the function that is decorated."""

    def shift(function: Any) -> Any:
        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(0, *args, **kwargs)

        return wrapper

    @inject_object()
    @shift
    def add(first: int, second: int) -> int:
        return first + second

    assert list(inspect.signature(add, follow_wrapped=False).parameters) == ["args", "kwargs"]
    assert list(inspect.signature(add).parameters) == ["first", "second"]
    assert add(ONE) == 1


def test_a_generator_function_stays_one() -> None:
    """Kedro saves in chunks what it sees to be a generator function; its return value survives."""
    assert inspect.isgeneratorfunction(count)
    stream = count(ONE)
    assert [next(stream), next(stream)] == [1, 2]
    with pytest.raises(StopIteration) as ended:
        next(stream)
    assert ended.value.value == "done"
    assert inspect.isgeneratorfunction(unpack_params()(count))


@pytest.mark.parametrize(
    "decorate",
    [inject_object(), unpack_params(), make_list_regexable(source_df="a", make_regexable_kwarg="b")],
)
def test_asynchronous_functions_are_rejected(decorate: Any) -> None:
    """No Kedro runner awaits a node, so decorating one is an error immediately."""

    async def fetch(a: Any, b: Any) -> Any:
        return a, b

    async def stream(a: Any, b: Any) -> Any:
        yield a, b

    for function in (fetch, stream):
        with pytest.raises(InjectionError, match="asynchronous"):
            decorate(function)


def test_partials_and_methods_can_be_decorated() -> None:
    """Whatever can be called and has a signature."""

    class Trainer:
        @inject_object()
        def train(self, model: Any) -> Any:
            return self, model

    trainer = Trainer()
    assert trainer.train(ONE) == (trainer, 1)

    def add(first: Any, second: Any) -> Any:
        return first + second

    decorated: Any = inject_object()(partial(add, 1))
    assert decorated(ONE) == 2
    with pytest.raises(InjectionError, match="partial"):
        inject_object(only=["no"])(partial(add, 1))


def test_functions_without_a_readable_signature_can_be_decorated() -> None:
    """As Kedro takes them for nodes."""
    largest: Any = inject_object()(max)
    assert largest(ONE, 0) == 1
    with pytest.raises(InjectionError) as caught:
        largest({"object": "nope"})
    assert caught.value.config_path == "argument 'args[0]': object"


def test_decorators_stack() -> None:
    """Unpacked dictionaries may declare objects, and patterns may follow."""

    @unpack_params()
    @inject_object()
    @make_list_regexable(source_df="frame", make_regexable_kwarg="features")
    def train(frame: Any, model: Any, features: Any) -> Any:
        return model, features

    frame = pd.DataFrame(columns=["id", "f_1", "f_2"])
    assert train(frame, {"unpack": {"model": ONE}, "features": ["f_.*"]}) == (1, ["f_1", "f_2"])


def test_arguments_that_do_not_fit_fail_as_without_the_decorator() -> None:
    """Python's own TypeError, not one of ours."""
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        receive()  # type: ignore[call-arg]  # that is the point

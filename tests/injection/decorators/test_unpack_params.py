"""Dictionaries with the key `unpack` arrive as keyword arguments."""

from __future__ import annotations

import inspect
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.pipeline import node
from omegaconf import OmegaConf

from kedro_matrix_ext import inject_object, unpack_params
from kedro_matrix_ext.errors import InjectionError


@unpack_params()
def collect(*args: Any, **kwargs: Any) -> Any:
    """Give back what came in."""
    return args, kwargs


@unpack_params()
def area(width: int, height: int = 1, depth: int = 1) -> int:
    """Multiply."""
    return width * height * depth


def test_a_dictionary_is_spread_with_its_siblings_from_wherever_it_is_given() -> None:
    """By position, by any keyword, and by a keyword called `unpack`; several in one call."""
    options = {"unpack": {"a": 1}, "b": 2}
    assert collect(0, options) == ((0,), {"a": 1, "b": 2})
    assert collect(options, 0, c=3) == ((0,), {"c": 3, "a": 1, "b": 2})
    assert collect(options=options) == ((), {"a": 1, "b": 2})
    assert collect(unpack={"a": 1}) == ((), {"a": 1})
    assert collect(options, {"unpack": {"d": 4}}, more={"unpack": {}, "e": 5}) == (
        (),
        {"a": 1, "b": 2, "d": 4, "e": 5},
    )


def test_other_dictionaries_stay() -> None:
    """Without the key, a dictionary is an argument like any other."""
    plain = {"a": {"unpack": {"b": 1}}}
    assert collect(plain)[0][0] is plain


def test_an_argument_that_is_itself_called_unpack_is_left_alone() -> None:
    """A function that takes `unpack` gets it."""

    @unpack_params()
    def copy(unpack: Any) -> Any:
        return unpack

    assert copy(unpack={"a": 1}) == {"a": 1}


def test_omegaconf_dictionaries_are_spread_too() -> None:
    """A DictConfig is read like a dict."""
    assert area(OmegaConf.create({"unpack": {"width": 2}, "height": 3})) == 6


@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=5))
def test_the_callers_dictionary_is_not_changed(options: dict[str, int]) -> None:
    """It equals its copy afterwards, and its items all arrive."""
    given_options = {"unpack": {name: value for name, value in options.items() if name != "unpack"}}
    before = deepcopy(given_options)
    assert collect(given_options) == ((), before["unpack"])
    assert given_options == before


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (({"unpack": {"width": 1}, "width": 2},), {}),
        (({"unpack": {"width": 1}},), {"width": 2}),
        ((5, {"unpack": {"width": 1}}), {}),
        (({"unpack": {"width": 1}}, {"unpack": {"width": 1}}), {}),
    ],
)
def test_a_name_that_is_given_twice_is_an_error(args: Any, kwargs: Any) -> None:
    """No value silently wins over another."""
    with pytest.raises(InjectionError, match="argument 'width' of 'area' is given twice"):
        area(*args, **kwargs)


def test_what_cannot_be_spread_is_an_error() -> None:
    """Names are strings, and there must be a dictionary."""
    with pytest.raises(InjectionError, match="'unpack' holds 5 for 'area', which is not a dictionary"):
        area({"unpack": 5})
    with pytest.raises(InjectionError, match="argument 1 of 'area' is not named by a string"):
        area({"unpack": {1: 2}})


def test_a_node_takes_one_dictionary_for_many_arguments() -> None:
    """Kedro cannot count them; readers still see the signature."""
    made = node(area, ["width", "params:options"], "volume")
    assert made.run({"width": 2, "params:options": {"unpack": {"height": 3}, "depth": 4}}) == {"volume": 24}
    by_name = node(area, {"width": "width", "unpack": "params:options"}, "volume")
    assert by_name.run({"width": 2, "params:options": {"height": 3}}) == {"volume": 6}
    assert str(inspect.signature(area)).startswith("(width:")
    assert made.name.startswith("area")


def test_a_node_takes_a_dictionary_for_a_function_that_is_decorated_before() -> None:
    """The signature that a decorator beneath states is not this one's."""
    stacked = unpack_params()(inject_object()(inspect.unwrap(area)))
    made = node(stacked, "params:options", "volume")
    options = {"unpack": {"width": {"object": "builtins.int", "args": ["2"]}, "height": 3}}
    assert made.run({"params:options": options}) == {"volume": 6}

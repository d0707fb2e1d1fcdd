"""Parameters that type hints of nodes refuse: what Kedro's validation would refuse, each at its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.pipeline import Node, Pipeline
from kedro.validation import ParameterValidationError, ParameterValidator
from pydantic import BaseModel, field_validator

from kedro_matrix_ext import inject_object
from kedro_matrix_ext.catalog.lookup.typed_parameters import check_typed_parameters
from kedro_matrix_ext.findings import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Inner(BaseModel):
    """A part."""

    depth: int


class Options(BaseModel):
    """What a model starts from."""

    rate: float = 0.1
    name: str | None = None
    inner: Inner | None = None

    @field_validator("rate")
    @classmethod
    def _below_one(cls, rate: float) -> float:
        if rate > 1:
            raise ValueError("the rate is a fraction")
        return rate


@dataclass
class Size:
    """A dataclass."""

    width: int
    height: int = 1


def _use_model(value: Options) -> None: ...


def _use_optional(value: Options | None) -> None: ...


def _use_size(value: Size) -> None: ...


def _use_two(value: Options | Size) -> None: ...


def _use_plain(value: int) -> None: ...


def _use_keyword(*, value: Options) -> None: ...


@inject_object()
def _use_object(value: Options) -> None: ...


FUNCTIONS = [_use_model, _use_optional, _use_size, _use_two, _use_plain, _use_keyword, _use_object]
KEYS = ["rate", "name", "inner", "width", "height", "depth", "object"]
VALUES = st.recursive(
    st.sampled_from([None, 0.5, 2, "a", "3", "datetime.timedelta"]),
    lambda inner: (
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=3) | st.lists(inner, min_size=1, max_size=1)
    ),
    max_leaves=4,
)


def _no_file(keys: Sequence[Any], value: object) -> str:
    return f"quote {value} at {'.'.join(map(str, keys))}"


def _check(function: Callable[..., Any], value: Any, name: str = "params:m.n") -> list[tuple[str, str]]:
    def locate(keys: Sequence[Any]) -> Location:
        return Location(config_path=".".join(map(str, keys)))

    node = Node(function, {"value": name}, None, name="node")
    found = list(check_typed_parameters([node], {name: value}, locate=locate, show_quoted=_no_file))
    assert {each.code for each in found} <= {"typed-parameter-refused"}
    return [(str(each.location.config_path), each.message) for each in found]


@given(function=st.sampled_from(FUNCTIONS), value=VALUES)
def test_what_kedro_refuses_is_found(function: Callable[..., Any], value: Any) -> None:
    """And nothing that it takes, with decorated functions too."""
    pipeline = Pipeline([Node(function, {"value": "params:m.n"}, None, name="node")])
    try:
        ParameterValidator({"__default__": pipeline}).validate_raw_params({"m": {"n": value}})
        refused = False
    except ParameterValidationError:
        refused = True
    assert bool(_check(function, value)) is refused


@pytest.mark.parametrize(
    ("function", "value", "place", "words"),
    [
        (_use_model, {"rate": "much"}, "m.n.rate", "'params:m.n' as 'Options'"),
        (_use_model, {"rate": 3}, "m.n.rate", "the rate is a fraction"),
        (_use_model, {"inner": {"depth": "deep"}}, "m.n.inner.depth", "node 'node'"),
        (_use_model, {"inner": {}}, "m.n.inner.depth", "required"),
        (_use_optional, [1], "m.n", "'Options'"),
        (_use_model, None, "m.n", "null"),
        (_use_size, {"widht": 3}, "m.n", "widht"),
        (_use_size, "large", "m.n", "dictionary"),
    ],
)
def test_a_mistake_is_named_at_its_place(
    function: Callable[..., Any], value: Any, place: str, words: str
) -> None:
    """The key inside the parameter, the node, the class and the reason."""
    ((found, message),) = _check(function, value)
    assert found == place
    assert words in message


def test_each_mistake_is_one_finding() -> None:
    """And data is not looked at."""
    assert [place for place, _ in _check(_use_model, {"rate": "a", "name": 3})] == ["m.n.rate", "m.n.name"]
    assert _check(_use_model, 3, "cars") == []


def test_a_function_without_signature_has_no_hints() -> None:
    """As `max` has none."""
    node = Node(max, "params:m", None, name="node")
    found = check_typed_parameters([node], {"params:m": 3}, locate=lambda _: Location(), show_quoted=_no_file)
    assert list(found) == []

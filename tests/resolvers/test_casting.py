from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedro_matrix_ext.errors import ResolverError
from kedro_matrix_ext.resolvers.casting import cast_bool, cast_float, cast_int

if TYPE_CHECKING:
    from collections.abc import Callable


@settings(deadline=None)  # the machine may be busy
@given(st.integers())
def test_a_written_integer_is_read_back(number: int) -> None:
    """Any integer, as number or as string with blanks around it, is that integer."""
    assert cast_int(number) == cast_int(f" {number} ") == number


@settings(deadline=None)  # the machine may be busy
@given(st.floats(allow_nan=False))
def test_a_written_float_is_read_back(number: float) -> None:
    """Any float, infinities too, as number or as string, is that float."""
    assert cast_float(number) == cast_float(repr(number)) == number


@pytest.mark.parametrize("word", ["false", "False", "FALSE", "0", "no", "No", "off", " OFF ", 0, False])
def test_words_for_false(word: Any) -> None:
    """The string 'False' is not true, as it would be for Python's bool."""
    assert cast_bool(word) is False


@pytest.mark.parametrize("word", ["true", "True", "1", "yes", "YES", "on", 1, True])
def test_words_for_true(word: Any) -> None:
    """As many words for true as for false."""
    assert cast_bool(word) is True


@pytest.mark.parametrize(
    ("cast", "resolver", "value"),
    [
        (cast_bool, "oc.bool", "maybe"),
        (cast_bool, "oc.bool", ""),
        (cast_bool, "oc.bool", 2),
        (cast_bool, "oc.bool", []),
        (cast_int, "oc.int", "7.5"),
        (cast_int, "oc.int", 7.5),
        (cast_int, "oc.int", float("inf")),
        (cast_int, "oc.int", ""),
        (cast_float, "oc.float", "many"),
        (cast_float, "oc.float", {}),
    ],
)
def test_what_cannot_be_cast_is_named(cast: Callable[[Any], Any], resolver: str, value: Any) -> None:
    """The error names the resolver and the type, and of values only numbers: a text may be a secret."""
    with pytest.raises(ResolverError) as caught:
        cast(value)
    message = caught.value.message
    assert repr(resolver) in message
    assert (repr(value) in message) is isinstance(value, (int, float))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert repr(type(value).__name__) in message


def test_null_stays_null() -> None:
    """A cast of null is null, so that it can be inside if_null, which evaluates all its arguments."""
    assert [cast(None) for cast in (cast_int, cast_float, cast_bool)] == [None, None, None]

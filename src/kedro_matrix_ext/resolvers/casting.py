"""Strings as numbers and booleans: ``${oc.int:...}``, ``${oc.float:...}``, ``${oc.bool:...}``.

Environment variables are strings; these give them the type a parameter needs. Null stays null, so that a cast
can be used inside ``${if_null:...}``, whose arguments are all evaluated.
"""

from __future__ import annotations

from typing import Any

from kedro_matrix_ext._secrets import describe_value
from kedro_matrix_ext.errors import ResolverError

__all__ = ["cast_bool", "cast_float", "cast_int"]

_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def cast_int(value: Any) -> Any:
    """Resolve ``${oc.int:...}``.

    Raises:
        ResolverError: If the value is not a whole number; ``7.5`` is not cut to 7.

    Examples:
        >>> cast_int("8080"), cast_int(7.0), cast_int(None)
        (8080, 7, None)
    """
    if isinstance(value, float) and not value.is_integer():
        raise _not_a("oc.int", "a whole number", value)
    return None if value is None else _convert("oc.int", "a whole number", int, value)


def cast_float(value: Any) -> Any:
    """Resolve ``${oc.float:...}``.

    Raises:
        ResolverError: If the value is not a number.

    Examples:
        >>> cast_float("1e-3"), cast_float(2)
        (0.001, 2.0)
    """
    return None if value is None else _convert("oc.float", "a number", float, value)


def cast_bool(value: Any) -> Any:
    """Resolve ``${oc.bool:...}``.

    Raises:
        ResolverError: If the value is none of these.

    Examples:
        >>> cast_bool("off"), cast_bool("TRUE"), cast_bool(0)
        (False, True, False)
    """
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _BOOLEANS:
        raise _not_a("oc.bool", f"one of {', '.join(_BOOLEANS)}", value)
    return _BOOLEANS[word]


def _convert(resolver: str, wanted: str, kind: type[int | float], value: Any) -> int | float:
    try:
        return kind(value)
    except (TypeError, ValueError, OverflowError):
        raise _not_a(resolver, wanted, value) from None  # the cause would show the value


def _not_a(resolver: str, wanted: str, value: Any) -> ResolverError:
    return ResolverError(f"{resolver!r} takes {wanted}, not {describe_value(value)}")

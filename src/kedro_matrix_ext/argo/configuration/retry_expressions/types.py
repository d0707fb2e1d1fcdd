"""Types of the parts of an expression: ``text``, ``number``, ``bool``, ``nil``, ``map``, ``list:text``.

``any`` is a value whose type only Argo knows; it fits everywhere.
"""

from __future__ import annotations

import re

from kedro_matrix_ext.argo.configuration.retry_expressions.tokens import ExpressionError

__all__ = ["check_pattern", "combine", "describe", "join", "require_type"]

_OPERANDS = {
    **dict.fromkeys(("and", "or", "&&", "||"), "bool"),
    **dict.fromkeys(("matches", "contains", "startsWith", "endsWith"), "text"),
}
_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
_OF_NUMBERS = ("..", "+", "-", "*", "/", "%", "**", "^")
_SAME_IN_PYTHON = re.compile(r"unterminated|missing \)|unbalanced|nothing to repeat")
_NOT_IN_GO = re.compile(r"\(\?(?:[=!]|<[=!]|>)|(?<!\\)(?:\\\\)*\\[1-9]")


def describe(kind: str) -> str:
    """Name a type for people."""
    names = {"text": "text", "number": "a number", "bool": "true or false", "nil": "nil", "map": "a mapping"}
    return names.get(kind, "a list" if kind.startswith("list") else kind)


def join(kinds: list[str]) -> str:
    """Return the type of values one of which is taken."""
    return kinds[0] if len(set(kinds)) == 1 else "any"


def require_type(kind: str, wanted: str, sign: str) -> None:
    """Check that an operator takes a type."""
    if kind not in {wanted, "any"}:
        raise ExpressionError(f"{sign!r} takes {describe(wanted)}, not {describe(kind)}")


def combine(left: str, sign: str, right: str) -> str:
    """Return the type of two values with an operator between them."""
    kinds = {left, right} - {"any"}
    if sign in _OPERANDS:
        for kind in kinds:
            require_type(kind, _OPERANDS[sign], sign)
    elif sign == "in":
        _check_members(left, right)
    elif sign in _COMPARISONS:
        _check_comparison(left, sign, right)
    if sign in _OF_NUMBERS:
        return _combine_numbers(kinds, sign, has_any=len({left, right} - kinds) > 0)
    return join([left, right]) if sign == "??" else "bool"


def _check_comparison(left: str, sign: str, right: str) -> None:
    kinds = {left, right} - {"any"}
    if sign in {"==", "!="}:
        wrong = len(kinds - {"nil"}) > 1 and not all(kind.startswith("list") for kind in kinds)
    else:
        wrong = len(kinds) > 1 or not kinds <= {"number", "text"}
    if wrong:
        raise ExpressionError(_explain_comparison(left, sign, right))


def _combine_numbers(kinds: set[str], sign: str, *, has_any: bool) -> str:
    if sign == "+" and kinds <= {"text"}:
        return "any" if has_any else "text"
    for kind in kinds:
        require_type(kind, "number", sign)
    return "list:number" if sign == ".." else "number"


def _check_members(left: str, right: str) -> None:
    if right.startswith("list:"):
        member = right.removeprefix("list:")
        if "any" not in {left, member} and left != member:
            raise ExpressionError(_explain_comparison(left, "in", member))
    elif right not in {"any", "map", "attempt"}:
        raise ExpressionError(f"'in' takes a list or a mapping, not {describe(right)}")


def _explain_comparison(left: str, sign: str, right: str) -> str:
    hint = ""
    if {left, right} == {"text", "number"}:
        hint = ". Values of 'lastRetry' are text: write '1' in quotes, or asInt(...)"
    return f"{sign!r} compares {describe(left)} with {describe(right)}{hint}"


def check_pattern(pattern: str) -> None:
    """Check a regular expression as far as Go and Python agree; Go has no lookaround and back references."""
    found = _NOT_IN_GO.search(pattern)
    if found:
        raise ExpressionError(f"{found[0]!r} in the pattern {pattern!r} is not known to Go")
    try:
        re.compile(re.sub(r"\(\?[imsU]+\)", "", pattern))
    except re.error as error:
        if _SAME_IN_PYTHON.search(str(error)):
            raise ExpressionError(f"the pattern {pattern!r} is wrong: {error}") from error

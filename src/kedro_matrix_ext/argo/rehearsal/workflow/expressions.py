"""The part of Argo's expression language that retries are written in.

Comparisons of ``lastRetry.*`` and literals, joined by ``&&``, ``||``, ``!`` and parentheses; the language is
https://expr-lang.org/docs/language-definition, of which the rest is refused rather than guessed.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["evaluate"]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w.]*)|(?P<sign>&&|\|\||==|!=|<=|>=|[<>!()\[\],]))"
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "matches": lambda left, right: re.search(right, left) is not None,
    "contains": lambda left, right: right in left,
    "startsWith": lambda left, right: left.startswith(right),
    "endsWith": lambda left, right: left.endswith(right),
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"asInt": int, "int": int, "asFloat": float, "string": str}
_CONSTANTS = {"true": True, "false": False, "nil": None}


def evaluate(expression: str, values: Mapping[str, str]) -> bool:
    """Work out an expression.

    Raises:
        ArgoError: If it uses more of the language than is known here.

    Examples:
        >>> evaluate("lastRetry.exitCode in ['143','75']", {"lastRetry.exitCode": "75"})
        True
    """
    reading = _Reading(expression, values)
    try:
        value = reading.read_any()
    except (TypeError, ValueError, LookupError, re.error, AttributeError) as error:
        raise _unknown(expression) from error
    if reading.tokens or not isinstance(value, bool):
        raise _unknown(expression)
    return value


def _unknown(expression: str) -> ArgoError:
    return ArgoError(f"the expression {expression!r} is not one that a rehearsal can work out")


class _Reading:
    """Reads tokens from the left, each method one level of precedence, and gives values."""

    def __init__(self, expression: str, values: Mapping[str, str]) -> None:
        self._values = values
        self.tokens: list[tuple[str, str]] = []
        position, end = 0, len(expression.rstrip())
        while position < end:
            match = _TOKEN.match(expression, position)
            if match is None:
                raise _unknown(expression)
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            position = match.end()

    def _take(self, *wanted: str) -> str | None:
        if self.tokens and self.tokens[0][0] != "text" and self.tokens[0][1] in wanted:
            return self.tokens.pop(0)[1]
        return None

    def read_any(self) -> Any:
        value = self._read_all()
        while self._take("||", "or"):
            right = self._read_all()
            value = value or right
        return value

    def _read_all(self) -> Any:
        value = self._read_not()
        while self._take("&&", "and"):
            right = self._read_not()
            value = value and right
        return value

    def _read_not(self) -> Any:
        if self._take("!", "not"):
            return not self._read_not()
        left = self._read_operand()
        negated = self._take("not")
        sign = self._take(*_COMPARISONS)
        if sign is None:
            if negated:
                raise ValueError("an operator is missing")
            return left
        held = _COMPARISONS[sign](left, self._read_operand())
        return not held if negated else held

    def _read_operand(self) -> Any:
        kind, text = self.tokens.pop(0)
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if text == "[":
            return self._read_list()
        if text == "(" or (text in _FUNCTIONS and self._take("(")):
            value = self.read_any()
            self._require(")")
            return _FUNCTIONS[text](value) if text in _FUNCTIONS else value
        return _CONSTANTS[text] if text in _CONSTANTS else self._values[text]

    def _read_list(self) -> list[Any]:
        members: list[Any] = []
        while not self._take("]"):
            members.append(self.read_any())
            if not self._take(","):
                self._require("]")
                break
        return members

    def _require(self, sign: str) -> None:
        if self._take(sign) is None:
            raise ValueError(f"{sign} is missing")

"""Split an expression into tokens, as the lexer of https://expr-lang.org does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ExpressionError", "Token", "read_tokens"]

_LARGEST = 2**63
_SIGNS = re.compile(r"\|\|?|::?|\?[.?]?|\.\.?|[&!=*<>][&=*]?|[-,;%+^/#\[\](){}]")
_OPERATORS = frozenset(
    ("and", "contains", "else", "endsWith", "if", "in", "let", "matches", "not", "or", "startsWith")
)
_WORD = re.compile(r"[^\W\d]\w*|\$\w*")
_TEXT = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`]|``)*`")
_ESCAPE = re.compile(
    r"\\(?:[abfnrtv\\]|(?P<quote>['\"])|[0-3][0-7]{2}|x[0-9a-fA-F]{2}"
    r"|u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})|U000[0-9a-fA-F]{5}|U0010[0-9a-fA-F]{4})"
)
_NUMBER = re.compile(
    r"(?:0[xX][0-9a-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*|[0-9][0-9_]*)(?:\.(?!\.)[0-9_]*)?(?:[eE][+-]?[0-9_]*)?"
    r"|\.[0-9][0-9_]*(?:[eE][+-]?[0-9_]*)?"
)
_COMMENT = re.compile(r"//[^\n]*\n?|/\*.*?\*/", re.DOTALL)


class ExpressionError(ValueError):
    """An expression that Argo does not take."""


class Token(NamedTuple):
    """A part of an expression.

    Attributes:
        kind: ``text``, ``number``, ``name``, ``operator`` or ``end``.
        value: What is written; of text, what it means.
    """

    kind: str
    value: str


def read_tokens(expression: str) -> Iterator[Token]:
    """Yield the tokens of an expression, and one that is its end.

    Raises:
        ExpressionError: If a part of it is not a token.

    Examples:
        >>> [token.value for token in read_tokens("lastRetry.exitCode == '1'")]
        ['lastRetry', '.', 'exitCode', '==', '1', '']
    """
    place = 0
    while place < len(expression):
        if expression[place].isspace():
            place += 1
        elif match := _COMMENT.match(expression, place):
            place = match.end()
        else:
            token, place = _read_token(expression, place)
            yield token
    yield Token("end", "")


def _read_token(expression: str, place: int) -> tuple[Token, int]:
    rest = expression[place : place + 20]
    if match := _TEXT.match(expression, place):
        return Token("text", _unescape(match[0])), match.end()
    if rest[0] in "'\"`":
        raise ExpressionError(f"the text {rest!r} is not closed")
    if match := _NUMBER.match(expression, place):
        return Token("number", _check_number(match[0], expression[match.end() :])), match.end()
    if match := _WORD.match(expression, place):
        return Token("operator" if match[0] in _OPERATORS else "name", match[0]), match.end()
    if (match := _SIGNS.match(expression, place)) and not expression.startswith("/*", place):
        return Token("operator", match[0]), match.end()
    raise ExpressionError(f"{rest!r} is not understood")


def _unescape(quoted: str) -> str:
    quote, text = quoted[0], quoted[1:-1]
    if quote == "`":
        return text.replace("``", "`")
    place = 0
    while (place := text.find("\\", place)) >= 0:
        match = _ESCAPE.match(text, place)
        if match is None or match["quote"] not in (None, quote):
            raise ExpressionError(
                f"{text[place : place + 2]!r} in {quoted} is unknown: write two backslashes for one"
            )
        place = match.end()
    return re.sub(r"\\(.)", r"\1", text)


def _check_number(text: str, after: str) -> str:
    digits = text.replace("_", "")
    lower = digits.lower()
    try:
        if lower.startswith("0x"):
            size = abs(int(digits, 16))
        elif "." in lower or "e" in lower:
            size = 0 if float(digits) < float("inf") else _LARGEST
        elif lower[:2] in {"0b", "0o"}:
            size = int(digits, 0)
        else:
            size = int(digits)
    except ValueError:
        raise ExpressionError(f"{text!r} is not a number") from None
    if size >= _LARGEST or _WORD.match(after[:1]) or after[:1].isdecimal():
        raise ExpressionError(f"{(text + after[:1])!r} is not a number")
    return digits

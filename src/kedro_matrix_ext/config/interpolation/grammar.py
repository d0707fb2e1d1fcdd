"""The grammar of ``${...}`` that we evaluate ourselves.

It is a part of OmegaConf's grammar: key references (``${a.b}``, ``${a[0]}``, ``${.sibling}``,
``${a.${b}}``), calls of resolvers with plain, quoted and nested arguments, and both inside longer text.
In longer text, backslashes before ``${`` escape it. What is outside it (lists and mappings as arguments,
backslashes and other characters inside ``${...}``, malformed text) is left to OmegaConf: ``parse_text`` gives
None for it. Inside it, both read every text alike; a property test holds them to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Union

__all__ = [
    "LONGEST_EXTERNAL_TEXT",
    "Call",
    "Concatenation",
    "Expression",
    "Literal",
    "Reference",
    "parse_text",
    "resolver_names",
]


@dataclass(frozen=True)
class Literal:
    """A plain argument or a stretch of text.

    Attributes:
        value: Text, a number, a truth value or null.
    """

    value: str | int | float | bool | None


@dataclass(frozen=True)
class Reference:
    """A reference to another key.

    Attributes:
        dots: How many leading dots; 0 for a reference from the root.
        keys: The keys; an expression where a key is itself an interpolation.
        bracketed: The positions of keys in brackets, whose dots do not separate keys.
    """

    dots: int
    keys: tuple[Union[str, Expression], ...]  # noqa: UP007  evaluated by nobody, read by 3.10
    bracketed: frozenset[int] = field(default=frozenset(), repr=False)

    @cached_property
    def is_plain(self) -> bool:
        """Whether no key is an interpolation."""
        return all(isinstance(key, str) for key in self.keys)


@dataclass(frozen=True)
class Call:
    """A call of a resolver.

    Attributes:
        name: The resolver's name.
        arguments: Its arguments, in order.
    """

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Concatenation:
    """Text made of parts, each turned into text.

    Attributes:
        parts: The parts, in order.
    """

    parts: tuple[Expression, ...]


Expression = Union[Literal, Reference, Call, Concatenation]  # noqa: UP007  the classes refer to it by name

_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"[\w\-/@]+", re.ASCII)
_PLAIN_REFERENCE = re.compile(r"[ \t]*(\.*)([\w\-/@]+(?:\.[\w\-/@]+)*)[ \t]*\}", re.ASCII)
_RESOLVER = re.compile(r"[ \t]*([A-Za-z_][\w\-]*(?:\.[A-Za-z_][\w\-]*)*):[ \t]*", re.ASCII)
_UNQUOTED = re.compile(r"(?:[A-Za-z0-9_/\-+.%*@?|: \t]|\$(?!\{))+")
_INT = re.compile(r"[+-]?(?:0|[1-9](?:_?[0-9])*)")
_DIGITS, _UNSIGNED = r"[0-9](?:_?[0-9])*", r"(?:0|[1-9](?:_?[0-9])*)"
_POINT = rf"(?:{_UNSIGNED}\.|{_UNSIGNED}?\.{_DIGITS})"
_FLOAT = re.compile(rf"[+-]?(?:(?:{_POINT}|{_UNSIGNED})[eE][+-]?{_DIGITS}|{_POINT}|inf|nan)", re.IGNORECASE)
LONGEST_EXTERNAL_TEXT = 65_536  # characters; for blanks, OmegaConf's parser takes the square of that as time
_LONGEST_NUMBER = 3_000  # characters; what is longer is text
_KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class _OutsideGrammarError(Exception):
    """The text is OmegaConf's to read."""


@lru_cache(maxsize=65536)
def parse_text(text: str) -> Expression | None:
    r"""Parse a text that holds an interpolation.

    Examples:
        >>> parse_text("${bucket}/raw")
        Concatenation(parts=(Reference(dots=0, keys=('bucket',)), Literal(value='/raw')))
        >>> parse_text("${oc.env:KEY, 3}")
        Call(name='oc.env', arguments=(Literal(value='KEY'), Literal(value=3)))
        >>> parse_text(r"\w+ \${a}")
        Concatenation(parts=(Literal(value='\\w+ ${'), Literal(value='a}')))
        >>> parse_text("${f:[1, 2]}") is None
        True
    """
    try:
        return _Reader(text).read_text()
    except (_OutsideGrammarError, RecursionError):
        return None


@lru_cache(maxsize=65536)
def resolver_names(expression: Expression) -> frozenset[str]:
    """List the resolvers an expression calls, at any depth."""
    if isinstance(expression, Call):
        names = frozenset({expression.name})
        return names.union(*(resolver_names(argument) for argument in expression.arguments))
    if isinstance(expression, Concatenation):
        return frozenset().union(*(resolver_names(part) for part in expression.parts))
    if isinstance(expression, Reference):
        return frozenset().union(
            *(resolver_names(key) for key in expression.keys if not isinstance(key, str))
        )
    return frozenset()


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read_text(self) -> Expression:
        text = self._text
        parts: list[Expression] = []
        while (start := text.find("${", self._at)) >= 0:
            before, escaped = _unescaped(text[self._at : start])
            if before:
                parts.append(Literal(before))
            self._at = start + 2
            if not escaped:
                parts.append(self._interpolation())
        if self._at < len(text):
            parts.append(Literal(text[self._at :]))
        return parts[0] if len(parts) == 1 else Concatenation(tuple(parts))

    def _interpolation(self) -> Expression:
        """Read what follows ``${``, with the closing brace."""
        plain = _PLAIN_REFERENCE.match(self._text, self._at)
        if plain:
            self._at = plain.end()
            return Reference(len(plain[1]), tuple(plain[2].split(".")))
        called = _RESOLVER.match(self._text, self._at)
        if called:
            self._at = called.end()
            return Call(called[1], self._arguments())
        return self._reference()

    def _reference(self) -> Reference:
        self._skip_space()
        dots = 0
        while self._take("."):
            dots += 1
        bracketed: set[int] = set()
        keys: list[str | Expression] = []
        while not keys or not self._closes():
            if self._take("["):
                bracketed.add(len(keys))
                keys.append(self._bracketed_key())
            elif not keys or self._take("."):
                keys.append(self._key())
            else:
                raise _OutsideGrammarError
        return Reference(dots, tuple(keys), frozenset(bracketed))

    def _bracketed_key(self) -> str | Expression:
        key = self._key()
        if not self._take("]"):
            raise _OutsideGrammarError
        return key

    def _key(self) -> str | Expression:
        if self._take("${"):
            return self._interpolation()
        match = _KEY.match(self._text, self._at)
        if match is None:
            raise _OutsideGrammarError
        self._at = match.end()
        return match[0]

    def _arguments(self) -> tuple[Expression, ...]:
        """Read arguments up to and with the closing brace."""
        if self._closes():
            return ()
        arguments = [self._argument()]
        while not self._closes():
            if not self._take(","):
                raise _OutsideGrammarError
            self._skip_space()
            arguments.append(self._argument())
        return tuple(arguments)

    def _argument(self) -> Expression:
        quote = self._text[self._at : self._at + 1]
        if quote and quote in "'\"":
            self._at += 1
            value = self._quoted(quote)
        else:
            value = self._unquoted()
        self._skip_space()
        return value

    def _quoted(self, quote: str) -> Expression:
        """Read up to and with the closing quote; the result is always text."""
        parts: list[Expression] = []
        while not self._take(quote):
            if self._take("${"):
                parts.append(self._interpolation())
            else:
                parts.append(self._quoted_stretch(quote))
        if not parts:
            return Literal("")
        return (
            _checked(parts[0])
            if parts == [parts[0]] and isinstance(parts[0], Literal)
            else Concatenation(tuple(parts))
        )

    def _quoted_stretch(self, quote: str) -> Literal:
        end = self._text.find(quote, self._at)
        if end < 0:
            raise _OutsideGrammarError
        opening = self._text.find("${", self._at, end)
        end = end if opening < 0 else opening
        stretch = Literal(self._text[self._at : end])
        if "\\" in str(stretch.value):
            raise _OutsideGrammarError
        self._at = end
        return stretch

    def _unquoted(self) -> Expression:
        parts: list[Expression] = []
        while True:
            match = _UNQUOTED.match(self._text, self._at)
            if match:
                self._at = match.end()
                parts.append(Literal(match[0]))
            elif self._take("${"):
                parts.append(self._interpolation())
            else:
                return _joined(parts)

    def _closes(self) -> bool:
        """Take the closing brace, with the space before it."""
        before = self._at
        self._skip_space()
        if self._take("}"):
            return True
        self._at = before
        return False

    def _take(self, token: str) -> bool:
        if self._text.startswith(token, self._at):
            self._at += len(token)
            return True
        return False

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        if match:
            self._at = match.end()


def _unescaped(before: str) -> tuple[str, bool]:
    """Return the text before ``${``, and whether that is escaped: each pair of backslashes is one."""
    text = before.rstrip("\\")
    backslashes, escaped = divmod(len(before) - len(text), 2)
    return text + "\\" * backslashes + ("${" if escaped else ""), bool(escaped)


def _joined(parts: list[Expression]) -> Expression:
    """One unquoted argument: its end trimmed, typed where it is a single word."""
    if parts and isinstance(parts[-1], Literal):
        text = str(parts[-1].value)
        trimmed = text.rstrip(" \t")
        kept = text if trimmed.endswith(":") else trimmed  # a colon takes the space behind it
        parts[-1:] = [Literal(kept)] if kept else []
    if not parts:
        raise _OutsideGrammarError
    if len(parts) > 1:
        return Concatenation(tuple(parts))
    return _typed(str(parts[0].value)) if isinstance(parts[0], Literal) else parts[0]


def _typed(text: str) -> Literal:
    if text.lower() in _KEYWORDS:
        return Literal(_KEYWORDS[text.lower()])
    if len(text) > _LONGEST_NUMBER:
        return _checked(Literal(text))
    if _INT.fullmatch(text):
        return Literal(int(text))
    if _FLOAT.fullmatch(text):
        return Literal(float(text))
    return _checked(Literal(text))


def _checked(literal: Literal) -> Literal:
    """Leave the mark of a missing value to OmegaConf."""
    if str(literal.value).endswith("???"):
        raise _OutsideGrammarError
    return literal

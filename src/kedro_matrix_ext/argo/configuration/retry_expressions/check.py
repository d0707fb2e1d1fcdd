"""Parse an expression of ``retries`` and the types of its parts: its value must be true or false."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.retry_expressions.names import (
    ATTEMPT,
    FUNCTIONS,
    NAMES,
    PREDICATES,
)
from kedro_matrix_ext.argo.configuration.retry_expressions.tokens import ExpressionError, Token, read_tokens
from kedro_matrix_ext.argo.configuration.retry_expressions.types import (
    check_pattern,
    combine,
    describe,
    join,
    require_type,
)
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_expression"]

_PRECEDENCE = {
    **dict.fromkeys(("or", "||"), 10),
    **dict.fromkeys(("and", "&&"), 15),
    **dict.fromkeys(("==", "!=", "<", ">", ">=", "<="), 20),
    **dict.fromkeys(("in", "matches", "contains", "startsWith", "endsWith"), 20),
    "..": 25,
    **dict.fromkeys(("+", "-"), 30),
    **dict.fromkeys(("*", "/", "%"), 60),
    **dict.fromkeys(("**", "^"), 100),
    "??": 500,
}
_UNARY = {"not": 50, "!": 50, "-": 90, "+": 90}
_NEGATED = ("in", "matches", "contains", "startsWith", "endsWith")
_DEEPEST = 50


def check_expression(expression: str) -> str:
    """Check that Argo can evaluate an expression, and return it.

    Raises:
        ExpressionError: If its syntax is wrong, a name is unknown, types do not match, or it is not
            true or false.

    Examples:
        >>> check_expression("asInt(lastRetry.exitCode) > 1")
        'asInt(lastRetry.exitCode) > 1'
    """
    parser = _Parser(read_tokens(fill_tags(expression, lambda _tag: "1")))
    kind = parser.read_sequence()
    parser.require("end", "")
    if kind not in {"bool", "any"}:
        raise ExpressionError(f"it is {describe(kind)}, and has to be true or false")
    return expression


class _Parser:
    """Reads tokens from the left; each method returns the type of what it has read."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens = [*tokens]
        self._names = dict(NAMES)
        self._depth = 0
        self._closures = 0

    @property
    def _next(self) -> Token:
        return self._tokens[0]

    def _is(self, *values: str) -> bool:
        return self._next.kind == "operator" and self._next.value in values

    def _take(self, *values: str) -> str | None:
        return self._tokens.pop(0).value if self._is(*values) else None

    def require(self, kind: str, *values: str) -> str:
        """Take a token of a kind, and one of some values if there are any."""
        token = self._next
        if token.kind != kind or (values and token.value not in values):
            wanted = (
                " or ".join(map(repr, values)) if any(values) else f"a {kind}" if kind != "end" else "its end"
            )
            raise ExpressionError(f"{token.value or 'its end'!r} is not expected here, but {wanted}")
        return self._tokens.pop(0).value if kind != "end" else ""

    def read_sequence(self) -> str:
        """Read expressions that semicolons separate; the last one is the value."""
        kind = self._read(0)
        while self._take(";"):
            if self._next.kind == "end":
                break
            kind = self._read(0)
        return kind

    def _read(self, precedence: int) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError("it is nested too deeply")
        if precedence == 0 and self._take("let"):
            kind = self._read_declaration()
        elif precedence == 0 and self._take("if"):
            kind = self._read_if()
        else:
            kind = self._read_binary(precedence)
        self._depth -= 1
        return kind

    def _read_declaration(self) -> str:
        name = self.require("name")
        if name in {**self._names, **FUNCTIONS, **PREDICATES}:
            raise ExpressionError(f"{name!r} has a meaning already")
        self.require("operator", "=")
        kind = self._read(0)
        self.require("operator", ";")
        self._names[name] = kind
        kind = self.read_sequence()
        del self._names[name]
        return kind

    def _read_if(self) -> str:
        require_type(self._read(0), "bool", "if")
        kinds = [self._read_block()]
        self.require("operator", "else")
        kinds.append(self._read_if() if self._take("if") else self._read_block())
        return join(kinds)

    def _read_block(self) -> str:
        self.require("operator", "{")
        kind = self.read_sequence()
        self.require("operator", "}")
        return kind

    def _read_binary(self, precedence: int) -> str:
        left, before = self._read_unary(), ""
        while self._next.kind == "operator":
            sign = self._find_operator(precedence)
            if sign is None:
                break
            if before == "??" and sign not in {"??", "|"}:
                raise ExpressionError(f"{sign!r} next to '??' needs parentheses")
            left = self._read_right(left, sign)
            before = sign
        if precedence == 0:
            while self._take("?"):
                left = self._read_choice(left)
        return left

    def _find_operator(self, precedence: int) -> str | None:
        """Take the next operator, with its negation, unless it belongs to an outer expression."""
        if self._is("not"):
            following = self._tokens[1]
            if following.kind != "operator" or following.value not in _NEGATED:
                raise ExpressionError("'not' is not expected here")
            if _PRECEDENCE[following.value] < precedence:
                return None
            self._tokens.pop(0)
        if self._is("|") and precedence == 0:
            return self._take("|")
        sign = self._next.value
        return self._take(sign) if _PRECEDENCE.get(sign, -1) >= precedence else None

    def _read_right(self, left: str, sign: str) -> str:
        if sign == "|":
            return self._read_call(self.require("name"), piped=True)  # Argo's parser takes no index behind it
        level = _PRECEDENCE[sign]
        first, left_over = self._next, len(self._tokens)
        right = self._read(level if sign in {"**", "^"} else level + 1)
        if sign == "matches" and first.kind == "text" and left_over - len(self._tokens) == 1:
            check_pattern(first.value)
        if sign in {"<", ">", "<=", ">="} and self._is("<", ">", "<=", ">="):
            combine(left, sign, right)
            following = self._tokens.pop(0).value
            return join([combine(right, following, self._read(level + 1)), "bool"])
        return combine(left, sign, right)

    def _read_choice(self, condition: str) -> str:
        if self._take(":"):
            return join([condition, self._read(0)])
        require_type(condition, "bool", "?")
        first = self._read(0)
        self.require("operator", ":")
        return join([first, self._read(0)])

    def _read_unary(self) -> str:
        sign = self._take(*_UNARY)
        if sign is None:
            return self._read_primary()
        kind = "number" if sign in "+-" else "bool"
        require_type(self._read(_UNARY[sign]), kind, sign)
        return self._read_postfix(kind)

    def _read_primary(self) -> str:
        if self._take("("):
            kind = self.read_sequence()
            self.require("operator", ")")
            return self._read_postfix(kind)
        if self._closures and self._take("#"):
            if self._next.kind == "name":
                self._tokens.pop(0)
            return self._read_postfix("any")
        if self._closures and self._is("."):
            return self._read_postfix("any")
        if self._take("::"):
            return self._read_postfix(self._read_call(self.require("name")))
        return self._read_secondary()

    def _read_secondary(self) -> str:
        token = self._next
        if token.kind in {"number", "text"}:
            self._tokens.pop(0)
            return "number" if token.kind == "number" else self._read_postfix("text")
        if token.kind == "name":
            self._tokens.pop(0)
            if token.value in {"true", "false", "nil"}:
                return "nil" if token.value == "nil" else "bool"
            kind = self._read_call(token.value) if self._is("(") else self._look_up(token.value)
            return self._read_postfix(kind)
        if self._take("["):
            return self._read_postfix(f"list:{join(self._read_items(']'))}")
        if self._take("{"):
            self._read_pairs()
            return self._read_postfix("map")
        raise ExpressionError(f"{token.value or 'its end'!r} is not expected here")

    def _look_up(self, name: str) -> str:
        if name in FUNCTIONS:
            return "function"
        if name not in self._names:
            raise ExpressionError(f"{name!r} is not known. {did_you_mean(name, self._names)}".rstrip())
        return self._names[name]

    def _read_call(self, name: str, *, piped: bool = False) -> str:
        if name not in {**FUNCTIONS, **PREDICATES}:
            known = {**FUNCTIONS, **PREDICATES}
            raise ExpressionError(f"{name!r} is not a function. {did_you_mean(name, known)}".rstrip())
        self.require("operator", "(")
        if name not in PREDICATES:
            self._read_items(")")
            return FUNCTIONS[name]
        if not piped:
            self._read(0)
        if not piped and not (name in {"count", "sum"} and self._is(")")):
            self.require("operator", ",")
        if not self._is(")"):
            self._read_predicate()
        elif name not in {"count", "sum"}:
            raise ExpressionError(f"{name!r} needs an expression over the members")
        if name in {"reduce", "sortBy"} and self._take(",") and not self._is(")"):
            self._read(0)
        self._take(",")
        self.require("operator", ")")
        return PREDICATES[name]

    def _read_predicate(self) -> None:
        self._closures += 1
        if self._is("{"):
            self._read_block()
        else:
            self._read(0)
        self._closures -= 1

    def _read_items(self, end: str) -> list[str]:
        kinds: list[str] = []
        while not self._take(end):
            if kinds:
                self.require("operator", ",")
                if self._take(end):
                    break
            kinds.append(self._read(0))
        return kinds

    def _read_pairs(self) -> None:
        first = True
        while not self._take("}"):
            if not first:
                self.require("operator", ",")
                if self._take("}"):
                    return
            first = False
            if self._next.kind in {"number", "text", "name"}:
                self._tokens.pop(0)
            elif self._is("("):
                self._read(0)
            else:
                raise ExpressionError(f"{self._next.value!r} is not a key of a mapping")
            self.require("operator", ":")
            self._read(0)

    def _read_postfix(self, kind: str) -> str:
        while sign := self._take(".", "?.", "["):
            if sign == "?." and self._take("["):
                sign = "["
            kind = self._read_index(kind) if sign == "[" else self._read_member(kind)
        return kind

    def _read_member(self, kind: str) -> str:
        token = self._tokens.pop(0)
        if token.kind != "name" and not (token.kind == "operator" and token.value.isalpha()):
            raise ExpressionError(f"{token.value or 'its end'!r} is not a name")
        if self._take("("):
            self._read_items(")")
            return "any"
        if kind == "attempt":
            if token.value not in ATTEMPT:
                raise ExpressionError(
                    f"'lastRetry' has no {token.value!r}. {did_you_mean(token.value, ATTEMPT)} "
                    f"It has {', '.join(ATTEMPT)}."
                )
            return ATTEMPT[token.value]
        if kind not in {"any", "map"}:
            raise ExpressionError(f"{describe(kind)} has no {token.value!r}")
        return "any"

    def _read_index(self, kind: str) -> str:
        if not self._is(":"):
            self._read(0)
            if self._take("]"):
                return kind.removeprefix("list:") if kind.startswith("list:") else "any"
        self.require("operator", ":")
        if not self._is("]"):
            self._read(0)
        self.require("operator", "]")
        return kind

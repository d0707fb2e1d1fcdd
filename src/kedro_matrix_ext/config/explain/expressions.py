"""Expressions written back as the configuration has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_matrix_ext.config.interpolation.grammar import Call, Concatenation, Expression, Literal, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["plain_references", "render_expression"]

_PLAIN = re.compile(r"(?<!\\)\$\{[ \t]*(\.*)([\w\-/@]+(?:\.[\w\-/@]+)*)[ \t]*\}", re.ASCII)
_WORDS = {True: "true", False: "false", None: "null"}


def render_expression(expression: Expression) -> str:
    """Write an expression.

    Examples:
        >>> from kedro_matrix_ext.config.interpolation.grammar import parse_text
        >>> render_expression(parse_text("${merge: ${..a} , ${b.${c}}}"))
        '${merge:${..a},${b.${c}}}'
    """
    if isinstance(expression, Literal):
        value = expression.value
        return _WORDS[value] if value is None or isinstance(value, bool) else str(value)
    if isinstance(expression, Concatenation):
        return "".join(map(render_expression, expression.parts))
    if isinstance(expression, Call):
        return f"${{{expression.name}:{','.join(map(render_expression, expression.arguments))}}}"
    keys = [key if isinstance(key, str) else render_expression(key) for key in expression.keys]
    return f"${{{'.' * expression.dots}{'.'.join(keys)}}}"


def plain_references(text: str) -> Iterator[Reference]:
    """Find the plain references in a text that our grammar does not cover.

    Yields:
        The references, those in the arguments of resolvers included.

    Examples:
        >>> [reference.keys for reference in plain_references("${f:[${a.b}, 1]}")]
        [('a', 'b')]
    """
    for match in _PLAIN.finditer(text):
        yield Reference(len(match[1]), tuple(match[2].split(".")))

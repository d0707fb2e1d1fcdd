"""Expressions over a task's size in the values of environment variables: ``{{=int(mem * 0.75)}}g``.

They are computed when the manifest is made; Argo never sees them.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["SIZE_NAMES", "check_expressions", "fill_expressions"]

SIZE_NAMES = ("cpu", "mem", "num_gpu")
"""Cores, GiB and GPUs of the task's limits."""
_TAG = re.compile(r"\{\{=(?P<code>.*?)\}\}", re.DOTALL)
_LONGEST = 200
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Mult: operator.mul,
    ast.Sub: operator.sub,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ceil": math.ceil,
    "floor": math.floor,
    "int": int,
    "max": max,
    "min": min,
    "round": round,
}


def check_expressions(text: str) -> None:
    """Check the expressions of a text with a size of 1 for everything.

    Raises:
        ValueError: If one is not arithmetic over ``mem``, ``cpu`` and ``num_gpu``.
    """
    fill_expressions(text, dict.fromkeys(SIZE_NAMES, 1.0))


def fill_expressions(text: str, sizes: Mapping[str, float]) -> str:
    """Replace each ``{{=...}}`` by its value; whole numbers have no decimal point.

    Raises:
        ValueError: If one is not arithmetic over the names in ``sizes``.

    Examples:
        >>> fill_expressions("{{=int(mem * 0.75)}}g", {"mem": 16, "cpu": 4, "num_gpu": 0})
        '12g'
    """
    return _TAG.sub(lambda tag: _evaluate(tag["code"], sizes), text)


def _evaluate(code: str, sizes: Mapping[str, float]) -> str:
    try:
        value = _compute(ast.parse(code.strip()[:_LONGEST], mode="eval").body, sizes)
    except (ArithmeticError, SyntaxError, TypeError, ValueError) as error:
        raise ValueError(
            f"{code.strip()!r} cannot be computed: {error}. Write arithmetic over mem (GiB), cpu and "
            f"num_gpu with {', '.join(_FUNCTIONS)}, in at most {_LONGEST} characters."
        ) from error
    return f"{value:g}" if isinstance(value, float) else str(value)


def _compute(node: ast.AST, sizes: Mapping[str, float]) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.Name):
        if node.id not in sizes:
            raise ValueError(f"there is no {node.id!r}. {did_you_mean(node.id, sizes)}".rstrip())
        return sizes[node.id]
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_compute(node.operand, sizes))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_compute(node.left, sizes), _compute(node.right, sizes))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        if node.keywords:
            raise ValueError("functions take no keywords")
        return _FUNCTIONS[node.func.id](*(_compute(argument, sizes) for argument in node.args))
    raise ValueError(f"{ast.unparse(node)!r} is not arithmetic")

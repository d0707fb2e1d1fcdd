"""Import and call the functions that tables name, under the rules of injection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._variables import ALLOWLIST_VARIABLE
from kedro_matrix_ext.errors import FabricationError, InjectionError, RefusedTargetError
from kedro_matrix_ext.injection.targets.policy import Policy
from kedro_matrix_ext.injection.targets.resolution import judge_result, resolve_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["call_function", "import_function", "list_functions"]

_OWN_FUNCTION = "Name a function of the project that does what is needed."
_CALLING = ("row_apply", "column_apply")
_LAMBDA = re.compile(r"\s*lambda\b\s*(?P<arguments>[^:]*):(?P<body>.*)", re.DOTALL)


def import_function(path: str, config_path: str) -> Callable[..., Any]:
    """Import a function that a table names.

    Raises:
        FabricationError: If it does not exist, is not callable, or injection refuses it.
    """
    _refuse_lambda(path, config_path)
    try:
        function: Callable[..., Any] = resolve_target(path, Policy.read(None), config_path)
    except RefusedTargetError as error:
        hint = error.hint if ALLOWLIST_VARIABLE in (error.hint or "") else _OWN_FUNCTION
        raise FabricationError(error.message, config_path=config_path, hint=hint) from error
    except InjectionError as error:
        raise FabricationError(error.message, config_path=config_path, hint=error.hint) from error
    if not callable(function):
        raise FabricationError(
            f"{path!r} is not a function", config_path=config_path, hint="Name one by its import path."
        )
    return function


def _refuse_lambda(path: str, config_path: str) -> None:
    match = _LAMBDA.match(path)
    if match is not None:
        arguments, body = match["arguments"].strip(), match["body"].strip()
        raise FabricationError(
            f"{path!r} is code, and configuration names functions by import path",
            config_path=config_path,
            hint=f"Write it in the project, for example 'def my_column({arguments}): return {body}' in "
            "src/<package>/fabrication.py, and give 'function: <package>.fabrication.my_column'.",
        )


def call_function(
    function: Callable[..., Any], values: Sequence[Any], arguments: Mapping[str, Any], config_path: str
) -> Any:
    """Call a function with positional values and keyword arguments.

    Raises:
        FabricationError: If it raises, or returns a function that injection refuses, with the column's place;
            the cause is kept.
    """
    try:
        result = function(*values, **arguments)
    except Exception as error:
        name = getattr(function, "__qualname__", repr(function))
        raise FabricationError(
            f"{name!r} raised {type(error).__name__}: {error}", config_path=config_path
        ) from error
    if callable(result):  # another column's function may call it
        _judge(result, getattr(function, "__qualname__", repr(function)), config_path)
    return result


def _judge(result: Any, name: str, config_path: str) -> None:
    try:
        judge_result(result, name, Policy.read(None), config_path)
    except RefusedTargetError as error:
        raise FabricationError(error.message, config_path=config_path, hint=_OWN_FUNCTION) from error


def list_functions(declarations: Any) -> Iterator[str]:
    """List the import paths that declarations of tables give as ``function``, before they are parsed.

    Examples:
        >>> list(list_functions({"cars": {"columns": {"kw": {"type": "row_apply", "function": "shop.kw"}}}}))
        ['shop.kw']
    """
    if isinstance(declarations, dict):
        path = declarations.get("function")
        if isinstance(path, str) and declarations.get("type") in _CALLING:
            yield path
    children = declarations.values() if isinstance(declarations, dict) else declarations
    for child in children if isinstance(declarations, dict | list) else ():
        yield from list_functions(child)

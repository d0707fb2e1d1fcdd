"""Functions that tables name by import path, under the rules of injection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._variables import ALLOWLIST_VARIABLE
from kedro_matrix_ext.errors import FabricationError, InjectionError, RefusedTargetError
from kedro_matrix_ext.injection.targets.resolution import Policy, resolve_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["call_function", "import_function"]

_NO_ALLOWANCE = "Name a function of the project's own that does what is wanted."


def import_function(path: str, config_path: str) -> Callable[..., Any]:
    """Import a function that a table names.

    Args:
        path: Its import path.
        config_path: Where it is named, for messages.

    Returns:
        The function.

    Raises:
        FabricationError: If there is none, it is no function, or injection refuses it.
    """
    try:
        function: Callable[..., Any] = resolve_target(path, Policy.read(None), config_path)
    except RefusedTargetError as error:
        hint = error.hint if ALLOWLIST_VARIABLE in (error.hint or "") else _NO_ALLOWANCE
        raise FabricationError(error.message, config_path=config_path, hint=hint) from error
    except InjectionError as error:
        raise FabricationError(error.message, config_path=config_path, hint=error.hint) from error
    if not callable(function):
        raise FabricationError(
            f"{path!r} is not a function", config_path=config_path, hint="Name one by its import path."
        )
    return function


def call_function(
    function: Callable[..., Any], values: Sequence[Any], arguments: Mapping[str, Any], config_path: str
) -> Any:
    """Call a function; what it raises is shown with the place that asked for it.

    Args:
        function: What to call.
        values: Its positional arguments.
        arguments: Its keyword arguments.
        config_path: Where it is named, for messages.

    Returns:
        What it returns.

    Raises:
        FabricationError: If it raises; the cause is kept.
    """
    try:
        return function(*values, **arguments)
    except Exception as error:
        name = getattr(function, "__qualname__", repr(function))
        raise FabricationError(
            f"{name!r} raised {type(error).__name__}: {error}", config_path=config_path
        ) from error

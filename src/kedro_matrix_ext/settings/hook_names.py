"""Names of hooks: in messages, and as variables that switch them off."""

from __future__ import annotations

import re
from types import FunctionType

__all__ = ["DISABLE_PREFIX", "HookSwitchWarning", "disable_variable", "import_path_of"]

DISABLE_PREFIX = "KEDRO_HOOKS_DISABLE_"


class HookSwitchWarning(UserWarning):
    """A ``KEDRO_HOOKS_DISABLE_`` variable matches no hook, or an entry of ``HOOKS`` does nothing.

    Examples:
        >>> import warnings
        >>> warnings.filterwarnings("error", category=HookSwitchWarning)  # a mistyped one stops the run
    """


def disable_variable(name: str) -> str:
    """Name the variable that switches a hook off.

    Args:
        name: The hook's name.

    Returns:
        The prefix and the name in upper case, ``-`` and ``.`` as ``_``.

    Examples:
        >>> disable_variable("node-timer")
        'KEDRO_HOOKS_DISABLE_NODE_TIMER'
    """
    return DISABLE_PREFIX + re.sub("[-.]", "_", name).upper()


def import_path_of(hook: object) -> str:
    """Name a hook by import path, for messages.

    Args:
        hook: An instance, a class, a function or an import path.

    Returns:
        The path given, or that of the class or function.

    Examples:
        >>> import_path_of(HookSwitchWarning("..."))
        'kedro_matrix_ext.settings.hook_names.HookSwitchWarning'
    """
    if isinstance(hook, str):
        return hook
    kind = hook if isinstance(hook, (type, FunctionType)) else type(hook)
    return f"{kind.__module__}.{kind.__qualname__}"

"""Build the hooks that ``HOOKS`` names, as a session starts."""

from __future__ import annotations

import copy
import warnings
from importlib import metadata
from types import FunctionType
from typing import Any

from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext.errors import HookError, ImportPathError
from kedro_matrix_ext.settings.hook_names import HookSwitchWarning, disable_variable, import_path_of
from kedro_matrix_ext.settings.workflow_hooks import WorkflowLevelPath, workflow_level

__all__ = ["build_hook", "check_hook"]

_NO_HOOK = "is not a hook, none of its methods is a @hook_impl"
_MARK_METHODS = "Mark its methods with @hook_impl from kedro.framework.hooks."


def build_hook(name: str, declared: object) -> object:
    """Make the hook of an enabled entry, or say by its name what is wrong with it."""
    hook = _imported(name, declared) if isinstance(declared, str) else declared
    if isinstance(hook, type):
        hook = _instance(name, hook)
    if isinstance(declared, WorkflowLevelPath):
        hook = workflow_level(hook)
    if not _has_hook_implementations(hook):
        if isinstance(hook, FunctionType):  # pluggy takes it
            _warn_of_function(name, declared)
            return hook
        raise HookError(f"hook {name!r}: {import_path_of(declared)!r} {_NO_HOOK}", hint=_MARK_METHODS)
    return hook


def check_hook(hook: object) -> HookError | None:
    """Return what is wrong with a hook that ``HOOKS`` holds as it is, without a switch."""
    path = import_path_of(hook)
    if isinstance(hook, str):
        hint = "Write an instance of the class, or give the import path to determine_hooks_to_execute()."
        return HookError(f"HOOKS holds the text {hook!r}, which is not a hook", hint=hint)
    if isinstance(hook, type):
        return HookError(f"HOOKS holds the class {path!r}, not an instance", hint=f"Write {hook.__name__}().")
    if isinstance(hook, FunctionType) or _has_hook_implementations(hook):
        return None
    return HookError(f"HOOKS holds {path!r}, which {_NO_HOOK}", hint=_MARK_METHODS)


def _imported(name: str, path: str) -> Any:
    try:
        found = import_object(path)
    except ImportPathError as error:
        first = error.hint or "Correct the path, or install the module."
        hint = f"{first} Or switch it off: set {disable_variable(name)}."
        raise HookError(f"hook {name!r}: {error.message}", hint=hint) from error
    return copy.copy(found) if _is_entry_point(path) and not isinstance(found, type) else found


def _is_entry_point(path: str) -> bool:
    """Return whether a plugin registers this very object; pluggy refuses one object under two names."""
    module, _, attribute = path.rpartition(".")
    points = metadata.entry_points(group="kedro.hooks")
    return any(point.value.replace(" ", "") == f"{module}:{attribute}" for point in points)


def _instance(name: str, kind: type) -> object:
    try:
        return kind()
    except Exception as error:
        raise HookError(
            f"hook {name!r}: {import_path_of(kind)}() raised {type(error).__name__}: {error}",
            hint="A class in HOOKS is built without arguments; give an instance where it needs some.",
        ) from error


def _has_hook_implementations(hook: object) -> bool:
    from kedro.framework.hooks.markers import HOOK_NAMESPACE
    from pluggy import PluginManager

    manager = PluginManager(HOOK_NAMESPACE)
    return any(manager.parse_hookimpl_opts(hook, attribute) for attribute in dir(hook))


def _warn_of_function(name: str, declared: object) -> None:
    path = import_path_of(declared)
    warnings.warn(
        f"hook {name!r}: {path!r} is a function, which Kedro registers and never calls. Write a class with "
        "@hook_impl methods.",
        HookSwitchWarning,
        stacklevel=4,
    )

"""Which hooks a project has, where they come from, and in which order they run."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from importlib import metadata
from typing import TYPE_CHECKING

from kedro_matrix_ext.settings.hook_building import check_hook
from kedro_matrix_ext.settings.hook_names import disable_variable, import_path_of
from kedro_matrix_ext.settings.hook_switches import HookSwitch, SwitchedHooks, plugin_switches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext.errors import HookError

__all__ = ["ListedHook", "list_hooks"]


@dataclass(frozen=True)
class ListedHook:
    """One hook of a project.

    Attributes:
        name: The entry's name in ``determine_hooks_to_execute``, the class's name in a plain ``HOOKS``, or
            the entry point's name.
        hook: The import path of the hook or of its class.
        source: ``HOOKS``, or the distribution of the plugin that registers it.
        disabled_by: The variable that switches it off, ``DISABLE_HOOKS_FOR_PLUGINS`` where that setting alone
            does, or None where it is enabled.
        order: Its place in the order of execution, from 1; None where it is disabled.
        error: Why an enabled one cannot be used, if that was checked.
    """

    name: str
    hook: str
    source: str
    disabled_by: str | None = None
    order: int | None = None
    error: HookError | None = None


def list_hooks(
    hooks: Iterable[object], disabled_plugins: Iterable[str] = (), *, check: bool = False
) -> list[ListedHook]:
    """List all hooks of a project in the order in which Kedro calls them.

    pluggy calls last what was registered first, and Kedro registers ``HOOKS`` before plugins. A single method
    may ask to go before or after (``tryfirst``, ``trylast``), which is not reported here.

    Args:
        hooks: The project's ``settings.HOOKS``.
        disabled_plugins: The project's ``settings.DISABLE_HOOKS_FOR_PLUGINS``.
        check: Whether to build those of ``HOOKS`` that are enabled; else import paths are not imported.

    Returns:
        The hooks, disabled ones in the place they would have.

    Examples:
        >>> from kedro_matrix_ext.settings import determine_hooks_to_execute
        >>> hooks = determine_hooks_to_execute({"first": "shop.hooks.First", "second": "shop.hooks.Second"})
        >>> [hook.name for hook in list_hooks(hooks) if hook.source == "HOOKS"]
        ['second', 'first']
    """
    registered = [*_from_settings(hooks, check=check), *_from_plugins(frozenset(disabled_plugins))]
    order = 0
    listed = []
    for hook in reversed(registered):
        order += hook.disabled_by is None
        listed.append(hook if hook.disabled_by else replace(hook, order=order))
    return listed


def _from_settings(hooks: Iterable[object], *, check: bool) -> Iterator[ListedHook]:
    switched = hooks if isinstance(hooks, SwitchedHooks) else None
    for entry in hooks if switched is None else switched.entries:
        if switched is not None and isinstance(entry, HookSwitch):
            disabled_by = None if entry.enabled else entry.variable
            error = switched.find_error(entry.name) if check else None
            yield ListedHook(entry.name, entry.hook, "HOOKS", disabled_by, error=error)
        else:
            error = check_hook(entry) if check else None
            yield ListedHook(type(entry).__name__, import_path_of(entry), "HOOKS", error=error)


def _from_plugins(disabled: frozenset[str]) -> Iterator[ListedHook]:
    """List what plugins register, in the order in which pluggy finds them: each entry point's name once."""
    seen: set[str] = set()
    for distribution in metadata.distributions():
        for point in distribution.entry_points:
            if point.group == "kedro.hooks" and point.name not in seen:
                seen.add(point.name)
                plugin = distribution.metadata["Name"]
                path = point.value.replace(" ", "").replace(":", ".")
                yield ListedHook(point.name, path, plugin, _plugin_disabled_by(plugin, disabled))


def _plugin_disabled_by(plugin: str, disabled: frozenset[str]) -> str | None:
    if plugin not in disabled:
        return None
    switch = plugin_switches().get(plugin)
    if switch and disable_variable(switch) in os.environ:
        return disable_variable(switch)
    return "DISABLE_HOOKS_FOR_PLUGINS"

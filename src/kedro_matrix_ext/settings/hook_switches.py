"""Hooks that an environment variable switches off: ``KEDRO_HOOKS_DISABLE_<NAME>``."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import overload

from kedro_matrix_ext._suggestion import nearest_names
from kedro_matrix_ext._terminal_output import keep_output_short
from kedro_matrix_ext.errors import HookError, SettingsError
from kedro_matrix_ext.settings.hook_building import build_hook
from kedro_matrix_ext.settings.hook_names import (
    DISABLE_PREFIX,
    HookSwitchWarning,
    disable_variable,
    import_path_of,
)

__all__ = [
    "HookSwitch",
    "SwitchedHooks",
    "determine_hooks_to_execute",
    "plugin_switches",
    "plugins_to_disable",
    "unmatched_variables",
]

_NAME = re.compile(r"[A-Za-z0-9_.-]+")

# Distribution -> the name that plugins_to_disable was given for it, to know which variables mean something.
_PLUGIN_SWITCHES: dict[str, str] = {}


@dataclass(frozen=True)
class HookSwitch:
    """One entry of the mapping given to ``determine_hooks_to_execute``, and whether it is on.

    Attributes:
        name: The entry's name.
        hook: The import path of the hook or of its class.
        variable: The variable that switches it off.
        enabled: Whether the variable is absent.

    Examples:
        >>> hooks = determine_hooks_to_execute({"spark": "kedro_matrix_ext.hooks.SparkHooks"})
        >>> hooks.switches[0].variable
        'KEDRO_HOOKS_DISABLE_SPARK'
    """

    name: str
    hook: str
    variable: str
    enabled: bool


class SwitchedHooks(Sequence[object]):
    """What ``HOOKS`` is set to: a sequence of the enabled hooks, which are built when they are asked for.

    Each hook is built once, however many sessions there are; the variables are looked at each time. Hooks of
    a list or tuple that is added have no switch.

    Args:
        hooks: As for ``determine_hooks_to_execute``.

    Raises:
        HookError: When a hook is asked for, if it cannot be imported or built.

    Examples:
        >>> hooks = SwitchedHooks({"spark": "kedro_matrix_ext.hooks.SparkHooks"})
        >>> hooks, len(hooks)
        (SwitchedHooks(spark: on), 1)
        >>> len(hooks + [object()])
        2
    """

    def __init__(self, hooks: Mapping[str, object]) -> None:
        self._entries: tuple[tuple[str | None, object], ...] = tuple(hooks.items())
        self._built: dict[str, object] = {}

    @property
    def switches(self) -> tuple[HookSwitch, ...]:
        """Every entry with its state, in the order declared; nothing is imported for it."""
        return tuple(_switch(name, hook) for name, hook in self._entries if name is not None)

    @property
    def entries(self) -> tuple[HookSwitch | object, ...]:
        """The switches, and in their places the hooks that were added and have none."""
        return tuple(hook if name is None else _switch(name, hook) for name, hook in self._entries)

    def find_error(self, name: str) -> HookError | None:
        """Build a hook, if it is enabled, and return what is wrong with it.

        Examples:
            >>> print(SwitchedHooks({"shop": "nowhere.Hooks"}).find_error("shop").message)
            hook 'shop': cannot import 'nowhere.Hooks': there is no module 'nowhere'
        """
        try:
            for enabled, hook in self._enabled():
                if enabled == name:
                    self._hook(name, hook)
        except HookError as error:
            return error
        return None

    def __iter__(self) -> Iterator[object]:
        _warn_of_unmatched_variables(switch.name for switch in self.switches)
        return iter([hook if name is None else self._hook(name, hook) for name, hook in self._enabled()])

    def __len__(self) -> int:
        return len(self._enabled())

    @overload
    def __getitem__(self, index: int) -> object: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[object, ...]: ...

    def __getitem__(self, index: int | slice) -> object:
        return tuple(self)[index]

    def __add__(self, others: Iterable[object]) -> SwitchedHooks:
        if not isinstance(others, (list, tuple, SwitchedHooks)):
            return NotImplemented
        return self._copy((*self._entries, *_entries_of(others)))

    def __radd__(self, others: Iterable[object]) -> SwitchedHooks:
        if not isinstance(others, (list, tuple)):
            return NotImplemented
        return self._copy((*_entries_of(others), *self._entries))

    def __repr__(self) -> str:
        states = (
            f"{entry.name}: {'on' if entry.enabled else 'off'}"
            if isinstance(entry, HookSwitch)
            else type(entry).__name__
            for entry in self.entries
        )
        return f"{type(self).__name__}({', '.join(states)})"

    def _enabled(self) -> list[tuple[str | None, object]]:
        return [
            (name, hook)
            for name, hook in self._entries
            if name is None or disable_variable(name) not in os.environ
        ]

    def _hook(self, name: str, declared: object) -> object:
        if name not in self._built:
            self._built[name] = build_hook(name, declared)
        return self._built[name]

    def _copy(self, entries: tuple[tuple[str | None, object], ...]) -> SwitchedHooks:
        names = [name for name, _ in entries if name is not None]
        _check_names(names)
        if len({*names}) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise SettingsError(f"two hooks are called {twice!r}", hint="Rename one of them.")
        copied = SwitchedHooks({})
        copied._entries, copied._built = entries, self._built
        return copied


def _entries_of(hooks: Iterable[object]) -> tuple[tuple[str | None, object], ...]:
    if isinstance(hooks, SwitchedHooks):
        return hooks._entries  # noqa: SLF001  as above
    return tuple((None, hook) for hook in hooks)


def determine_hooks_to_execute(hooks: Mapping[str, object]) -> SwitchedHooks:
    """Give ``HOOKS`` those hooks that no ``KEDRO_HOOKS_DISABLE_<NAME>`` variable switches off.

    The variable's presence disables, whatever its value, the empty string too. Its name is the entry's in
    upper case, with ``-`` and ``.`` as ``_``. A disabled entry is neither imported nor built.

    Args:
        hooks: Per name an instance, a class that needs no arguments, or the import path of either.

    Returns:
        A sequence that Kedro's ``HOOKS`` takes; lists and tuples can be added to it. Import paths are
        imported when a session starts, in the
        order declared, and what is not a hook is an error.

    Raises:
        SettingsError: If ``hooks`` is not a mapping, a name or an import path is malformed, or two names
            share a variable.

    Examples:
        >>> from kedro.framework.hooks import hook_impl
        >>> class Greeting:
        ...     @hook_impl
        ...     def before_pipeline_run(self):
        ...         print("hello")
        >>> [type(hook).__name__ for hook in determine_hooks_to_execute({"greeting": Greeting})]
        ['Greeting']
        >>> os.environ["KEDRO_HOOKS_DISABLE_GREETING"] = ""
        >>> list(determine_hooks_to_execute({"greeting": Greeting}))
        []
        >>> del os.environ["KEDRO_HOOKS_DISABLE_GREETING"]
    """
    keep_output_short()
    if not isinstance(hooks, Mapping):
        raise SettingsError(
            f"hooks are a mapping of names to hooks, not {hooks!r} of type {type(hooks).__name__!r}",
            hint='Write determine_hooks_to_execute({"spark": "kedro_matrix_ext.hooks.SparkHooks"}).',
        )
    _check_names(hooks)
    for name, hook in hooks.items():
        if isinstance(hook, str) and not all(part.isidentifier() for part in hook.split(".")):
            raise SettingsError(
                f"hook {name!r}: {hook!r} is not an import path", hint="Write 'package.module.Name'."
            )
    return SwitchedHooks(hooks)


def plugins_to_disable(
    hooks: Mapping[str, object] | SwitchedHooks, plugins: Mapping[str, str]
) -> tuple[str, ...]:
    """List for ``DISABLE_HOOKS_FOR_PLUGINS`` the plugins whose own registration of hooks must not happen.

    A plugin such as kedro-mlflow registers its hooks itself, so that ``HOOKS`` does not control it. It is
    listed where its ``KEDRO_HOOKS_DISABLE_<NAME>`` variable is set, and where ``hooks`` has an entry of that
    name, which then takes its place: so the variable works, and no hook runs twice.

    Args:
        hooks: What ``determine_hooks_to_execute`` was given, or what it gave.
        plugins: Per name of a switch the distribution whose hooks it is for.

    Returns:
        The distributions, as installed metadata spell them, which is how Kedro compares them.

    Raises:
        SettingsError: If a name is malformed or two names share a variable.

    Examples:
        >>> plugins = {"mlflow": "kedro-mlflow"}
        >>> plugins_to_disable({"mlflow": "kedro_mlflow.framework.hooks.MlflowHook"}, plugins)
        ('kedro-mlflow',)
        >>> plugins_to_disable({}, plugins)
        ()
    """
    names = {switch.name for switch in hooks.switches} if isinstance(hooks, SwitchedHooks) else set(hooks)
    _check_names([*names, *(plugins.keys() - names)])
    written = {name: _distribution_name(plugin) for name, plugin in plugins.items()}
    _PLUGIN_SWITCHES.update({plugin: name for name, plugin in written.items()})
    return tuple(
        plugin for name, plugin in written.items() if name in names or disable_variable(name) in os.environ
    )


def plugin_switches() -> dict[str, str]:
    """List the plugins that ``plugins_to_disable`` was given in this process.

    Returns:
        Per distribution the name of its switch.
    """
    return dict(_PLUGIN_SWITCHES)


def unmatched_variables(names: Iterable[str]) -> dict[str, str | None]:
    """Find the ``KEDRO_HOOKS_DISABLE_`` variables that switch nothing off.

    Args:
        names: The names of the hooks there are; those of plugins are known.

    Returns:
        Per variable the name nearest to what it says, or None where none is near.

    Examples:
        >>> os.environ["KEDRO_HOOKS_DISABLE_SPRAK"] = "1"
        >>> unmatched_variables(["spark", "mlflow"])
        {'KEDRO_HOOKS_DISABLE_SPRAK': 'spark'}
        >>> del os.environ["KEDRO_HOOKS_DISABLE_SPRAK"]
    """
    variables = {disable_variable(name): name for name in [*names, *_PLUGIN_SWITCHES.values()]}
    endings = {variable.removeprefix(DISABLE_PREFIX): name for variable, name in variables.items()}
    unmatched = sorted(v for v in os.environ if v.startswith(DISABLE_PREFIX) and v not in variables)
    nearest = {v: nearest_names(v.removeprefix(DISABLE_PREFIX).upper(), endings, limit=1) for v in unmatched}
    return {variable: endings[found[0]] if found else None for variable, found in nearest.items()}


def _switch(name: str, hook: object) -> HookSwitch:
    variable = disable_variable(name)
    return HookSwitch(name, import_path_of(hook), variable, enabled=variable not in os.environ)


def _check_names(names: Iterable[object]) -> None:
    by_variable: dict[str, str] = {}
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise SettingsError(
                f"{name!r} is not a name for a hook", hint="Use letters, digits, '_', '-' and '.' only."
            )
        other = by_variable.setdefault(disable_variable(name), name)
        if other != name:
            raise SettingsError(
                f"hooks {other!r} and {name!r} share the variable {disable_variable(name)!r}",
                hint="Rename one of them.",
            )


def _warn_of_unmatched_variables(names: Iterable[str]) -> None:
    for variable, nearest in unmatched_variables(names).items():
        meant = f" Did you mean {disable_variable(nearest)!r}?" if nearest else ""
        warnings.warn(f"{variable!r} is set and matches no hook.{meant}", HookSwitchWarning, stacklevel=3)


def _distribution_name(plugin: str) -> str:
    """Spell a distribution as its metadata do; one that is not installed registers nothing."""
    try:
        return str(metadata.distribution(plugin).metadata["Name"])
    except (metadata.PackageNotFoundError, ValueError):
        return plugin

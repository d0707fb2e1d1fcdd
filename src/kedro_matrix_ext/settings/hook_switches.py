"""Hooks that an environment variable switches off: ``KEDRO_HOOKS_DISABLE_<NAME>``."""

from __future__ import annotations

import copy
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext._suggestion import nearest_names
from kedro_matrix_ext.errors import HookError, ImportPathError, SettingsError
from kedro_matrix_ext.settings.workflow_hooks import WorkflowLevelPath, workflow_level

__all__ = [
    "DISABLE_PREFIX",
    "HookSwitch",
    "HookSwitchWarning",
    "SwitchedHooks",
    "determine_hooks_to_execute",
    "disable_variable",
    "import_path_of",
    "plugin_switches",
    "plugins_to_disable",
    "unmatched_variables",
]

DISABLE_PREFIX = "KEDRO_HOOKS_DISABLE_"

_NAME = re.compile(r"[A-Za-z0-9_.-]+")

# Distribution -> the name that plugins_to_disable was given for it, to know which variables mean something.
_PLUGIN_SWITCHES: dict[str, str] = {}


class HookSwitchWarning(UserWarning):
    """A ``KEDRO_HOOKS_DISABLE_`` variable is set that matches no hook.

    Examples:
        >>> warnings.filterwarnings("error", category=HookSwitchWarning)  # a mistyped one stops the run
    """


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


class SwitchedHooks:
    """What ``HOOKS`` is set to: gives the enabled hooks when Kedro iterates over it, as a session starts.

    Each hook is built once, however many sessions there are; the variables are looked at each time.

    Args:
        hooks: As for ``determine_hooks_to_execute``.

    Raises:
        HookError: When it is iterated over, if a hook cannot be imported or built.

    Examples:
        >>> SwitchedHooks({"spark": "kedro_matrix_ext.hooks.SparkHooks"})
        SwitchedHooks(spark: on)
    """

    def __init__(self, hooks: Mapping[str, object]) -> None:
        self._hooks = dict(hooks)
        self._built: dict[str, object] = {}

    @property
    def switches(self) -> tuple[HookSwitch, ...]:
        """Every entry with its state, in the order declared; nothing is imported for it."""
        return tuple(_switch(name, hook) for name, hook in self._hooks.items())

    def __iter__(self) -> Iterator[object]:
        _warn_of_unmatched_variables(self._hooks)
        return iter([self._hook(switch.name) for switch in self.switches if switch.enabled])

    def __repr__(self) -> str:
        states = (f"{switch.name}: {'on' if switch.enabled else 'off'}" for switch in self.switches)
        return f"{type(self).__name__}({', '.join(states)})"

    def _hook(self, name: str) -> object:
        if name not in self._built:
            self._built[name] = _build(name, self._hooks[name])
        return self._built[name]


def determine_hooks_to_execute(hooks: Mapping[str, object]) -> SwitchedHooks:
    """Give ``HOOKS`` those hooks that no ``KEDRO_HOOKS_DISABLE_<NAME>`` variable switches off.

    The variable's presence disables, whatever its value, the empty string too. Its name is the entry's in
    upper case, with ``-`` and ``.`` as ``_``. A disabled entry is neither imported nor built.

    Args:
        hooks: Per name an instance, a class that needs no arguments, or the import path of either.

    Returns:
        An iterable that Kedro's ``HOOKS`` takes. When a session starts, import paths are imported, in the
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
        hook: An instance, a class or an import path.

    Returns:
        The path given, or that of the class.

    Examples:
        >>> import_path_of(HookSwitchWarning("..."))
        'kedro_matrix_ext.settings.hook_switches.HookSwitchWarning'
    """
    if isinstance(hook, str):
        return hook
    kind = hook if isinstance(hook, type) else type(hook)
    return f"{kind.__module__}.{kind.__qualname__}"


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


def _build(name: str, declared: object) -> object:
    """Make the hook of an enabled entry, or say by its name what is wrong with it."""
    hook = _imported(name, declared) if isinstance(declared, str) else declared
    if isinstance(hook, type):
        hook = _instance(name, hook)
    if isinstance(declared, WorkflowLevelPath):
        hook = workflow_level(hook)
    if not _has_hook_implementations(hook):
        raise HookError(
            f"hook {name!r}: {import_path_of(declared)!r} is not a hook, none of its methods is a @hook_impl",
            hint="Mark its methods with @hook_impl from kedro.framework.hooks.",
        )
    return hook


def _imported(name: str, path: str) -> Any:
    try:
        found = import_object(path)
    except ImportPathError as error:
        switch_off = f"Or switch it off: set {disable_variable(name)}."
        hint = f"{error.hint} {switch_off}" if error.hint else switch_off
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


def _distribution_name(plugin: str) -> str:
    """Spell a distribution as its metadata do; one that is not installed registers nothing."""
    try:
        return str(metadata.distribution(plugin).metadata["Name"])
    except (metadata.PackageNotFoundError, ValueError):
        return plugin

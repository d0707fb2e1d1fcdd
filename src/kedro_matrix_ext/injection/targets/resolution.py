"""From a written import path to its target, where configuration may reach it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext._variables import ALLOWLIST_VARIABLE
from kedro_matrix_ext.errors import ImportPathError, InjectionError, RefusedTargetError
from kedro_matrix_ext.injection.targets.denylist import find_refusal, is_refused_module, public_module

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Policy", "judge_value", "resolve_target"]

_CONSTANTS = (str, bytes, int, float, complex, bool, tuple, frozenset, type(None))


@dataclass(frozen=True)
class Policy:
    """Which targets are let through.

    Attributes:
        allow: Module prefixes and exact names of ``allow=``; None where it is not given.
        environment: Module prefixes of the variable ``KEDRO_MATRIX_INJECT_ALLOWLIST``; None where it is not
            set.
    """

    allow: tuple[str, ...] | None = None
    environment: tuple[str, ...] | None = None

    @classmethod
    def read(cls, allow: Iterable[str] | None) -> Policy:
        """Join what the code allows with what the environment does.

        Args:
            allow: Module prefixes and exact names.

        Returns:
            The policy.

        Raises:
            InjectionError: If ``allow`` is a string.
        """
        if isinstance(allow, str):
            raise InjectionError(f"allow={allow!r} is a string", hint=f"Write allow=[{allow!r}].")
        variable = os.environ.get(ALLOWLIST_VARIABLE)
        entries = None if variable is None else tuple(filter(None, map(str.strip, variable.split(","))))
        return cls(allow=None if allow is None else tuple(allow), environment=entries)

    def lifts(self, *names: str) -> bool:
        """Return whether ``allow=`` names a refused target exactly."""
        return any(name in (self.allow or ()) for name in names)


def resolve_target(path: str, policy: Policy, config_path: str) -> Any:
    """Import a target and judge it by what it is and by where it is defined.

    Args:
        path: The import path as written.
        policy: What is let through.
        config_path: Where it is written, for messages.

    Returns:
        The target.

    Raises:
        RefusedTargetError: If it, or what it wraps, is in the table of refusals and not named exactly in
            ``allow=``; or if it is written or defined outside of the modules that are allowed.
        InjectionError: If it cannot be imported.
    """
    _require_allowed(path, path, policy, config_path)
    _refuse_path(path, policy, config_path)
    steps = _import_steps(path, config_path)
    target = steps[-1]
    if not policy.lifts(path, *_refused_names(target)):
        _refuse_steps(path, steps, config_path)
    judge_value(target, path, policy, config_path)
    for module in _homes(steps):
        _require_allowed(path, module, policy, config_path)
    return target


def judge_value(value: object, path: str, policy: Policy, config_path: str) -> None:
    """Refuse an object for what it is: a target, or what calling one gave.

    Args:
        value: The object.
        path: The import path that led to it.
        policy: What is let through.
        config_path: Where it is written, for messages.

    Raises:
        RefusedTargetError: If it is in the table of refusals and not named exactly in ``allow=``.
    """
    refused = find_refusal(value)
    if refused is not None and not policy.lifts(path, refused.name):
        alias = "" if path == refused.name else f" is {refused.name!r}, which"
        raise _refusal(path, f"{alias} {refused.reason}", refused.name, config_path)


def _refuse_path(path: str, policy: Policy, config_path: str) -> None:
    """Refuse by the path alone what must not even be imported."""
    refused = is_refused_module(path)
    if refused is not None and not policy.lifts(path):
        raise _refusal(path, f" {refused.reason}", path, config_path)
    if "__main__" in path.split(".")[1:]:
        raise _refusal(path, " runs a program when it is imported", path, config_path)


def _refused_names(target: object) -> tuple[str, ...]:
    refused = find_refusal(target)
    return () if refused is None else (refused.name,)


def _refuse_steps(path: str, steps: list[Any], config_path: str) -> None:
    """Refuse a path that leads through a refused module, or through the inner parts of an object."""
    for step in steps:
        refused = is_refused_module(step.__name__) if isinstance(step, ModuleType) else None
        if refused is not None:
            raise _refusal(
                path, f" leads through {refused.name!r}, which {refused.reason}", path, config_path
            )
    dunder = [name for name in path.split(".")[1:] if name.startswith("__") and name.endswith("__")]
    if dunder and not isinstance(steps[-1], _CONSTANTS):
        raise _refusal(path, f" leads through {dunder[0]!r}, an inner part of an object", path, config_path)


def _refusal(path: str, why: str, name: str, config_path: str) -> RefusedTargetError:
    return RefusedTargetError(
        f"{path!r}{why}; configuration must not reach it",
        config_path=config_path,
        target=path,
        hint=f"Where it is wanted, the code must allow it by its exact name: allow=[{name!r}, ...].",
    )


def _import_steps(path: str, config_path: str) -> list[Any]:
    """Import a path and every path it begins with, so that the modules it leads through are known."""
    try:
        target = import_object(path)
    except ImportPathError as error:
        raise InjectionError(error.message, config_path=config_path, hint=error.hint, target=path) from error
    parts = path.split(".")
    return [*(import_object(".".join(parts[:length])) for length in range(1, len(parts))), target]


def _homes(steps: list[Any]) -> list[str]:
    """List the modules a target belongs to: where it is defined, and the last module on the way to it."""
    target = steps[-1]
    last = next(step for step in reversed(steps) if isinstance(step, ModuleType))
    defined = None if isinstance(target, _CONSTANTS) else getattr(target, "__module__", None)
    return [last.__name__, *([defined] if isinstance(defined, str) else [])]


def _require_allowed(path: str, name: str, policy: Policy, config_path: str) -> None:
    """Refuse a path, or the module its target is defined in, outside of the modules that are allowed."""
    if policy.allow is not None and path not in policy.allow and not _is_within(name, policy.allow):
        raise _not_allowed(path, name, "allow=", policy.allow, config_path)
    if policy.environment is not None and not _is_within(name, policy.environment):
        raise _not_allowed(path, name, ALLOWLIST_VARIABLE, policy.environment, config_path)


def _is_within(name: str, prefixes: tuple[str, ...]) -> bool:
    public = public_module(name)
    return any(public == prefix or public.startswith(f"{prefix}.") for prefix in prefixes)


def _not_allowed(
    path: str, name: str, source: str, prefixes: tuple[str, ...], config_path: str
) -> RefusedTargetError:
    where = "" if name == path else f" is defined in {name!r}, which"
    return RefusedTargetError(
        f"{path!r}{where} is not among the allowed modules",
        config_path=config_path,
        target=path,
        hint=f"{source} allows {', '.join(map(repr, prefixes)) or 'nothing'}.",
    )

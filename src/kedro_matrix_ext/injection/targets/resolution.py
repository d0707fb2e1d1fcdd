"""From an import path to its target, if configuration may use it."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext.errors import ImportPathError, InjectionError, RefusedTargetError
from kedro_matrix_ext.injection.targets.ownership import Walk, home_of
from kedro_matrix_ext.injection.targets.policy import fitting_star
from kedro_matrix_ext.injection.targets.refusals import find_refusal, refused_module, refused_on_the_way

if TYPE_CHECKING:
    from kedro_matrix_ext.injection.targets.denylist.rows import Refused
    from kedro_matrix_ext.injection.targets.policy import AllowList, Policy

__all__ = ["judge_argument", "judge_result", "resolve_target"]


def resolve_target(path: str, policy: Policy, config_path: str) -> Any:
    """Import a target, if it is allowed and not refused.

    Args:
        path: The import path as written.
        policy: The allow-lists.
        config_path: The place of the block, for messages.

    Returns:
        The target.

    Raises:
        RefusedTargetError: If it is not on a list that is given; or if it, what it wraps or what leads to it
            is on the deny-list, and ``allow=`` does not hold its exact name. Dispatchers are always refused.
        InjectionError: If it cannot be imported.
    """
    for given in policy.lists:
        if not given.may_import(path):
            raise _not_allowed(Walk(path, (None,)), given, config_path)
    unseen = refused_module(path)
    named = policy.allow is not None and path in policy.allow.entries
    if unseen is not None and (unseen.always or not named):
        raise _refusal(path, unseen._replace(name=path), config_path)
    walk = _walk(path, config_path)
    for given in policy.lists:
        if not given.allows(walk):
            raise _not_allowed(walk, given, config_path)
    refused = find_refusal(walk.target) or refused_on_the_way(walk)
    if refused is not None and (refused.always or not policy.lifts(walk)):
        raise _refusal(path, refused, config_path)
    return walk.target


def judge_result(value: object, path: str, policy: Policy, config_path: str) -> None:
    """Refuse what calling a target returned, if it can be called, or is a module, and is on the deny-list.

    Raises:
        RefusedTargetError: If it is refused and ``allow=`` does not hold its exact name.
    """
    if callable(value) or isinstance(value, ModuleType):
        refused = find_refusal(value)
        if refused is not None and (refused.always or not policy.lifts(Walk("", (value,)))):
            raise _refusal(path, refused, config_path)


def judge_argument(value: object, path: str, policy: Policy, config_path: str) -> None:
    """Refuse an argument of a target that is or holds a refused callable, at any depth of plain containers.

    Raises:
        RefusedTargetError: If it does, and ``allow=`` does not hold its exact name.
    """
    pending: list[Any] = [value]
    seen: set[int] = set()
    while pending:
        found = pending.pop()
        if type(found) in (dict, list, tuple, set, frozenset):
            if id(found) not in seen:
                seen.add(id(found))
                pending += [*found, *found.values()] if isinstance(found, dict) else found
        elif callable(found) or isinstance(found, ModuleType):
            judge_result(found, path, policy, config_path)


def _refusal(path: str, refused: Refused, config_path: str) -> RefusedTargetError:
    alias = "" if path == refused.name else f" is {refused.name!r}, which"
    hint = (
        "No list allows it. Name a function of your project that does what you need."
        if refused.always
        else f"If you want it, allow it in code by its exact name: allow=[{refused.name!r}, ...]."
    )
    return RefusedTargetError(
        f"{path!r}{alias} {refused.reason}; configuration must not reach it",
        config_path=config_path,
        target=path,
        hint=hint,
    )


def _walk(path: str, config_path: str) -> Walk:
    """Import a path and every path that it begins with."""
    try:
        target = import_object(path)
    except ImportPathError as error:
        raise InjectionError(error.message, config_path=config_path, hint=error.hint, target=path) from error
    parts = path.split(".")
    way = [import_object(".".join(parts[:length])) for length in range(1, len(parts))]
    return Walk(path, (*way, target))


def _not_allowed(walk: Walk, given: AllowList, config_path: str) -> RefusedTargetError:
    """Return the error for a target outside a list, with the entries that would allow it."""
    path, listed = walk.path, ", ".join(map(repr, given.entries)) or "nothing"
    home = None if len(walk.steps) == 1 else home_of(walk.target)
    reason = f" is defined in {home!r}, and" if home is not None and not path.startswith(f"{home}.") else ""
    star = fitting_star(walk)
    entry = repr(path) if star is None else f"{path!r} or '{star}'"
    return RefusedTargetError(
        f"{path!r}{reason} is not among the allowed modules and import paths",
        config_path=config_path,
        target=path,
        hint=f"{given.source} allows {listed}. To allow this target, add {entry}.",
    )

"""The resolvers that read what the loader holds, ``globals`` and ``runtime_params``, where they may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omegaconf.resolvers import oc

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.config.interpolation.grammar import split_keys
from kedro_matrix_ext.config.interpolation.missing_variables import Unresolved, ValueSkippedError
from kedro_matrix_ext.config.interpolation.runtime_type_restriction import taint
from kedro_matrix_ext.config.layers.values import ABSENT, child_of
from kedro_matrix_ext.errors import ResolverError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro_matrix_ext.config.interpolation.evaluator import Resolution

    Resolver = Callable[..., Any]

__all__ = [
    "is_own",
    "make_globals_resolver",
    "make_runtime_params_resolver",
    "read_credential_variable",
    "refuse_globals",
    "refuse_runtime_params",
    "refuse_variables",
]

read_credential_variable: Resolver = oc.env
"""What ``oc.env`` is in credentials where the project gives none: OmegaConf's, as with Kedro."""


def is_own(function: Callable[..., Any]) -> bool:
    """Tell whether a resolver takes and gives plain values and needs no OmegaConf node.

    Args:
        function: A resolver.

    Returns:
        True for those of this package and for OmegaConf's ``oc.env``.
    """
    return function is oc.env or str(getattr(function, "__module__", "")).startswith("kedro_matrix_ext.")


def make_globals_resolver(read_globals: Callable[[], Mapping[str, Any]]) -> Resolver:
    """Make ``${globals:path,default}``.

    Args:
        read_globals: Gives the resolved globals.

    Returns:
        The resolver; what it gives is not to be changed.
    """

    def look_up_global(path: Any, default: Any = ABSENT) -> Any:
        if str(path).startswith("_"):
            raise ResolverError(
                f"the global {path!r} starts with '_'",
                hint="Such keys can be referred to in the globals only.",
            )
        value: Any = read_globals()
        for key in split_keys(str(path)):
            parent = value
            value, _ = child_of(value, key)
            if value is ABSENT and default is ABSENT:
                raise _no_such_global(str(path), key, parent)
            if value is ABSENT:
                return default
        if type(value) is Unresolved:
            raise ValueSkippedError(path)
        return value

    return look_up_global


def make_runtime_params_resolver(parameters: Resolution, read: set[str] | None) -> Resolver:
    """Make ``${runtime_params:path,default}``.

    Args:
        parameters: The parameters of this run; they may refer to each other.
        read: Where given, text that comes from them is marked, and the paths that are found are added to it.

    Returns:
        The resolver; what it gives is not to be changed.
    """

    def look_up_runtime_parameter(path: Any, default: Any = ABSENT) -> Any:
        found = parameters.find(split_keys(str(path)))
        if found is not ABSENT:
            if read is None:
                return found
            read.add(str(path))
            return taint(found)
        if default is ABSENT:
            raise ResolverError(
                f"the runtime parameter {path!r} is not given and has no default",
                hint=f"Give it with --params {path}=..., or write ${{runtime_params:{path}, default}}.",
            )
        return default

    return look_up_runtime_parameter


def refuse_variables(*_: Any) -> Any:
    """Stand in for ``oc.env`` where the project does not give it, as with Kedro."""
    raise ResolverError(
        "'oc.env' reads environment variables in credentials only",
        hint="Write CONFIG_LOADER_ARGS = config_loader_args() in settings.py to have it everywhere.",
    )


def refuse_globals(path: Any = "", *_: Any) -> Any:
    """Stand in for ``globals`` in the globals."""
    raise ResolverError("'globals' cannot be used in the globals themselves", hint=f"Write ${{{path}}}.")


def refuse_runtime_params(*_: Any) -> Any:
    """Stand in for ``runtime_params`` in the globals, as with Kedro."""
    raise ResolverError("the 'runtime_params' resolver is not supported for globals")


def _no_such_global(path: str, key: str, parent: Any) -> ResolverError:
    known = [str(name) for name in parent] if isinstance(parent, dict) else []
    advice = f"Add it to the globals, or write ${{globals:{path}, default}}."
    return ResolverError(
        f"the global {path!r} does not exist and has no default",
        hint=f"{did_you_mean(key, known)} {advice}".lstrip(),
    )

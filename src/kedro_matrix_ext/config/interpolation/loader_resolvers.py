"""The resolvers of one configuration type; ``globals`` and ``runtime_params`` read the loader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omegaconf.resolvers import oc

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.config.errors import NameNotGivenError, ResolverNotOfferedError
from kedro_matrix_ext.config.interpolation.evaluator import Evaluator
from kedro_matrix_ext.config.interpolation.missing_variables import Unresolved, ValueSkippedError
from kedro_matrix_ext.config.interpolation.runtime_type_restriction import taint
from kedro_matrix_ext.config.layers.key_rules import as_integer, split_path
from kedro_matrix_ext.config.layers.merging import MISSING
from kedro_matrix_ext.config.layers.values import ABSENT, child_of, walk
from kedro_matrix_ext.errors import ResolverError
from kedro_matrix_ext.resolvers.placeholders import guard_resolvers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    Resolver = Callable[..., Any]
    Resolvers = dict[str, Callable[..., Any]]

__all__ = [
    "choose_resolvers",
    "is_native",
    "make_globals_resolver",
    "make_runtime_params_resolver",
    "refuse_variables",
]

read_credential_variable: Resolver = oc.env
"""``oc.env`` in credentials if the project gives none: OmegaConf's, as with Kedro."""


def choose_resolvers(  # noqa: PLR0913  what a loader has
    config_type: str,
    *,
    given: Mapping[str, Callable[..., Any]],
    read_globals: Callable[[], Mapping[str, Any]],
    runtime_params: dict[str, Any],
    cleanup: ExitStack,
    params_read: set[str] | None = None,
) -> tuple[Resolvers, Resolvers]:
    """Choose the resolvers of one type of configuration."""
    native = {name: function for name, function in given.items() if is_native(function)}
    external = {name: function for name, function in given.items() if name not in native}
    if "oc.env" not in given:
        native["oc.env"] = read_credential_variable if config_type == "credentials" else refuse_variables
    native = guard_resolvers(native)
    if config_type == "globals":
        return {**native, "globals": refuse_globals, "runtime_params": refuse_runtime_params}, external
    native |= guard_resolvers({"globals": make_globals_resolver(read_globals)})
    parameters = Evaluator(runtime_params, "runtime_params", native, external, cleanup=cleanup)
    native |= guard_resolvers({"runtime_params": make_runtime_params_resolver(parameters, params_read)})
    return native, external


def is_native(function: Callable[..., Any]) -> bool:
    """Check whether a resolver works on plain values: those of this package, and OmegaConf's ``oc.env``."""
    return function is oc.env or str(getattr(function, "__module__", "")).startswith("kedro_matrix_ext.")


def make_globals_resolver(read_globals: Callable[[], Mapping[str, Any]]) -> Resolver:
    """Make the resolver ``${globals:path,default}``; callers do not change its results."""

    def look_up_global(path: Any, default: Any = ABSENT) -> Any:
        keys = _split(path, "globals")
        if path.startswith("_"):
            raise ResolverError(
                f"the global {path!r} starts with '_'",
                hint="Only the globals themselves can refer to such keys.",
            )
        value = ABSENT if keys is None else _descend(read_globals(), keys, path)
        if value is ABSENT and default is ABSENT:
            raise _no_such_global(path, keys or (), read_globals())
        if value is ABSENT:
            return default
        if type(value) is Unresolved:
            raise ValueSkippedError(path, value.root)
        return value

    return look_up_global


def make_runtime_params_resolver(parameters: Evaluator, params_read: set[str] | None) -> Resolver:
    """Make the resolver ``${runtime_params:path,default}``; callers do not change its results."""

    def look_up_runtime_parameter(path: Any, default: Any = ABSENT) -> Any:
        keys = _split(path, "runtime_params")
        found = ABSENT if keys is None else parameters.find(keys)
        if found is not ABSENT:
            if params_read is None:
                return found
            params_read.add(str(path))
            return taint(found)
        if default is ABSENT:
            raise NameNotGivenError(
                f"the runtime parameter {path!r} is not given and has no default",
                hint=f"Give it with --params {path}=..., or write ${{runtime_params:{path}, default}}.",
            )
        return default

    return look_up_runtime_parameter


def refuse_variables(*_: Any) -> Any:
    """Take the place of ``oc.env`` if the project does not give it, as with Kedro."""
    raise ResolverNotOfferedError(
        "'oc.env' reads environment variables in credentials only",
        hint="Write CONFIG_LOADER_ARGS = config_loader_args() in settings.py to have it everywhere.",
    )


def refuse_globals(path: Any = "", *_: Any) -> Any:
    """Take the place of ``globals`` in the globals."""
    raise ResolverNotOfferedError(
        "'globals' cannot be used in the globals themselves", hint=f"Write ${{{path}}}."
    )


def refuse_runtime_params(*_: Any) -> Any:
    """Take the place of ``runtime_params`` in the globals, as with Kedro."""
    raise ResolverNotOfferedError("the 'runtime_params' resolver is not supported for globals")


def _split(path: Any, resolver: str) -> tuple[str, ...] | None:
    try:
        return split_path(path)
    except TypeError as error:
        hint = f"Put it in quotes, as in ${{{resolver}:'{path}'}}." if path is not None else None
        raise ResolverError(f"{resolver!r} looks up a path: {error}", hint=hint) from error


def _descend(value: Any, keys: tuple[str, ...], path: str) -> Any:
    """Return the value at a key path, as ``OmegaConf.select`` does; ``???`` counts as absent."""
    for key in keys:
        if isinstance(value, list) and as_integer(key) is None:
            raise ResolverError(f"{key!r} in the path {path!r} is not an index of the list before it")
        value, _ = child_of(value, key)
    return ABSENT if type(value) is str and value == MISSING else value


def _no_such_global(path: str, keys: tuple[str, ...], values: Any) -> NameNotGivenError:
    parent, walked = walk(values, keys)
    if len(walked) == len(keys):
        return NameNotGivenError(
            f"the global {path!r} has no value yet: it is {MISSING!r}",
            hint=f"Give it one, or write ${{globals:{path}, default}}.",
        )
    key = keys[len(walked)]
    known = [str(name) for name in parent] if isinstance(parent, dict) else []
    advice = f"Add it to the globals, or write ${{globals:{path}, default}}."
    return NameNotGivenError(
        f"the global {path!r} does not exist and has no default",
        hint=f"{did_you_mean(key, known)} {advice}".lstrip(),
    )

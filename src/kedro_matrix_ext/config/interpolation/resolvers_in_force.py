"""Which function stands behind ``${name:...}`` while one type of configuration is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.interpolation.evaluator import Resolution
from kedro_matrix_ext.config.interpolation.loader_resolvers import (
    is_own,
    make_globals_resolver,
    make_runtime_params_resolver,
    read_credential_variable,
    refuse_globals,
    refuse_runtime_params,
    refuse_variables,
)
from kedro_matrix_ext.resolvers.placeholders import guard_resolvers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    Resolvers = dict[str, Callable[..., Any]]

__all__ = ["resolvers_in_force"]


def resolvers_in_force(  # noqa: PLR0913  what a loader has
    config_type: str,
    *,
    given: Mapping[str, Callable[..., Any]],
    read_globals: Callable[[], Mapping[str, Any]],
    runtime_params: dict[str, Any],
    table: ExitStack,
    read: set[str] | None = None,
) -> tuple[Resolvers, Resolvers]:
    """Choose the resolvers of one type of configuration.

    Args:
        config_type: ``parameters``, ``catalog``, ...
        given: The project's ``custom_resolvers``.
        read_globals: Gives the resolved globals.
        runtime_params: The parameters of the run.
        table: As for ``Resolution``.
        read: As for ``make_runtime_params_resolver``.

    Returns:
        Those that we evaluate ourselves, and those that OmegaConf calls.
    """
    own = {name: function for name, function in given.items() if is_own(function)}
    foreign = {name: function for name, function in given.items() if name not in own}
    if "oc.env" not in given:
        own["oc.env"] = read_credential_variable if config_type == "credentials" else refuse_variables
    own = guard_resolvers(own)
    if config_type == "globals":
        return {**own, "globals": refuse_globals, "runtime_params": refuse_runtime_params}, foreign
    own |= guard_resolvers({"globals": make_globals_resolver(read_globals)})
    parameters = Resolution(runtime_params, "runtime_params", own, foreign, table=table)
    own |= guard_resolvers({"runtime_params": make_runtime_params_resolver(parameters, read)})
    return own, foreign

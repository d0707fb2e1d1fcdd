"""What ``${name:...}`` can do in a configuration file, with Kedro's loader and with ours.

Nothing here imports kedro. ``registration`` alone touches OmegaConf's table of resolvers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.resolvers.casting import cast_bool, cast_float, cast_int
from kedro_matrix_ext.resolvers.conditional import choose_if_null
from kedro_matrix_ext.resolvers.environment import read_variable
from kedro_matrix_ext.resolvers.merging import merge, merge_dicts, merge_shallow
from kedro_matrix_ext.resolvers.registration import (
    ResolverClashWarning,
    offer_resolvers,
    registered_resolvers,
)
from kedro_matrix_ext.resolvers.run_ids import random_suffix, read_run, run_id
from kedro_matrix_ext.resolvers.settings_lookup import setting_resolver

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ResolverClashWarning",
    "default_resolvers",
    "merge_dicts",
    "offer_resolvers",
    "registered_resolvers",
    "run_id",
    "setting_resolver",
]


def default_resolvers() -> dict[str, Callable[..., Any]]:
    """List the resolvers that need nothing from the project.

    Returns:
        Per name as written in ``${name:...}`` its function. ``setting`` is not among them: it is made by
        ``setting_resolver``, which is given the way to the project's settings.

    Examples:
        >>> list(default_resolvers())
        ['merge', 'merge_shallow', 'oc.env', 'oc.int', 'oc.float', 'oc.bool', 'if_null', 'run', 'ka.random']
    """
    return {
        "merge": merge,
        "merge_shallow": merge_shallow,
        "oc.env": read_variable,
        "oc.int": cast_int,
        "oc.float": cast_float,
        "oc.bool": cast_bool,
        "if_null": choose_if_null,
        "run": read_run,
        "ka.random": random_suffix,
    }

"""Environment variables: ``${oc.env:...}``."""

from __future__ import annotations

import os
from typing import Any

from kedro_matrix_ext._known_secrets import remember_secrets
from kedro_matrix_ext._secrets import is_secret_name
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import MissingEnvironmentVariableError, ResolverError

__all__ = ["read_variable"]

_REQUIRED = object()


def read_variable(key: Any, default: Any = _REQUIRED, allow_null: Any = False) -> Any:  # noqa: FBT002  OmegaConf gives any values, by position
    """Resolve ``${oc.env:KEY}``, ``${oc.env:KEY,default}`` and ``${oc.env:KEY,null,True}``.

    As OmegaConf's own ``oc.env``, with two differences: a missing variable is an error with an attribute that
    names it, and a null default counts only where the third argument says that null is meant.

    Raises:
        MissingEnvironmentVariableError: If the variable is not set and there is no default, or a null one
            without the third argument.
        ResolverError: If the name is not a string.

    Examples:
        >>> read_variable("NO_SUCH_VARIABLE", "dummy")
        'dummy'
    """
    if not isinstance(key, str):
        raise ResolverError(f"'oc.env' takes the name of a variable, not {key!r}")
    if key in os.environ:
        value = os.environ[key]
        if is_secret_name(key):
            remember_secrets([value])
        return value
    if default is _REQUIRED or (default is None and not allow_null):
        raise MissingEnvironmentVariableError(
            f"environment variable {key!r} is not set", variable=key, hint=_remedy(key)
        )
    return default if default is None or isinstance(default, str) else str(default)


def _remedy(variable: str) -> str:
    advice = (
        f"Set it, in the shell or in .env, or give a default: ${{oc.env:{variable},default}}; "
        f"where null is meant, ${{oc.env:{variable},null,True}}."
    )
    return f"{did_you_mean(variable, os.environ)} {advice}".lstrip()

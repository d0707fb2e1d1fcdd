"""Where resolvers took a value from that stands outside the configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.layers.key_rules import split_path
from kedro_matrix_ext.config.layers.values import ABSENT, value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.config.explain.recording import Trace

__all__ = ["describe_call"]


def describe_call(call: Trace, runtime_params: Mapping[str, Any]) -> tuple[str, str | None]:
    """Say where a resolver took its value from."""
    name = str(call.arguments[0]) if call.arguments else ""
    if call.name == "oc.env":
        return _variable(name), name
    if call.name == "globals":
        return f"the default: there is no global {name!r}", None
    if call.name == "runtime_params":
        given = _given(runtime_params, name)
        return ("a parameter of this run" if given else f"the default: --params has no {name!r}"), None
    if call.name == "setting":
        return "DYNAMIC_PIPELINES_MAPPING in settings.py", None
    return "", None


def _variable(name: str) -> str:
    if name in os.environ:
        return f"environment variable {name}"
    return f"the default: environment variable {name} is not set"


def _given(parameters: Any, path: str) -> bool:
    return value_at(parameters, split_path(path) or ()) is not ABSENT

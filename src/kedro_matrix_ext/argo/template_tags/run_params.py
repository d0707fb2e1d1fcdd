"""Parameters given at submit, as one environment variable of every task."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["encode_parameters"]


def encode_parameters(parameters: Mapping[str, Any]) -> str:
    r"""Write parameters as JSON in which neither Argo nor Kubernetes finds anything to replace.

    Raises:
        ArgoError: If JSON has no way to write it so that it comes back the same: a key that is not text, a
            number that is not finite, an object.

    Examples:
        >>> encode_parameters({"a": {"b": "${c} {{d}}"}})
        '{"a": {"b": "\\u0024\\u007bc\\u007d \\u007b\\u007bd\\u007d\\u007d"} }'
    """
    return _write(dict(parameters), ())


def _write(value: Any, path: tuple[str | int, ...]) -> str:
    if isinstance(value, dict):
        members = ", ".join(_write_member(key, member, path) for key, member in value.items())
        # No two closing braces in a row: Argo would take them for the end of a tag.
        return f"{{{members}{' ' if members.endswith('}') else ''}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_write(member, (*path, index)) for index, member in enumerate(value))}]"
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise _refusal(f"{value!r} of type {type(value).__name__!r}", path) from error
    if isinstance(value, str):
        return text.replace("{", r"\u007b").replace("}", r"\u007d").replace("$", r"\u0024")
    return text


def _write_member(key: Any, member: Any, path: tuple[str | int, ...]) -> str:
    if not isinstance(key, str):
        raise _refusal(f"the key {key!r} of type {type(key).__name__!r}", path)
    return f"{_write(key, path)}: {_write(member, (*path, key))}"


def _refusal(what: str, path: tuple[str | int, ...]) -> ArgoError:
    return ArgoError(
        f"{what} cannot be passed to tasks as it is",
        config_path=render_config_path("params", path),
        hint="Tasks get parameters as JSON: text, finite numbers, true, false, null, lists, mappings with "
        "text for keys. Set anything else in the environment's files.",
    )

"""Parameters given at submit, as one environment variable of every task."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["encode_parameters"]


def encode_parameters(parameters: Mapping[str, Any]) -> str:
    r"""Write parameters as JSON in which neither Argo nor Kubernetes finds anything to replace.

    Args:
        parameters: Plain data: mappings, lists, text, numbers, booleans, null.

    Returns:
        JSON without ``{{``, ``}}`` or ``$``: in text, braces and dollars are ``\u`` escapes, which any JSON
        reader undoes; between values there are spaces.

    Raises:
        TypeError: If a value is not plain data.
        ValueError: If a number is not finite.

    Examples:
        >>> encode_parameters({"a": {"b": "${c} {{d}}"}})
        '{"a": {"b": "\\u0024\\u007bc\\u007d \\u007b\\u007bd\\u007d\\u007d"} }'
    """
    return _write(dict(parameters))


def _write(value: Any) -> str:  # noqa: ANN401  any plain data
    if isinstance(value, dict):
        members = ", ".join(f"{_write(str(key))}: {_write(member)}" for key, member in value.items())
        # No two closing braces in a row: Argo would take them for the end of a tag.
        return f"{{{members}{' ' if members.endswith('}') else ''}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_write(member) for member in value)}]"
    text = json.dumps(value, allow_nan=False)
    if isinstance(value, str):
        return text.replace("{", r"\u007b").replace("}", r"\u007d").replace("$", r"\u0024")
    return text

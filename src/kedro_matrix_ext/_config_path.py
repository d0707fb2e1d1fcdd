"""How a place in the configuration is written in messages: ``parameters: models.base[0].object``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Key", "Keys", "render_config_path", "render_key_path"]

Key = object
Keys = tuple[Any, ...]

_PLAIN_KEY = re.compile(r"[^\s.\[\]'\"]+")


def render_key_path(keys: Iterable[Key]) -> str:
    """Write a path of mapping keys and list indices as a person would.

    Examples:
        >>> render_key_path(["models", "base", 0, "object"])
        'models.base[0].object'
        >>> render_key_path(["{namespace}.model", "type"])
        "['{namespace}.model'].type"
    """
    text = ""
    for key in keys:
        if isinstance(key, str) and _PLAIN_KEY.fullmatch(key):
            text += f".{key}" if text else key
        else:
            text += f"[{key!r}]"
    return text


def render_config_path(config_type: str, keys: Iterable[Key] = ()) -> str:
    """Write a place in one type of configuration.

    Examples:
        >>> render_config_path("parameters", ["price_predictor", "base", "model_options", 0])
        'parameters: price_predictor.base.model_options[0]'
        >>> render_config_path("globals")
        'globals'
    """
    path = render_key_path(keys)
    return f"{config_type}: {path}" if path else config_type

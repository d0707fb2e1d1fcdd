"""Values of the dynamic pipelines mapping: ``${setting:...}``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kedro_matrix_ext._config_path import render_key_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import ResolverError

__all__ = ["setting_resolver"]


def setting_resolver(read_mapping: Callable[[], Any]) -> Callable[[Any], Any]:
    """Make the resolver behind ``${setting:path.in.mapping}``.

    Args:
        read_mapping: Gives DYNAMIC_PIPELINES_MAPPING; asked at each use, since settings are read lazily.

    Returns:
        A resolver that takes a path of keys and list indices joined by dots, and returns a copy of the value
        there.

    Examples:
        >>> setting = setting_resolver(lambda: {"price_predictor": ["base", "candidate1"]})
        >>> setting("price_predictor.1")
        'candidate1'
    """

    def look_up_setting(path: Any) -> Any:
        keys = str(path).split(".")
        value = read_mapping()
        for depth, key in enumerate(keys):
            value = _child(value, key, keys[:depth])
        return _as_configured(value)

    return look_up_setting


def _as_configured(value: Any) -> Any:
    """Copy a value into what YAML would have given: dicts and lists, whatever the settings hold."""
    if isinstance(value, Mapping):
        return {key: _as_configured(item) for key, item in value.items()}
    if _is_list(value):
        return [_as_configured(item) for item in value]
    return value


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _child(value: Any, key: str, walked: list[str]) -> Any:
    if isinstance(value, Mapping):
        return _member(value, key, walked)
    if _is_list(value):
        return _element(value, key, walked)
    raise ResolverError(
        f"'setting' cannot look up {key!r}: {_place(walked)} is {value!r}, neither mapping nor list"
    )


def _member(mapping: Mapping[Any, Any], key: str, walked: list[str]) -> Any:
    """Give a mapping's value; YAML writes integer keys as strings do, so both are looked for."""
    names = {str(name): name for name in mapping}
    if key not in names:
        raise ResolverError(
            f"'setting' finds no {key!r} in {_place(walked)}",
            hint=did_you_mean(key, names) or f"It has {', '.join(map(repr, names)) or 'no keys'}.",
        )
    return mapping[names[key]]


def _element(items: Sequence[Any], key: str, walked: list[str]) -> Any:
    if not key.isdecimal() or int(key) >= len(items):
        indices = f"a list of {len(items)}: write an index from 0 to {len(items) - 1}"
        raise ResolverError(
            f"'setting' finds no {key!r} in {_place(walked)}",
            hint=f"It is {indices if items else 'an empty list'}.",
        )
    return items[int(key)]


def _place(walked: list[str]) -> str:
    return (
        f"{render_key_path(walked)!r} of DYNAMIC_PIPELINES_MAPPING" if walked else "DYNAMIC_PIPELINES_MAPPING"
    )

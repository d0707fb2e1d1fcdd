"""A dataset's class must not come from runtime parameters where their sender is not trusted.

Kedro's rule (``restrict_runtime_params_type_selection``): ``type`` names the class that is imported and
built. Text from runtime parameters is marked, the mark follows it through interpolations, and a marked
``type`` is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._tainted_text import TaintedStr
from kedro_matrix_ext.config.errors import InterpolationError
from kedro_matrix_ext.config.layers.merging import Layered
from kedro_matrix_ext.config.layers.values import map_leaves
from kedro_matrix_ext.injection.objects.blocks import TARGET_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from kedro_matrix_ext._config_path import Keys

__all__ = [
    "TaintedStr",
    "has_runtime_text",
    "refuse_runtime_types",
    "taint",
    "untaint",
    "untaint_parameters",
]


_READ = re.compile(r"\$\{\s*runtime_params:\s*['\"]?([^,}'\"\s]+)")


def taint(value: Any) -> Any:
    """Mark all text in a value."""
    return map_leaves(value, lambda leaf: TaintedStr(leaf) if isinstance(leaf, str) else leaf)


def untaint(value: Any) -> Any:
    """Turn marked text into plain text."""
    return map_leaves(value, lambda leaf: str(leaf) if isinstance(leaf, TaintedStr) else leaf)


def untaint_parameters(value: Any) -> Any:
    """Turn marked text into plain text, except import paths: injection takes the mark as "not an object"."""
    if isinstance(value, dict):
        return {
            key: child if key in TARGET_KEYS and isinstance(child, TaintedStr) else untaint_parameters(child)
            for key, child in value.items()
        }
    return list(map(untaint_parameters, value)) if isinstance(value, list) else untaint(value)


def has_runtime_text(value: Any) -> bool:
    """Check whether any text in a value is tainted."""
    if isinstance(value, dict):
        return any(map(has_runtime_text, value.values()))
    return any(map(has_runtime_text, value)) if isinstance(value, list) else isinstance(value, TaintedStr)


def refuse_runtime_types(catalog: dict[Any, Any], raw: Any, read: AbstractSet[str]) -> None:
    """Refuse a catalog in which a ``type``, at any depth, comes from runtime parameters.

    Raises:
        InterpolationError: If there is one.
    """
    for keys, value in _types(catalog, ()):
        if isinstance(value, TaintedStr):
            raise _refusal(keys, str(value))
    for keys, value in _types(raw, ()):
        if not read.isdisjoint(_READ.findall(value) if isinstance(value, str) else ()):
            raise _refusal(keys, value)


def _types(value: Any, keys: Keys) -> Iterator[tuple[Keys, Any]]:
    """Every ``type`` of a mapping inside a catalog, and where it is."""
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from _types(child, (*keys, index))
    elif isinstance(value, dict):
        if keys and "type" in value:
            yield (*keys, "type"), value["type"]
        for key, child in value.items():
            yield from _types(child, (*keys, key))
    elif isinstance(value, Layered):
        yield from _types(value.lower, keys)
        yield from _types(value.upper, keys)


def _refusal(keys: Keys, value: str) -> InterpolationError:
    return InterpolationError(
        f"the dataset class {value!r} comes from a runtime parameter, not permitted here",
        config_path=render_config_path("catalog", keys),
        hint="Write the class in the catalog.",
    )

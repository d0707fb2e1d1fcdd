"""Merging raw layers, before anything is resolved.

Layers are merged whole, so a reference sees the value of the last layer that sets its key. Only what cannot
be known before resolving is put off: a mapping over an interpolation (or the reverse) becomes a
``Layered`` node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.layers.key_rules import find_key

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MISSING",
    "Layered",
    "Resolved",
    "changes_type",
    "is_special",
    "merge_layers",
    "merge_softly",
    "overlay",
]

MISSING = "???"  # OmegaConf's mark of a value to be given later; it overrides nothing

RawMapping = dict[Any, Any]


@dataclass(frozen=True, eq=False)
class Resolved:
    """A plain value among raw ones, which is not evaluated again.

    Attributes:
        value: The value.
    """

    value: Any


@dataclass(frozen=True, eq=False)
class Layered:
    """Two layers of one key that can be merged only when resolved.

    Attributes:
        lower: The raw value of the layers below.
        upper: The raw value above; it replaces the lower one unless both resolve to mappings.
        by_type: Whether a catalog entry is meant: a changed ``type`` replaces as well.
    """

    lower: Any
    upper: Any
    by_type: bool = False


def is_special(text: str) -> bool:
    """Check whether a text is special to OmegaConf: it interpolates, or marks a missing value."""
    return "${" in text or (text.endswith(MISSING) and text.lstrip("\\") == MISSING)


def merge_layers(lower: RawMapping, upper: RawMapping, *, strategy: str, config_type: str) -> RawMapping:
    """Lay one environment's raw configuration over that of the environments below.

    Examples:
        >>> merge_layers({"a": {"x": 1}}, {"a": {"y": 2}}, strategy="soft", config_type="parameters")
        {'a': {'x': 1, 'y': 2}}
    """
    if strategy == "destructive":
        return _merge_keys(lower, upper, lambda _, value: value)
    if config_type == "catalog":
        return _merge_keys(lower, upper, overlay_entry)
    return merge_softly(lower, upper)


def merge_softly(lower: RawMapping, upper: RawMapping) -> RawMapping:
    """Merge mappings key by key; anything else is replaced."""
    return _merge_keys(lower, upper, overlay)


def _merge_keys(lower: RawMapping, upper: RawMapping, combine: Callable[[Any, Any], Any]) -> RawMapping:
    merged = dict(lower)
    for key, value in upper.items():
        name = find_key(lower, key) if lower else None
        if name is None or (name in upper and type(name) is not type(key)):  # both are in one mapping, as two
            merged[key] = value
        else:
            merged[name] = combine(merged[name], value)
    return merged


def overlay(lower: Any, upper: Any) -> Any:
    """Lay one raw value over another."""
    if isinstance(upper, dict) and isinstance(lower, dict):
        return _merge_keys(lower, upper, overlay)
    if isinstance(upper, str) and upper == MISSING:
        return lower
    if may_become_mapping(upper) and may_become_mapping(lower):
        return Layered(lower, upper)
    return upper


def overlay_entry(lower: Any, upper: Any) -> Any:
    """Lay one catalog entry over another: a changed ``type`` takes none of the old type's arguments."""
    if not (isinstance(lower, dict) and isinstance(upper, dict)):
        merged = overlay(lower, upper)
        return Layered(lower, upper, by_type=True) if isinstance(merged, Layered) else merged
    if changes_type(lower, upper):
        if _is_interpolation(lower["type"]) or _is_interpolation(upper["type"]):
            return Layered(lower, upper, by_type=True)
        return upper
    return {
        **_merge_keys(lower, upper, overlay),
        **{
            key: overlay_entry(lower[key], upper[key])
            for key in ("dataset",)  # the entry inside a PartitionedDataset or CachedDataset
            if key in lower and key in upper
        },
    }


def changes_type(lower: RawMapping, upper: RawMapping) -> bool:
    """Check whether one catalog entry declares another type of dataset than the one below."""
    return "type" in lower and "type" in upper and lower["type"] != upper["type"]


def may_become_mapping(value: Any) -> bool:
    """Check whether a raw value is a mapping, or may evaluate to one."""
    if isinstance(value, str):
        return value.startswith("${") and value.endswith("}")
    if isinstance(value, Resolved):
        return isinstance(value.value, dict)
    return isinstance(value, (dict, Layered))


def _is_interpolation(value: object) -> bool:
    return isinstance(value, str) and "${" in value

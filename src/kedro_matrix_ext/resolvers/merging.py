"""Mappings merged over each other: ``${merge:...}`` and ``${merge_shallow:...}``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kedro_matrix_ext._containers import copy_containers, to_plain
from kedro_matrix_ext._secrets import describe_value
from kedro_matrix_ext.errors import ResolverError

__all__ = ["merge", "merge_dicts", "merge_shallow"]


def merge_dicts(*mappings: Mapping[Any, Any] | None) -> dict[Any, Any]:
    """Merge mappings deeply; what comes later wins.

    Mappings within mappings are merged, key by key. Everything else is replaced: lists, scalars, and null,
    which replaces like any other value. A null argument is skipped.

    Args:
        *mappings: Dicts or DictConfigs, or None. Interpolations inside a DictConfig are resolved.

    Returns:
        A new dict; it shares no dict and no list with the arguments, which are not changed.

    Raises:
        ResolverError: If an argument is neither a mapping nor None.

    Examples:
        >>> merge_dicts({"model": {"depth": 3, "eta": 0.1}}, {"model": {"depth": 9}})
        {'model': {'depth': 9, 'eta': 0.1}}
        >>> merge_dicts({"features": ["a", "b"]}, None, {"features": None})
        {'features': None}
    """
    merged: dict[Any, Any] = {}
    for mapping in _checked("merge_dicts", mappings):
        _lay_over(merged, mapping)
    return merged


def merge(*mappings: Any) -> dict[Any, Any]:
    """Resolve ``${merge:${a},${b},...}``: ``merge_dicts`` with messages that name the resolver.

    Raises:
        ResolverError: If an argument is neither a mapping nor null.

    Examples:
        >>> merge({1: {"a": 1}}, {1: {"b": 2}})
        {1: {'a': 1, 'b': 2}}
    """
    return merge_dicts(*_checked("merge", mappings))


def merge_shallow(*mappings: Any) -> dict[Any, Any]:
    """Resolve ``${merge_shallow:${a},${b},...}``: only the top level is merged.

    Raises:
        ResolverError: If an argument is neither a mapping nor null.

    Examples:
        >>> merge_shallow({"model": {"depth": 3}, "seed": 1}, {"model": {"eta": 0.1}})
        {'model': {'eta': 0.1}, 'seed': 1}
    """
    merged: dict[Any, Any] = {}
    for mapping in _checked("merge_shallow", mappings):
        merged.update(mapping)
    return {key: copy_containers(value) for key, value in merged.items()}


def _lay_over(target: dict[Any, Any], overlay: Mapping[Any, Any]) -> None:
    """Merge into a target that is ours alone; nothing of the overlay's own containers gets into it."""
    for key, value in overlay.items():
        below = target.get(key)
        above = to_plain(value)
        if isinstance(below, dict) and isinstance(above, Mapping):
            _lay_over(below, above)
        else:
            target[key] = copy_containers(above)


def _checked(resolver: str, arguments: tuple[Any, ...]) -> Iterator[Mapping[Any, Any]]:
    """Give the arguments that are mappings, skip null, refuse the rest by position and type."""
    for position, argument in enumerate(arguments, start=1):
        mapping = to_plain(argument)
        if isinstance(mapping, Mapping):
            yield mapping
        elif mapping is not None:
            raise ResolverError(
                f"{resolver!r} merges mappings; its argument {position} is {describe_value(mapping)}",
                hint="Give a reference to a mapping, as in ${merge:${defaults},${overrides}}, or null.",
            )

"""Plain values: the dictionaries, lists and scalars that a resolved configuration is made of."""

from __future__ import annotations

from typing import Any

__all__ = ["ABSENT", "CONTAINERS", "child_of", "copy_plain", "count_values"]

ABSENT: Any = object()
"""What stands for no value, where null is one."""

_LEAVES = frozenset({str, int, float, bool, type(None)})
CONTAINERS = frozenset({dict, list})
"""The types of plain containers."""


def copy_plain(value: Any) -> Any:  # noqa: ANN401  configuration values are of any type
    """Copy dictionaries and lists all the way down; OmegaConf's become plain, anything else stays.

    Args:
        value: Any value.

    Returns:
        A value whose containers belong to nobody else.

    Examples:
        >>> rows = [{"a": 1}]
        >>> copy_plain(rows) == rows, copy_plain(rows)[0] is rows[0]
        (True, False)
    """
    kind = type(value)
    if kind is dict:
        return {key: child if type(child) in _LEAVES else copy_plain(child) for key, child in value.items()}
    if kind is list:
        return [child if type(child) in _LEAVES else copy_plain(child) for child in value]
    if kind.__module__.startswith("omegaconf."):
        from omegaconf import OmegaConf

        return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    return value


def count_values(value: Any) -> int:  # noqa: ANN401
    """Count what a plain mapping or list holds, at any depth.

    Args:
        value: A dictionary or list.

    Returns:
        The number of values.

    Examples:
        >>> count_values({"a": [1, 2], "b": 3})
        4
    """
    children = value.values() if type(value) is dict else value
    return len(value) + sum(count_values(child) for child in children if type(child) in CONTAINERS)


def child_of(node: Any, key: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Look up one key of a key path.

    Args:
        node: A mapping, a list, or anything else, which has no children.
        key: A mapping's key or a list's index; text that is a number finds either.

    Returns:
        The child and the key as the node has it; ``ABSENT`` where there is none.

    Examples:
        >>> child_of(["a", "b"], "1")
        ('b', 1)
    """
    if isinstance(node, dict):
        if key in node:
            return node[key], key
        number = _as_index(key)
        return (node[number], number) if number in node else (ABSENT, key)
    if isinstance(node, list):
        number = _as_index(key)
        return (node[number], number) if number is not None and number < len(node) else (ABSENT, key)
    return ABSENT, key


def _as_index(key: Any) -> int | None:  # noqa: ANN401
    if isinstance(key, str):
        return int(key) if key.isascii() and key.isdigit() else None
    return key if isinstance(key, int) and key >= 0 else None

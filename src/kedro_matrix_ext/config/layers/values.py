"""Plain values: the dictionaries, lists and scalars that a resolved configuration is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.layers.key_rules import as_integer, find_key, reads_numbers_as_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext._config_path import Keys

__all__ = [
    "ABSENT",
    "CONTAINERS",
    "child_of",
    "copy_plain",
    "count_values",
    "list_differing",
    "map_leaves",
    "value_at",
    "walk",
]

ABSENT: Any = object()
"""What stands for no value, where null is one."""

_LEAVES = frozenset({str, int, float, bool, type(None)})
CONTAINERS = frozenset({dict, list})
"""The types of plain containers."""


def copy_plain(value: Any) -> Any:
    """Copy dictionaries and lists all the way down; OmegaConf's become plain, anything else stays.

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

        if OmegaConf.is_config(value):
            return OmegaConf.to_container(value, resolve=True)
        return str(value) if isinstance(value, str) else value  # its mark of an escaped '???'
    return value


def count_values(value: Any) -> int:
    """Count what a plain mapping or list holds, at any depth.

    Examples:
        >>> count_values({"a": [1, 2], "b": 3})
        4
    """
    children = value.values() if type(value) is dict else value
    return len(value) + sum(count_values(child) for child in children if type(child) in CONTAINERS)


def child_of(node: Any, key: Any) -> tuple[Any, Any]:
    """Look up one key of a reference, as the installed OmegaConf does; return the key as the node has it.

    Examples:
        >>> child_of(["a", "b"], "1"), child_of({"a": 1}, "b")[0] is ABSENT
        (('b', 1), True)
    """
    if isinstance(node, dict):
        if key in node:
            return node[key], key
        name = _number_key(node, key)
        return (ABSENT, key) if name is None else (node[name], name)
    if isinstance(node, list):
        index = _index(node, key)
        return (ABSENT, key) if index is None else (node[index], index)
    return ABSENT, key


def walk(node: Any, keys: Keys) -> tuple[Any, Keys]:
    """Follow a key path as far as it leads; keys may be written as in another layer.

    Examples:
        >>> walk({"a": ["x"]}, ("a", "0", "b")), walk({"2024": 1}, (2024,))
        (('x', ('a', 0)), (1, ('2024',)))
    """
    walked: Keys = ()
    for key in keys:
        child, name = child_of(node, key)
        if child is ABSENT and isinstance(node, dict):
            name = find_key(node, key)
            child = ABSENT if name is None else node[name]
        if child is ABSENT:
            break
        node, walked = child, (*walked, name)
    return node, walked


def value_at(node: Any, keys: Keys) -> Any:
    """Look up the value at a key path.

    Examples:
        >>> value_at({"a": ["x"]}, ("a", 0)), value_at({"a": 1}, ("b",)) is ABSENT
        ('x', True)
    """
    value, walked = walk(node, keys)
    return value if len(walked) == len(keys) else ABSENT


def map_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """Copy a value with everything in it changed that is neither mapping nor list.

    Examples:
        >>> map_leaves({"a": [1, 2]}, str)
        {'a': ['1', '2']}
    """
    if isinstance(value, dict):
        return {key: map_leaves(child, change) for key, child in value.items()}
    if isinstance(value, list):
        return [map_leaves(child, change) for child in value]
    return change(value)


def list_differing(first: Any, second: Any, keys: Keys = ()) -> Iterator[tuple[Keys, tuple[Any, Any]]]:
    """List what two values do not have in common, mappings gone into and lists taken whole.

    Yields:
        Key paths, and the two values there: ``ABSENT`` where only the other has it. A number is not one of
        another type, and what is not a number equals itself.

    Examples:
        >>> [keys for keys, _ in list_differing({"a": {"b": 1, "c": 2}}, {"a": {"b": 1.0, "c": 2}})]
        [('a', 'b')]
    """
    if isinstance(first, dict) and isinstance(second, dict):
        for key in {**first, **second}:
            yield from list_differing(first.get(key, ABSENT), second.get(key, ABSENT), (*keys, key))
    elif first is ABSENT or second is ABSENT or not _is_same(first, second):
        yield keys, (first, second)


def _is_same(first: Any, second: Any) -> bool:
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_is_same, first, second))
    both_nan = first != first and second != second  # noqa: PLR0124  as only what is not a number is
    return type(first) is type(second) and (both_nan or first == second)


def _number_key(node: dict[Any, Any], key: Any) -> int | None:
    """Return the number key of a mapping that a text names."""
    number = as_integer(key) if isinstance(key, str) and reads_numbers_as_keys() else None
    if number is None or number not in node:
        return None
    return number if any(type(name) is int and name == number for name in node) else None  # not True


def _index(node: list[Any], key: Any) -> int | None:
    index = as_integer(key) if isinstance(key, str) else key if isinstance(key, int) else None
    if index is not None and index < 0 and reads_numbers_as_keys():
        index += len(node)
    return index if index is not None and 0 <= index < len(node) else None

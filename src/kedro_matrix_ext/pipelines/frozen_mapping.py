"""Mappings that nobody can change, and what may be in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import MappingError

__all__ = ["FrozenMapping", "KeyPath", "ReadOnlyMapping", "freeze", "thaw"]

KeyPath = tuple[str | int, ...]

_MAX_DEPTH = 100  # no one names a variable for a deeper path, and Python walks no endless one

# What Kedro allows in a tag, without the dot that separates namespaces.
_NAME = re.compile(r"[\w-]+")
_PLAIN = (str, int, float, bool, date, type(None))


class ReadOnlyMapping(Mapping[str, Any]):
    """A mapping without a way to change it, equal to any mapping that holds the same.

    It is not a ``dict``, since dynaconf, which holds Kedro's settings, replaces dictionaries and lists by
    its own mutable boxes and leaves every other object as it is.
    """

    __hash__ = None  # type: ignore[assignment]  # equal to dictionaries, which have none

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Mapping):
            return NotImplemented
        return bool(thaw(self) == thaw(other))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({thaw(self)!r})"

    def as_dict(self) -> dict[str, Any]:
        """Copy everything into plain dictionaries and lists.

        Returns:
            A dictionary that the caller may change.
        """
        return {key: thaw(value) for key, value in self.items()}


class FrozenMapping(ReadOnlyMapping):
    """A mapping whose values are plain, frozen, or tuples of such.

    Args:
        entries: What it holds; copied.
    """

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def thaw(value: Any) -> Any:
    """Copy a value into plain dictionaries and lists.

    Args:
        value: A mapping, list, tuple or plain value.

    Returns:
        The same in ``dict`` and ``list``.

    Examples:
        >>> thaw(FrozenMapping({"price": ("base", "test")}))
        {'price': ['base', 'test']}
    """
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(item) for item in value]
    return value


def freeze(value: Any, path: KeyPath, *, source: str) -> Any:
    """Check a value of a dynamic pipeline mapping and make it immutable.

    Args:
        value: A mapping, a list of names, a list of dictionaries or a plain value.
        path: Where it is in the mapping.
        source: What it comes from, for messages: the function or an environment variable.

    Returns:
        The value, mappings as ``FrozenMapping`` and lists as tuples.

    Raises:
        MappingError: If a name is one that Kedro rejects, a list is empty, mixed or repeats itself, or a
            value is none of the above.

    Examples:
        >>> freeze(["base", "test"], ("price",), source="example")
        ('base', 'test')
    """
    if len(path) > _MAX_DEPTH:
        raise MappingError(
            "this is nested too deeply, or holds itself",
            config_path=render_config_path(source, path[:3]),
            hint="Write it flat, or without the reference to itself.",
        )
    if isinstance(value, Mapping):
        return FrozenMapping(
            {
                _name(key, (*path, key), source): freeze(item, (*path, key), source=source)
                for key, item in value.items()
            }
        )
    if isinstance(value, list | tuple):
        return _freeze_list(list(value), path, source)
    if isinstance(value, _PLAIN):
        return value
    raise MappingError(
        f"{value!r} is a {type(value).__name__}, which a dynamic pipeline mapping cannot hold",
        config_path=render_config_path(source, path),
        hint="Write a mapping, a list of names, a list of dictionaries or a plain value.",
    )


def _freeze_list(items: list[Any], path: KeyPath, source: str) -> tuple[Any, ...]:
    if not items:
        raise MappingError(
            "the list is empty",
            config_path=render_config_path(source, path),
            hint="Name at least one variant, or leave the key out.",
        )
    freeze_one = _freeze_dictionary if isinstance(items[0], Mapping) else _name
    frozen = tuple(freeze_one(item, (*path, index), source) for index, item in enumerate(items))
    _reject_repeated(frozen, path, source)
    return frozen


def _freeze_dictionary(item: Any, path: KeyPath, source: str) -> Any:
    if isinstance(item, Mapping):
        return freeze(item, path, source=source)
    raise MappingError(
        f"{item!r} is in a list of dictionaries and is not one",
        config_path=render_config_path(source, path),
        hint="A list holds names alone or dictionaries alone.",
    )


def _reject_repeated(items: tuple[Any, ...], path: KeyPath, source: str) -> None:
    seen = set()
    for index, item in enumerate(items):
        shown = repr(item)
        if shown in seen:
            raise MappingError(
                f"{thaw(item)!r} is in the list twice",
                config_path=render_config_path(source, (*path, index)),
                hint="Remove one of them.",
            )
        seen.add(shown)


def _name(value: Any, path: KeyPath, source: str) -> str:
    """Take a namespace or variant, which become parts of namespaces and tags."""
    if not isinstance(value, str):
        raise MappingError(
            f"{value!r} is not a name, but a {type(value).__name__}",
            config_path=render_config_path(source, path),
            hint=f"Write it in quotes: {str(value)!r}.",
        )
    if not _NAME.fullmatch(value):
        raise MappingError(
            f"{value!r} is not a name that Kedro takes for a namespace and a tag",
            config_path=render_config_path(source, path),
            hint="Use letters, digits, hyphens and underscores; a dot separates namespaces.",
        )
    return value

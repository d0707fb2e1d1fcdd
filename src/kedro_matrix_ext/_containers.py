"""Copies of values that may come from anywhere: OmegaConf containers and other mappings become plain."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["copy_containers", "list_strings", "to_plain"]


def to_plain(value: Any) -> Any:
    """Return a container of OmegaConf as plain ones, interpolations resolved, and anything else as it is."""
    omegaconf = sys.modules.get("omegaconf")
    if omegaconf is not None and isinstance(value, (omegaconf.DictConfig, omegaconf.ListConfig)):
        return omegaconf.OmegaConf.to_container(value, resolve=True)
    return value


def copy_containers(value: Any, to_plain: Callable[[Any], Any] = to_plain) -> Any:
    """Copy the dicts, lists and tuples of a value, at any depth, as plain ones; leaves are shared.

    Examples:
        >>> rows = [{"a": 1}]
        >>> copy_containers(rows) == rows, copy_containers(rows)[0] is rows[0]
        (True, False)
    """
    value = to_plain(value)
    if isinstance(value, Mapping):
        return {key: copy_containers(item, to_plain) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_containers(item, to_plain) for item in value]
    if type(value) is tuple:
        return tuple(copy_containers(item, to_plain) for item in value)
    return value


def list_strings(value: object) -> Iterator[str]:
    """Yield the strings in dicts, lists and tuples, at any depth; keys are not among them.

    Examples:
        >>> list(list_strings({"a": ["b", 1], "c": {"d": "e"}}))
        ['b', 'e']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for child in value.values():
            yield from list_strings(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from list_strings(child)

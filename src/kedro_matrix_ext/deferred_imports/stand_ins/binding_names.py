"""The local names of a module while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BindingNames"]


class BindingNames(dict[str, Any]):
    """The local names of a module while it runs; they are stored in its dictionary, functions after binding.

    It stays empty itself, so that names are looked up in the dictionary.
    """

    def __init__(self, namespace: dict[str, Any], bind: Callable[[str, Any], Any]) -> None:
        super().__init__()
        self._namespace = namespace
        self._bind = bind

    def __setitem__(self, name: str, value: Any) -> None:
        self._namespace[name] = self._bind(name, value)

    def __delitem__(self, name: str) -> None:
        del self._namespace[name]

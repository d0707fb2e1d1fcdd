"""What teams copy from project to project, in the least code that does it."""

from __future__ import annotations

import os
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["choose_hooks", "inject_object", "merge"]


def merge(first: Any, second: Any) -> Any:
    """Merge two blocks; registered as a resolver."""
    return OmegaConf.merge(first, second)


def inject_object(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a node the objects that its parameters declare."""

    @wraps(function)
    def wrapped(*arguments: Any) -> Any:
        return function(*map(_make, arguments))

    return wrapped


def choose_hooks(hooks: dict[str, str]) -> tuple[Any, ...]:
    """Make the hooks that no variable switches off, from their import paths."""
    chosen = [path for name, path in hooks.items() if f"KEDRO_HOOKS_DISABLE_{name}" not in os.environ]
    return tuple(_import(path)() for path in chosen)


def _make(value: Any) -> Any:
    if not (isinstance(value, dict) and "object" in value):
        return value
    given = dict(value)
    return _import(given.pop("object"))(**given)


def _import(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)

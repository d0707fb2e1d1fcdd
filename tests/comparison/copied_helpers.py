"""What teams copy from project to project, in the least code that does it."""

from __future__ import annotations

from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["inject_object", "merge"]


def merge(first: Any, second: Any) -> Any:
    """Merge two blocks; registered as a resolver."""
    return OmegaConf.merge(first, second)


def inject_object(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a node the objects that its parameters declare."""

    @wraps(function)
    def wrapped(*arguments: Any) -> Any:
        return function(*map(_make, arguments))

    return wrapped


def _make(value: Any) -> Any:
    if not (isinstance(value, dict) and "object" in value):
        return value
    given = dict(value)
    module, _, name = given.pop("object").rpartition(".")
    return getattr(import_module(module), name)(**given)

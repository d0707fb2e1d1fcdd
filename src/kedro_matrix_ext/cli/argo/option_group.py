"""Options that several commands take and pass as one object."""

from __future__ import annotations

from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["gather_options"]


def gather_options(
    gathered: type[Any], options: Sequence[Callable[..., Any]], *, name: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a decorator that gives a command some options and hands them over as one argument."""
    names = [field.name for field in fields(gathered)]

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def gather(*args: Any, **given: Any) -> Any:
            taken = gathered(**{each: given.pop(each) for each in names})
            return command(*args, **{name: taken}, **given)

        decorated: Callable[..., Any] = gather
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate

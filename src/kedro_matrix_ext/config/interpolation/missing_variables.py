"""Collect the environment variables that a load needs and that are not set, to report them together."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.config.errors import MissingVariablesError, ResolverNotOfferedError
from kedro_matrix_ext.errors import MissingEnvironmentVariableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.interpolation.evaluation_stack import EvaluationStack

__all__ = [
    "MissingVariables",
    "Unresolved",
    "ValueSkippedError",
    "find_unresolved",
    "holds_unresolved",
]

_HINT = "Set {} in the shell or in .env, or give a default as in ${{oc.env:NAME, default}}."


Root = tuple[str | None, str]
"""Config path and message of the error that keeps a value, and those that need it, from being evaluated."""


class Unresolved(str):
    """Takes the place of a value that could not be evaluated, because of the error at ``root``."""

    __slots__ = ("root",)

    def __new__(cls, root: Root | None = None) -> Unresolved:  # noqa: PYI034  Self is in Python 3.11
        """Make an empty text."""
        made = super().__new__(cls)
        made.root = root
        return made

    root: Root | None


def find_unresolved(value: object) -> Iterator[Unresolved]:
    """Find what could not be evaluated in a plain value.

    Examples:
        >>> len(list(find_unresolved({"a": ["", Unresolved()], "b": Unresolved()})))
        2
    """
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from find_unresolved(child)
    elif type(value) is Unresolved:
        yield value


def holds_unresolved(value: object) -> bool:
    """Check whether a plain value, or one inside it, could not be evaluated.

    Examples:
        >>> holds_unresolved({"a": ["", Unresolved()]}), holds_unresolved([""])
        (True, False)
    """
    return next(find_unresolved(value), None) is not None


class ValueSkippedError(Exception):
    """Skips a value that needs one that cannot be evaluated; the values around it are still evaluated."""

    def __init__(self, message: str = "", root: Root | None = None) -> None:
        super().__init__(message)
        self.root = root


@dataclass(frozen=True)
class MissingVariables:
    """The variables found missing so far.

    Attributes:
        stack: Knows which value needs a variable.
        places: The key paths of the values that need each variable.
    """

    stack: EvaluationStack
    places: dict[str, list[Keys]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many values were skipped."""
        return sum(map(len, self.places.values()))

    def collect(self, read: Callable[..., Any]) -> Callable[..., Any]:
        """Return the resolver of ``oc.env``, changed to collect a missing variable and skip the value."""

        def read_or_collect(*arguments: Any) -> Any:
            try:
                return read(*arguments)
            except ResolverNotOfferedError:  # so the variable, or its default, is not the reason
                raise
            except Exception as error:
                if not arguments or not isinstance(arguments[0], str) or arguments[0] in os.environ:
                    raise
                self.places.setdefault(arguments[0], []).append(self.stack.current)
                root = self._render(self.stack.current), _say_missing(arguments[0])
                raise ValueSkippedError(arguments[0], root) from error

        return read_or_collect

    def error(self) -> MissingVariablesError:
        """Return one error that names all variables and the places that need them."""
        lines = [
            f"  {name!r}, needed at {', '.join(dict.fromkeys(map(self.stack.place, keys)))}"
            for name, keys in self.places.items()
        ]
        count = "an environment variable is" if len(lines) == 1 else f"{len(lines)} environment variables are"
        return MissingVariablesError(
            "\n".join([f"{count} not set:", *lines]),
            hint=_HINT.format("them"),
            variables=tuple(self.places),
        )

    def errors(self) -> list[MissingEnvironmentVariableError]:
        """Return an error for each value that needs a variable."""
        return [
            self._error_at(name, keys)
            for name, needed in self.places.items()
            for keys in dict.fromkeys(needed)
        ]

    def _error_at(self, name: str, keys: Keys) -> MissingEnvironmentVariableError:
        file, line = self.stack.locate(keys)
        return MissingEnvironmentVariableError(
            _say_missing(name),
            variable=name,
            config_path=self._render(keys),
            file=file,
            line=line,
            hint=_HINT.format("it"),
        )

    def _render(self, keys: Keys) -> str:
        return render_config_path(self.stack.config_type, keys)


def _say_missing(name: str) -> str:
    return f"environment variable {name!r} is not set"

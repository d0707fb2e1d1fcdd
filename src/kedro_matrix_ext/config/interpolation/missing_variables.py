"""Collect the environment variables that a load needs and that are not set, to report them together."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.config.errors import MissingVariablesError, ResolverNotOfferedError
from kedro_matrix_ext.errors import MissingEnvironmentVariableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.interpolation.evaluation_stack import EvaluationStack

__all__ = ["UNRESOLVED", "MissingVariables", "Unresolved", "ValueSkippedError", "holds_unresolved"]

_HINT = "Set {} in the shell or in .env, or give a default as in ${{oc.env:NAME, default}}."


class Unresolved(str):
    """Takes the place of a value that could not be evaluated."""

    __slots__ = ()


UNRESOLVED = Unresolved()


def holds_unresolved(value: object) -> bool:
    """Check whether a plain value, or one inside it, could not be evaluated.

    Examples:
        >>> holds_unresolved({"a": ["", UNRESOLVED]}), holds_unresolved([""])
        (True, False)
    """
    if isinstance(value, dict):
        return any(map(holds_unresolved, value.values()))
    if isinstance(value, list):
        return any(map(holds_unresolved, value))
    return type(value) is Unresolved


class ValueSkippedError(Exception):
    """Skips a value that needs a missing variable; the values around it are still evaluated."""


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
                raise ValueSkippedError(arguments[0]) from error

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
            f"environment variable {name!r} is not set",
            variable=name,
            config_path=render_config_path(self.stack.config_type, keys),
            file=file,
            line=line,
            hint=_HINT.format("it"),
        )

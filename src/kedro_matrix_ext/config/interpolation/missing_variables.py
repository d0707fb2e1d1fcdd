"""What one load needs and does not find: noted as it is met, reported together."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import MissingEnvironmentVariableError, MissingVariablesError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.interpolation.evaluation_stack import EvaluationStack

__all__ = ["UNRESOLVED", "MissingVariables", "Unresolved", "ValueSkippedError", "holds_unresolved"]

_HINT = "Set {} in the shell or in .env, or give a default as in ${{oc.env:NAME, default}}."


class Unresolved(str):
    """Stands where a value could not be resolved, for those who go on without it."""

    __slots__ = ()


UNRESOLVED = Unresolved()


def holds_unresolved(value: object) -> bool:
    """Tell whether a value, or one inside it, could not be resolved.

    Args:
        value: Plain dictionaries, lists and scalars.

    Returns:
        True at the first that could not.

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
    """Leaves a value that needs a missing variable; the values beside it are resolved still."""


@dataclass(frozen=True)
class MissingVariables:
    """What has been found missing so far.

    Args:
        trail: Tells which value needs a variable.

    Attributes:
        places: Per variable the key paths of the values that need it.
    """

    trail: EvaluationStack
    places: dict[str, list[Keys]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many values have been left."""
        return sum(map(len, self.places.values()))

    def noting(self, read: Callable[..., Any]) -> Callable[..., Any]:
        """Make a resolver that notes a missing variable instead of failing.

        Args:
            read: The resolver behind ``oc.env``.

        Returns:
            It, leaving the value that needs a variable which is not set.
        """

        def read_or_note(*arguments: Any) -> Any:
            try:
                return read(*arguments)
            except Exception as error:
                if not arguments or not isinstance(arguments[0], str) or arguments[0] in os.environ:
                    raise
                self.places.setdefault(arguments[0], []).append(self.trail.current)
                raise ValueSkippedError(arguments[0]) from error

        return read_or_note

    def error(self) -> MissingVariablesError:
        """Make the one error that names them all and the places that need them."""
        lines = [
            f"  {name!r}, needed at {', '.join(dict.fromkeys(map(self.trail.place, keys)))}"
            for name, keys in self.places.items()
        ]
        count = "an environment variable is" if len(lines) == 1 else f"{len(lines)} environment variables are"
        return MissingVariablesError(
            "\n".join([f"{count} not set:", *lines]),
            hint=_HINT.format("them"),
            variables=tuple(self.places),
        )

    def errors(self) -> list[MissingEnvironmentVariableError]:
        """Make an error for each value that needs a variable."""
        return [
            self._error_at(name, keys)
            for name, needed in self.places.items()
            for keys in dict.fromkeys(needed)
        ]

    def _error_at(self, name: str, keys: Keys) -> MissingEnvironmentVariableError:
        file, line = self.trail.locate(keys)
        return MissingEnvironmentVariableError(
            f"environment variable {name!r} is not set",
            variable=name,
            config_path=render_config_path(self.trail.config_type, keys),
            file=file,
            line=line,
            hint=_HINT.format("it"),
        )

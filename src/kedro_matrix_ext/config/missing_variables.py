"""Environment variables that one load needs and does not find: noted as they are met, reported together."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import MissingVariablesError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.config.trail import Keys, Trail

__all__ = ["MissingVariables", "ValueSkippedError"]


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

    trail: Trail
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

        def read_or_note(*arguments: Any) -> Any:  # noqa: ANN401  as OmegaConf calls it
            try:
                return read(*arguments)
            except Exception as error:
                if not arguments or not isinstance(arguments[0], str) or arguments[0] in os.environ:
                    raise
                self.places.setdefault(arguments[0], []).append(self.trail.here)
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
            hint="Set them in the shell or in .env, or give a default as in ${oc.env:NAME, default}.",
            variables=tuple(self.places),
        )

"""How much the references of one configuration may copy.

Each reference gives a copy of its own of what it refers to. A few lines, each of which refers twice to the
line before, would so fill any memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.plain_values import copy_plain, count_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext.config.trail import Trail

__all__ = ["MAX_COPIED", "CopyBudget"]

MAX_COPIED = 2_000_000  # values, some hundred megabytes of them
_CHARACTERS = 32  # of text count as much as one value


@dataclass
class CopyBudget:
    """Counts what is copied, before it is, and ends what doubles again and again.

    Args:
        trail: Makes the error, at the value that is being resolved.
    """

    trail: Trail
    _copied: int = 0

    def copy(self, value: Any) -> Any:  # noqa: ANN401  configuration values are of any type
        """Copy a value.

        Args:
            value: A plain value.

        Returns:
            Its copy, as by ``copy_plain``.

        Raises:
            InterpolationError: If all copies together are out of bounds.
        """
        self.spend(value)
        return copy_plain(value)

    def join(self, values: Iterable[Any]) -> str:
        """Join values to one text.

        Args:
            values: Plain values.

        Returns:
            Their texts, one after the other.

        Raises:
            InterpolationError: As ``copy``.
        """
        texts = []
        for value in values:
            texts.append(str(value))
            self.spend(texts[-1])
        return "".join(texts)

    def spend(self, *values: Any) -> None:  # noqa: ANN401
        """Count values that are about to be copied.

        Args:
            *values: Plain values.

        Raises:
            InterpolationError: As ``copy``.
        """
        for value in values:
            kind = type(value)
            if kind is dict or kind is list:
                self._copied += count_values(value)
            elif kind is str:
                self._copied += len(value) // _CHARACTERS
        if self._copied > MAX_COPIED:
            raise self.trail.problem(
                f"the references of this configuration copy more than {MAX_COPIED} values",
                hint="Is a mapping, list or text referred to many times, and what refers to it again?",
            )

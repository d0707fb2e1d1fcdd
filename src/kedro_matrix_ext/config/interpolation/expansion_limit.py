"""How much the references of one configuration may copy.

Each reference gives a copy of its own of what it refers to. A few lines, each of which refers twice to the
line before, would so fill any memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.layers.values import CONTAINERS, copy_plain, count_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext.config.interpolation.evaluation_stack import EvaluationStack

__all__ = ["MAX_COPIED", "ExpansionLimit"]

MAX_COPIED = 5_000_000  # values, half a gigabyte of them: a thousand variants of 2,500 merged values each
_CHARACTERS = 32  # of text count as much as one value
_HINT = (
    "Where many mappings copy one large value, let nodes read it as a parameter of its own instead. Where "
    "none is large, a value is referred to twice by what is referred to twice, and so on: break that chain."
)


@dataclass
class ExpansionLimit:
    """Counts what is copied, before it is, and ends what doubles again and again.

    Args:
        trail: Makes the error, at the value that is being resolved.
    """

    trail: EvaluationStack
    _copied: int = 0

    def copy(self, value: Any) -> Any:
        """Copy a value.

        Args:
            value: A plain value; text costs nothing, since it is shared.

        Returns:
            Its copy, as by ``copy_plain``.

        Raises:
            InterpolationError: If all copies together are out of bounds.
        """
        if type(value) in CONTAINERS:
            self._spend(count_values(value))
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
            self.keep_text(texts[-1])
        return "".join(texts)

    def visit(self, *values: Any) -> None:
        """Count what is in containers that a resolver goes through.

        Args:
            *values: Plain values.

        Raises:
            InterpolationError: As ``copy``.
        """
        for value in values:
            if type(value) in CONTAINERS:
                self._spend(count_values(value))

    def keep_text(self, text: str) -> None:
        """Count a new text.

        Args:
            text: The text.

        Raises:
            InterpolationError: As ``copy``.
        """
        self._spend(len(text) // _CHARACTERS)

    def _spend(self, values: int) -> None:
        self._copied += values
        if self._copied > MAX_COPIED:
            raise self.trail.problem(
                f"the references of this configuration copy more than {MAX_COPIED:,} values", hint=_HINT
            )

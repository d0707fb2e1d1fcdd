"""Limit how much the references of one configuration copy.

Each reference copies its target. A few lines that each refer twice to the line before could fill any memory.
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
    "If many mappings copy one large value, let nodes read it as a separate parameter. If no value is large, "
    "a chain of references doubles at each step: shorten that chain."
)


@dataclass
class ExpansionLimit:
    """Counts values before they are copied, and refuses more than ``MAX_COPIED``."""

    stack: EvaluationStack
    _copied: int = 0

    def copy(self, value: Any) -> Any:
        """Copy a plain value; text costs nothing, since it is shared.

        Raises:
            InterpolationError: If all copies together exceed the limit.
        """
        if type(value) in CONTAINERS:
            self._spend(count_values(value))
        return copy_plain(value)

    def join(self, values: Iterable[Any]) -> str:
        """Join the texts of plain values.

        Raises:
            InterpolationError: As ``copy``.
        """
        texts = []
        for value in values:
            texts.append(str(value))
            self.keep_text(texts[-1])
        return "".join(texts)

    def visit(self, *values: Any) -> None:
        """Count the values in containers that a resolver reads.

        Raises:
            InterpolationError: As ``copy``.
        """
        for value in values:
            if type(value) in CONTAINERS:
                self._spend(count_values(value))

    def keep_text(self, text: str) -> None:
        """Count a new text.

        Raises:
            InterpolationError: As ``copy``.
        """
        self._spend(len(text) // _CHARACTERS)

    def _spend(self, values: int) -> None:
        self._copied += values
        if self._copied > MAX_COPIED:
            raise self.stack.problem(
                f"the references of this configuration copy more than {MAX_COPIED:,} values", hint=_HINT
            )

"""Columns of text, and counts with their nouns, for the reports of all commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["align_columns", "render_count"]


def align_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Pad the cells of every column to the widest one, and return a line per row.

    Examples:
        >>> align_columns([("TASK", "GPU"), ("train", "1")])
        ['TASK   GPU', 'train  1']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def render_count(number: int, noun: str) -> str:
    """Write a number with its noun, given in the singular.

    Examples:
        >>> render_count(1, "task"), render_count(10_000, "task")
        ('1 task', '10,000 tasks')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

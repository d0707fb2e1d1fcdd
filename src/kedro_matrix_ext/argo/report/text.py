"""Rows of text in columns, and counts with their nouns: what the reports of all commands are written with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["align_columns", "render_count"]


def align_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Pad the cells of every column to its widest.

    Args:
        rows: Rows of as many cells each.

    Returns:
        A line per row.

    Examples:
        >>> align_columns([("TASK", "GPU"), ("train", "1")])
        ['TASK   GPU', 'train  1']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def render_count(number: int, noun: str) -> str:
    """Write a number of things.

    Args:
        number: How many there are.
        noun: What they are, in the singular.

    Returns:
        The number and the noun, in the plural but for one.

    Examples:
        >>> render_count(1, "task"), render_count(10_000, "task")
        ('1 task', '10,000 tasks')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

"""Format the table of node timings: bars in a terminal, plain text elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from kedro_matrix_ext.hooks.timing.records import NodeTiming

__all__ = ["draw_table", "write_table"]

_BAR_WIDTH = 24
_HEADINGS = ("seconds", "CPU s", "peak MiB")


def write_table(timings: Sequence[NodeTiming], top: int) -> str:
    """Return the slowest nodes as aligned text, with the status of those that did not succeed."""
    shown, rest = _select(timings, top)
    lines = [" ".join(f"{heading:>10}" for heading in _HEADINGS) + "  node"]
    for timing in shown:
        status = "" if timing.status == "succeeded" else f"  ({timing.status})"
        lines.append(" ".join(f"{cell:>10}" for cell in _format_cells(timing)) + f"  {timing.node}{status}")
    return "\n".join([*lines, *([rest] if rest else []), _total(timings)])


def draw_table(timings: Sequence[NodeTiming], top: int) -> Table:
    """Return the slowest nodes as a rich table with bars."""
    from rich.markup import escape
    from rich.table import Table

    shown, rest = _select(timings, top)
    longest = max((timing.seconds or 0.0 for timing in shown), default=0.0)
    caption = " ".join(part for part in (rest, _total(timings)) if part)
    table = Table(title="Node timings", caption=caption, title_justify="left", caption_justify="left")
    table.add_column("node", overflow="fold")
    for heading in _HEADINGS:
        table.add_column(heading, justify="right")
    table.add_column("")
    for timing in shown:
        table.add_row(escape(timing.node), *_format_cells(timing), _draw_bar(timing, longest))
    return table


def _draw_bar(timing: NodeTiming, longest: float) -> str:
    if timing.seconds is None:
        return f"[dim]{timing.status}[/]"
    bar = "█" * max(1, round(_BAR_WIDTH * timing.seconds / longest)) if longest else ""
    return f"[red]{bar} {timing.status}[/]" if timing.status == "failed" else f"[cyan]{bar}[/]"


def _select(timings: Sequence[NodeTiming], top: int) -> tuple[list[NodeTiming], str]:
    """Select the rows, failed nodes first, then the slowest; the text counts the others."""
    order = sorted(timings, key=lambda timing: (timing.status != "failed", -(timing.seconds or 0.0)))
    left_out = len(order) - top
    return order[:top], f"... and {left_out} more." if left_out > 0 else ""


def _format_cells(timing: NodeTiming) -> tuple[str, str, str]:
    seconds, cpu, peak = timing.seconds, timing.cpu_seconds, timing.peak_memory_bytes
    return (
        "-" if seconds is None else f"{seconds:.3f}",
        "-" if cpu is None else f"{cpu:.3f}",
        "-" if peak is None else f"{peak / 2**20:.0f}",
    )


def _total(timings: Sequence[NodeTiming]) -> str:
    seconds = sum(timing.seconds or 0.0 for timing in timings)
    counts = {status: sum(timing.status == status for timing in timings) for status in _STATUSES}
    summary = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    nodes = "1 node" if len(timings) == 1 else f"{len(timings)} nodes"
    return f"{nodes}, {seconds:.3f} s in total: {summary or 'none ran'}."


_STATUSES = ("succeeded", "failed", "skipped", "unmeasured")

"""Measured, requested and proposed sizes as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.nodes.quantities import GIB, MIB, render_cores, render_gib
from kedro_matrix_ext.argo.report.text import align_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.right_sizing.proposals import TaskSize

__all__ = ["render_sizes"]

_HEADINGS = ("TASK", "SECONDS", "CPU", "REQUESTED", "PROPOSED", "MEMORY", "REQUESTED", "PROPOSED")


def render_sizes(sizes: Sequence[TaskSize]) -> str:
    """Write sizes and totals as text; memory above the limit of a task is marked with ``!``."""
    rows = [_HEADINGS, *map(_row, sizes)]
    unknown = sum(size.measured is None for size in sizes)
    notes = [f"not measured: {unknown} of {len(sizes)} tasks, which stay unchanged"] if unknown else []
    short = [size.task.name for size in sizes if _is_short(size)]
    notes += [f"! used more memory than its limit: {name!r}" for name in short]
    return "\n".join([*align_columns(rows), "", *_total(sizes), *notes])


def _row(size: TaskSize) -> tuple[str, ...]:
    measured, now, proposed = size.measured, size.task.resources, size.proposed
    requested = (render_cores(now.cpu_request), render_gib(now.memory_request))
    if measured is None:
        return (size.task.name, "-", "-", requested[0], "", "-", requested[1], "")
    return (
        size.task.name,
        f"{measured.seconds:.1f}",
        f"{measured.cores:.2f}",
        requested[0],
        render_cores(proposed.cpu_request),
        f"{measured.peak_memory_bytes / MIB:.0f}Mi{'!' if _is_short(size) else ''}",
        requested[1],
        render_gib(proposed.memory_request),
    )


def _is_short(size: TaskSize) -> bool:
    limit = size.task.resources.memory_limit * GIB
    return size.measured is not None and size.measured.peak_memory_bytes > limit


def _total(sizes: Sequence[TaskSize]) -> list[str]:
    """Write what a run costs now and as proposed; tasks that were not measured are left out."""
    cores = sum(size.core_hours(size.task.resources) for size in sizes)
    gib = sum(size.gib_hours(size.task.resources) for size in sizes)
    fewer_cores = sum(size.core_hours(size.proposed) for size in sizes)
    less_gib = sum(size.gib_hours(size.proposed) for size in sizes)
    return [
        f"core-hours of a run: {_compare(cores, fewer_cores)}",
        f"GiB-hours of a run: {_compare(gib, less_gib)}",
    ]


def _compare(requested: float, proposed: float) -> str:
    return f"{requested:.3g} requested, {proposed:.3g} proposed ({proposed - requested:+.3g})"

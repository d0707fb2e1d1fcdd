"""A plan as text: a row per task, and the totals."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.nodes.quantities import render_cores, render_gib
from kedro_matrix_ext.argo.report.critical_path import schedule_tasks
from kedro_matrix_ext.argo.report.text import align_columns, render_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.plan.model import Plan, Task
    from kedro_matrix_ext.argo.report.critical_path import Demand

__all__ = ["render_demand", "render_table"]

_SHOWN = 3  # names in a cell
_HEADINGS = ("TASK", "NODES", "CPU", "MEMORY", "GPU", "IN MEMORY", "PIPELINES", "AFTER")


def render_table(plan: Plan) -> str:
    """Write a plan as a table, without a final newline."""
    schedule = schedule_tasks(plan.tasks)
    tasks, nodes = len(plan.tasks), sum(len(task.nodes) for task in plan.tasks)
    chain = schedule.critical_path
    what = f"{plan.pipeline} in {plan.env}, grouped by {plan.group_by}"
    return "\n".join(
        [
            f"{what}: {render_count(tasks, 'task')} of {render_count(nodes, 'node')}",
            "",
            *_align([_HEADINGS, *map(_describe, plan.tasks)]),
            "",
            *_list_memory(plan.tasks),
            f"longest chain: {render_count(schedule.steps, 'node')} in {render_count(len(chain), 'task')}",
            f"peak: {render_demand(schedule.peak)}",
            f"total: {render_demand(schedule.total)}",
            *_list_origins(plan.tasks),
            f"digest: {plan.digest}",
            *(f"note: {note}" for note in plan.notes),
        ]
    )


def render_demand(demand: Demand) -> str:
    """Write what tasks request together, as one phrase."""
    parts = [
        render_count(demand.tasks, "task"),
        f"CPU {render_cores(demand.cpu)}",
        f"memory {render_gib(demand.memory)}",
        *([render_count(demand.gpus, "GPU")] if demand.gpus else []),
    ]
    return ", ".join(parts)


def _describe(task: Task) -> tuple[str, ...]:
    return (
        task.name,
        str(len(task.nodes)),
        render_cores(task.resources.cpu_request),
        render_gib(task.resources.memory_request),
        str(task.resources.num_gpus or ""),
        str(len(task.memory_datasets) or ""),
        _shorten(task.pipelines),
        _shorten(task.depends_on),
    )


def _list_origins(tasks: Sequence[Task]) -> list[str]:
    """List where sizes come from, and for how many tasks."""
    counts = Counter(task.size_from for task in tasks if task.size_from)
    if not counts:
        return []
    parts = (f"{origin} ({render_count(count, 'task')})" for origin, count in sorted(counts.items()))
    return [f"sizes from: {'; '.join(parts)}"]


def _list_memory(tasks: Sequence[Task]) -> list[str]:
    """List all datasets that tasks keep in memory."""
    kept = [f"  {task.name}: {', '.join(task.memory_datasets)}" for task in tasks if task.memory_datasets]
    return ["kept in memory, not saved:", *kept, ""] if kept else []


def _shorten(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align columns, leaving out empty ones."""
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    return align_columns(list(zip(*columns, strict=True)))

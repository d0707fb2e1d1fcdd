"""What a rehearsal found, as text: a row per task, the longest chain, what failed and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.argo.nodes.quantities import GIB, MIB, render_gib
from kedro_matrix_ext.argo.report.text import align_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kedro_matrix_ext.argo.rehearsal.rehearsal import Outcome
    from kedro_matrix_ext.argo.rehearsal.report.results import StepResult
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

__all__ = ["find_critical_path", "render_failures", "render_memory", "render_summary"]

_HEADINGS = ("TASK", "STATUS", "START", "SECONDS", "CPU S", "PEAK", "LIMIT")
_ROWS = 40
_TAIL = 15  # lines of a failed task's output
_FAILURES = 3


def find_critical_path(steps: Sequence[Step], results: Mapping[str, StepResult]) -> tuple[list[str], float]:
    """Find the chain of tasks that took longest: what more machines would not make shorter."""
    end: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for step in steps:
        last = max(step.depends_on, key=lambda path: end[path], default=None)
        before[step.path] = last
        result = results.get(step.path)
        end[step.path] = ((result.seconds if result else None) or 0.0) + (end[last] if last else 0.0)
    path: list[str] = []
    name = max(end, key=lambda each: end[each], default=None)
    seconds = end[name] if name else 0.0
    while name is not None:
        path.append(name)
        name = before[name]
    return path[::-1], round(seconds, 3)


def render_summary(outcome: Outcome, journal: Path) -> str:
    """Render the results of all tasks."""
    results = list(outcome.results.values())
    order = results
    if len(results) > _ROWS:
        order = sorted(results, key=lambda each: (each.status == "succeeded", -(each.seconds or 0.0)))
    rows = [_HEADINGS, *(_row(result) for result in order[:_ROWS])]
    table = align_columns(rows)
    if len(results) > _ROWS:
        table.append(f"... and {len(results) - _ROWS} more in {journal / 'tasks.jsonl'}")
    path, seconds = find_critical_path(
        [step for step in outcome.steps if step.path in outcome.results], outcome.results
    )
    return "\n".join(
        [
            *table,
            "",
            f"critical path: {seconds:.1f} s: {' -> '.join(path)}",
            _total(outcome, results),
            *render_memory(results),
        ]
    )


def _row(result: StepResult) -> tuple[str, ...]:
    tried = f" ({result.attempts} attempts)" if result.attempts > 1 else ""
    earlier = " before" if result.earlier else ""
    return (
        result.task,
        f"{result.status}{tried}{earlier}",
        "" if result.started is None or result.earlier else f"{result.started:.1f}",
        "" if result.seconds is None else f"{result.seconds:.1f}",
        "" if result.cpu_seconds is None else f"{result.cpu_seconds:.1f}",
        _memory(result.peak_memory_bytes),
        _memory(result.memory_limit_bytes),
    )


def _memory(size: int | None) -> str:
    if size is None:
        return ""
    return f"{round(size / MIB)}Mi" if size % MIB or size < 1024 * MIB else render_gib(size / GIB)


def _total(outcome: Outcome, results: Sequence[StepResult]) -> str:
    statuses = dict.fromkeys(result.status for result in results)
    counts = ", ".join(f"{sum(each.status == status for each in results)} {status}" for status in statuses)
    cpu = sum(result.cpu_seconds or 0.0 for result in results if not result.earlier)
    earlier = sum(result.earlier for result in results)
    before = f", {earlier} of them before" if earlier else ""
    return f"{counts}{before}; {outcome.seconds:.1f} s, CPU {cpu:.1f} s"


def render_memory(results: Sequence[StepResult]) -> list[str]:
    """Warn of tasks that the cluster would have killed for their memory."""
    return [
        f"warning: {result.task!r} held {_memory(result.peak_memory_bytes)}, more than its limit of "
        f"{_memory(result.memory_limit_bytes)}; the cluster would have killed it"
        for result in results
        if result.is_too_large
    ]


def render_failures(outcome: Outcome, logs: Path) -> str:
    """Write what failed, and how the output of it ends, without secrets."""
    failed = [result for result in outcome.results.values() if result.status in {"failed", "stopped"}]
    lines: list[str] = []
    for result in failed[:_FAILURES]:
        file = logs / f"{result.task}.log"
        lines += [f"{result.task!r} {result.status}: {result.message}", f"  its output: {file}"]
        lines += [f"  | {scrub(line)}" for line in _read_tail(file)]
    if len(failed) > _FAILURES:
        lines.append(
            f"and {len(failed) - _FAILURES} more: {', '.join(each.task for each in failed[_FAILURES:])}"
        )
    return "\n".join(lines)


def _read_tail(file: Path) -> list[str]:
    try:
        with file.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - 20_000))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:  # it never started
        return []
    return text.splitlines()[-_TAIL:]

"""Who watches a rehearsal: a line for each task that ends, and a bar where there is a terminal."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from typing_extensions import Self

    from kedro_matrix_ext.argo.rehearsal.report.results import StepResult
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

__all__ = ["ProgressReporter"]

_NAMED = 3


class ProgressReporter(AbstractContextManager["ProgressReporter"]):
    """Reports the progress of a rehearsal.

    Args:
        console: Where.
        total: How many tasks there are.
        done: How many of them do not have to run again.
    """

    def __init__(self, console: Console, *, total: int, done: int = 0) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = console
        self._total, self._ended = total, done
        self._running: list[str] = []
        self._progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task("", total=total, completed=done)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def start(self, step: Step) -> None:
        """Name a task as running."""
        self._running.append(step.path)
        self._show()

    def end(self, result: StepResult) -> None:
        """Count a task, and say how it ended."""
        if result.task in self._running:
            self._running.remove(result.task)
        self._ended += 1
        took = "" if result.seconds is None else f" in {result.seconds:.1f} s"
        why = f": {result.message}" if result.message else ""
        line = f"[{self._ended}/{self._total}] {result.task} {result.status}{took}{why}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        self._show()

    def _show(self) -> None:
        named = ", ".join(self._running[:_NAMED])
        others = f" and {len(self._running) - _NAMED} more" if len(self._running) > _NAMED else ""
        self._progress.update(self._task, completed=self._ended, description=named + others)

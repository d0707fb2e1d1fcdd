"""Running pods: as many at a time as may be, in the DAG's order, until all are done or one has failed."""

from __future__ import annotations

import selectors
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.rehearsal.ready_queue import ReadyQueue
from kedro_matrix_ext.argo.rehearsal.report.results import StepResult
from kedro_matrix_ext.argo.rehearsal.workflow.steps import output_tag
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kedro_matrix_ext.argo.rehearsal.attempts import Attempt, AttemptMaker
    from kedro_matrix_ext.argo.rehearsal.signals import Interruptions
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

__all__ = ["Execution", "Limits"]

GRACE = 30.0  # seconds from SIGTERM to SIGKILL, as Kubernetes has it


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How a workflow may run.

    Attributes:
        jobs: How many pods at a time.
        keep_going: Whether what does not depend on a failed step runs all the same.
        seconds: How long all of it may take; none for ever.
    """

    jobs: int
    keep_going: bool = False
    seconds: float | None = None


@dataclass(kw_only=True)
class Execution:
    """Runs steps.

    Attributes:
        maker: Makes and starts attempts at steps.
        limits: How they may run.
        interruptions: Signals that came; the first stops all, the second kills all.
        on_start: Called with each step that starts.
        on_end: Called with each step that ended.
    """

    maker: AttemptMaker
    limits: Limits
    interruptions: Interruptions
    on_start: Callable[[Step], None]
    on_end: Callable[[StepResult], None]
    results: dict[str, StepResult] = field(default_factory=dict)
    _running: list[Attempt] = field(default_factory=list)
    _handed: dict[str, str] = field(default_factory=dict)
    _failed: str | None = None
    _stopped: str | None = None
    _killed_at: float | None = None

    def run(self, steps: Sequence[Step], done: Mapping[str, StepResult]) -> dict[str, StepResult]:
        """Run steps."""
        self.results = dict(done)
        for result in done.values():
            self._hand_on(result)
        agenda = ReadyQueue(steps, done)
        end = None if self.limits.seconds is None else time.monotonic() + self.limits.seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.interruptions, selectors.EVENT_READ)
            try:
                while self._start(agenda, selector):
                    self._wait(selector, end, agenda)
            finally:
                self._kill_rest()
        self._omit(agenda)
        return {step.path: self.results[step.path] for step in steps}

    def _start(self, agenda: ReadyQueue, selector: selectors.BaseSelector) -> bool:
        """Start what can start; return whether anything runs."""
        while self._may_start() and (step := agenda.take()) is not None:
            self.on_start(step)
            skipped = self.maker.skip(step)
            if skipped is not None:
                self._settle(skipped, agenda)
                continue
            try:
                self._launch(self.maker.begin(step, self._handed), selector)
            except ArgoError as error:  # this machine has no such program
                failed = StepResult(task=step.path, status="failed", message=error.message)
                self._settle(failed, agenda)
        return bool(self._running)

    def _may_start(self) -> bool:
        if self._stopped is not None or len(self._running) >= self.limits.jobs:
            return False
        return self.limits.keep_going or self._failed is None

    def _hand_on(self, result: StepResult) -> None:
        self._handed.update({output_tag(result.task, name): value for name, value in result.outputs.items()})

    def _launch(self, attempt: Attempt, selector: selectors.BaseSelector) -> None:
        self._running.append(attempt)
        selector.register(attempt.process, selectors.EVENT_READ, attempt)

    def _wait(self, selector: selectors.BaseSelector, end: float | None, agenda: ReadyQueue) -> None:
        """Wait until something happens, and see to it."""
        moments = [end if self._stopped is None else None, self._killed_at]
        moments += [attempt.deadline for attempt in self._running]
        due = min((moment for moment in moments if moment is not None), default=None)
        timeout = None if due is None else max(0.0, due - time.monotonic())
        for key, _ in selector.select(timeout):
            if key.data is None:
                self.interruptions.drain()
            else:
                self._end(key.data, selector, agenda)
        self._heed_interruptions()
        self._heed_deadlines(end)

    def _heed_interruptions(self) -> None:
        numbers = self.interruptions.numbers
        if numbers and self._stopped is None:
            self._stop(f"stopped by {signal.Signals(numbers[0]).name}")
        if len(numbers) > 1:
            self._killed_at = time.monotonic()

    def _heed_deadlines(self, end: float | None) -> None:
        now = time.monotonic()
        if end is not None and now >= end and self._stopped is None:
            self._stop(f"the workflow took longer than its activeDeadlineSeconds, {self.limits.seconds:g}")
        if self._killed_at is not None and now >= self._killed_at:
            for attempt in self._running:
                attempt.process.send(signal.SIGKILL)
            self._killed_at = None
        for attempt in self._running:
            attempt.heed_deadline(now, grace=GRACE)

    def _stop(self, reason: str) -> None:
        self._stopped = reason
        self._killed_at = time.monotonic() + GRACE
        for attempt in self._running:
            attempt.process.send(signal.SIGTERM)

    def _end(self, attempt: Attempt, selector: selectors.BaseSelector, agenda: ReadyQueue) -> None:
        selector.unregister(attempt.process)
        self._running.remove(attempt)
        result = self.maker.finish(attempt, stopped=self._stopped)
        if result.status == "failed" and self.maker.is_retried(attempt, result):
            self._launch(self.maker.begin(attempt.step, self._handed, after=attempt), selector)
        else:
            self._settle(result, agenda)

    def _settle(self, result: StepResult, agenda: ReadyQueue) -> None:
        self.results[result.task] = result
        if result.status in {"succeeded", "skipped"}:
            self._hand_on(result)
            agenda.complete(result.task)
        elif result.status == "failed":
            self._failed = self._failed or result.task
        self.on_end(result)

    def _kill_rest(self) -> None:
        """Leave no process behind, whatever went wrong."""
        for attempt in self._running:
            attempt.process.send(signal.SIGKILL)
        for attempt in self._running:
            attempt.process.wait()

    def _omit(self, agenda: ReadyQueue) -> None:
        for path, waits in agenda.list_left().items():
            if waits:
                reason = f"{waits[0]!r} did not succeed"
            else:
                reason = self._stopped or f"{self._failed!r} had failed"
            self._settle(StepResult(task=path, status="omitted", message=reason), agenda)

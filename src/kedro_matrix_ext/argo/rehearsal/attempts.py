"""Attempts at steps: started, timed, and turned into results."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.nodes.quantities import GIB, parse_gib
from kedro_matrix_ext.argo.rehearsal.local.limitations import is_foreign
from kedro_matrix_ext.argo.rehearsal.process import TaskProcess, describe_exit
from kedro_matrix_ext.argo.rehearsal.report.results import StepResult
from kedro_matrix_ext.argo.rehearsal.workflow.retries import Failure, is_retried

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_matrix_ext.argo.rehearsal.local.pod_process import Pod, PodMaker
    from kedro_matrix_ext.argo.rehearsal.process import Measured
    from kedro_matrix_ext.argo.rehearsal.run_directory import RunDirectory
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

__all__ = ["Attempt", "AttemptMaker"]


@dataclass(kw_only=True)
class Attempt:
    """A running attempt at a step.

    Attributes:
        pod: What runs.
        process: Its process.
        number: How often the step was tried before.
        started: Seconds from the beginning of the rehearsal to the step's first attempt.
        deadline: When it is sent the next signal for taking too long; none where it may take as long as it
            likes.
        is_late: Whether it took too long.
    """

    pod: Pod
    process: TaskProcess
    number: int
    started: float
    deadline: float | None
    is_late: bool = False

    @property
    def step(self) -> Step:
        """What it is an attempt at."""
        return self.pod.step

    def heed_deadline(self, now: float, *, grace: float) -> None:
        """Terminate a process that takes too long, and kill it if it does not end."""
        if self.deadline is None or now < self.deadline:
            return
        self.process.send(signal.SIGKILL if self.is_late else signal.SIGTERM)
        self.deadline = None if self.is_late else now + grace
        self.is_late = True


@dataclass(kw_only=True)
class AttemptMaker:
    """Starts attempts, and returns their results.

    Attributes:
        pods: Makes pods of steps.
        journal: Where their output goes.
        folder: Where they run: the project.
        image: The project's image; what needs another one, and is not the project's code, is skipped.
    """

    pods: PodMaker
    journal: RunDirectory
    folder: Path
    image: str
    began: float = field(default_factory=time.monotonic)

    def skip(self, step: Step) -> StepResult | None:
        """Give the result of a step that is not run; none where it is."""
        if not is_foreign(step.template, self.image, self.pods.values):
            return None
        return StepResult(task=step.path, status="skipped", message="its image is not the project's")

    def begin(self, step: Step, outputs: Mapping[str, str], *, after: Attempt | None = None) -> Attempt:
        """Start an attempt."""
        number = after.number + 1 if after else 0
        pod, log = self.pods.make(step, outputs, attempt=number), self.journal.log_of(step.path)
        if after is None:
            log.unlink(missing_ok=True)
        else:
            with log.open("a") as file:
                file.write(f"--- attempt {number + 1}\n")
        for file_of_output in pod.outputs.values():
            if file_of_output.is_relative_to(self.journal.files):
                file_of_output.parent.mkdir(parents=True, exist_ok=True)
                file_of_output.unlink(missing_ok=True)
        now = time.monotonic()
        seconds = step.template.active_deadline_seconds
        return Attempt(
            pod=pod,
            process=TaskProcess(pod.command, environment=pod.environment, folder=self.folder, log=log),
            number=number,
            started=after.started if after else round(now - self.began, 3),
            deadline=None if seconds is None else now + seconds,
        )

    def finish(self, attempt: Attempt, *, stopped: str | None) -> StepResult:
        """Return the outcome of an attempt whose process has ended."""
        measured = attempt.process.wait()
        result = self._describe(attempt, measured)
        if measured.exit_code == 0:
            return self._read_outputs(attempt, result)
        if stopped is not None:
            return replace(result, status="stopped", message=stopped)
        if attempt.is_late:
            seconds = attempt.step.template.active_deadline_seconds
            return replace(result, message=f"took longer than its activeDeadlineSeconds, {seconds}")
        return replace(result, message=describe_exit(measured.exit_code))

    def is_retried(self, attempt: Attempt, result: StepResult) -> bool:
        """Return whether a failed attempt is followed by another."""
        failure = Failure(result.exit_code or 0, attempt.number, result.seconds or 0.0)
        return is_retried(attempt.step.template.retry_strategy, failure)

    def _describe(self, attempt: Attempt, measured: Measured) -> StepResult:
        step = attempt.step
        limit = step.template.container.resources.limits.get("memory") if step.template.container else None
        return StepResult(
            task=step.path,
            status="succeeded" if measured.exit_code == 0 else "failed",
            nodes=step.nodes,
            exit_code=measured.exit_code,
            attempts=attempt.number + 1,
            started=attempt.started,
            seconds=measured.seconds,
            cpu_seconds=measured.cpu_seconds,
            peak_memory_bytes=measured.peak_memory_bytes,
            memory_limit_bytes=round(parse_gib(limit) * GIB) if limit else None,
        )

    @staticmethod
    def _read_outputs(attempt: Attempt, result: StepResult) -> StepResult:
        try:
            outputs = {
                name: file.read_text(encoding="utf-8").removesuffix("\n")
                for name, file in attempt.pod.outputs.items()
            }
        except (OSError, UnicodeDecodeError) as error:
            return replace(result, status="failed", message=f"its outputs cannot be read: {error}")
        return replace(result, outputs=outputs)

"""The result of a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kedro_matrix_ext._json_lines import is_measure

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Status", "StepResult"]

Status = Literal["succeeded", "failed", "stopped", "omitted", "skipped"]


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The result of a step.

    Attributes:
        task: The step's path.
        status: ``succeeded``; ``failed``; ``stopped`` from outside, or when it took too long; ``omitted``,
            as what it depends on did not succeed; ``skipped``, as its image is not the project's.
        nodes: The Kedro nodes it runs.
        message: Why it did not succeed.
        exit_code: Its last attempt's exit code.
        attempts: How often it was started.
        started: Seconds from the beginning of the rehearsal to its first attempt.
        seconds: How long its last attempt took.
        cpu_seconds: CPU time of the last attempt.
        peak_memory_bytes: The most memory that one process of the last attempt held.
        memory_limit_bytes: What the cluster would let it have.
        outputs: Its outputs.
        earlier: Whether this is what an earlier rehearsal found, which this one resumes.
    """

    task: str
    status: Status
    nodes: tuple[str, ...] = ()
    message: str = ""
    exit_code: int | None = None
    attempts: int = 0
    started: float | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    earlier: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether a file holds such values, as far as reports rely on them."""
        measures = (self.started, self.seconds, self.cpu_seconds, self.attempts)
        sizes = (self.peak_memory_bytes, self.memory_limit_bytes)
        texts = (self.task, self.status, self.message, *self.nodes)
        is_text = all(isinstance(text, str) for text in texts) and isinstance(self.outputs, dict)
        return is_text and self.attempts is not None and all(map(is_measure, (*measures, *sizes)))

    @property
    def is_too_large(self) -> bool:
        """Whether the cluster would have killed it for its memory."""
        peak, limit = self.peak_memory_bytes, self.memory_limit_bytes
        return peak is not None and limit is not None and peak > limit

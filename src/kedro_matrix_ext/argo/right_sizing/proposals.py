"""What tasks should ask for, by what they needed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.nodes.quantities import GIB

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig
    from kedro_matrix_ext.argo.plan.model import Plan, Task
    from kedro_matrix_ext.argo.right_sizing.measurements import Measured, Measurements

__all__ = ["HEADROOM", "TaskSize", "propose_sizes"]

HEADROOM = 0.25
_HOUR = 3600
# Up to how much, rounded up to multiples of what.
_MEMORY_STEPS = ((4, 0.25), (16, 0.5), (math.inf, 1.0))
_CPU_STEPS = ((2, 0.25), (8, 0.5), (math.inf, 1.0))


@dataclass(frozen=True, kw_only=True)
class TaskSize:
    """A task, what it needed, and what it should request.

    Attributes:
        task: The task of the plan.
        measured: What it needed; none where it was not measured.
        proposed: What it should request; unchanged where it was not measured.
    """

    task: Task
    measured: Measured | None
    proposed: ArgoResourceConfig

    def core_hours(self, resources: ArgoResourceConfig) -> float:
        """Return the cores requested times the hours of a run; 0 where it was not measured."""
        return resources.cpu_request * self._hours

    def gib_hours(self, resources: ArgoResourceConfig) -> float:
        """Return the GiB requested times the hours of a run; 0 where it was not measured."""
        return resources.memory_request * self._hours

    @property
    def _hours(self) -> float:
        return self.measured.seconds / _HOUR if self.measured else 0.0


def propose_sizes(plan: Plan, measurements: Measurements, *, headroom: float = HEADROOM) -> list[TaskSize]:
    """Propose resources for each task of a plan.

    Memory becomes request and limit alike. The CPU request becomes the average of busy cores; the limit
    stays, so that bursts are not slowed down. GPUs and scratch storage stay.

    Raises:
        ValueError: If the headroom is negative.

    Examples:
        >>> from kedro_matrix_ext.argo import ArgoResourceConfig, Plan, Task
        >>> from kedro_matrix_ext.argo.right_sizing import Measured, Measurements
        >>> task = Task(name="train", nodes=("train",), resources=ArgoResourceConfig())
        >>> plan = Plan(pipeline="ds", env="cloud", group_by="node", tasks=(task,))
        >>> once = Measured.of(seconds=60.0, cpu_seconds=90.0, peak_memory_bytes=3 * 2**30)
        >>> propose_sizes(plan, Measurements(nodes={"train": once}))[0].proposed.requests
        {'cpu': '2', 'memory': '3840Mi'}
    """
    if headroom < 0:
        raise ValueError(f"the headroom is {headroom}, and must not be negative")
    return [_propose(task, measurements.of_task(task.nodes), headroom) for task in plan.tasks]


def _propose(task: Task, measured: Measured | None, headroom: float) -> TaskSize:
    if measured is None:
        return TaskSize(task=task, measured=None, proposed=task.resources)
    memory = _round_up(measured.peak_memory_bytes / GIB * (1 + headroom), _MEMORY_STEPS)
    cores = _round_up(measured.cores * (1 + headroom), _CPU_STEPS)
    proposed = task.resources.model_copy(
        update={
            "cpu_request": cores,
            "cpu_limit": max(cores, task.resources.cpu_limit),
            "memory_request": memory,
            "memory_limit": memory,
        }
    )
    return TaskSize(task=task, measured=measured, proposed=proposed)


def _round_up(amount: float, steps: tuple[tuple[float, float], ...]) -> float:
    """Round up to a multiple of the step for amounts of this size; at least one step."""
    step = next(step for most, step in steps if amount <= most)
    return round(max(1, math.ceil(round(amount / step, 6))) * step, 6)

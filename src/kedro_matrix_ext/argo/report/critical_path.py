"""A plan in time: its longest chain of nodes, and the most it requests at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.plan.graph_algorithms import measure_longest_paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig
    from kedro_matrix_ext.argo.plan.model import Task

__all__ = ["Demand", "Schedule", "schedule_tasks"]


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What tasks request together.

    Attributes:
        tasks: How many tasks there are.
        cpu: Cores.
        memory: GiB.
        gpus: GPUs.
    """

    tasks: int = 0
    cpu: float = 0
    memory: float = 0
    gpus: int = 0

    def add(self, resources: ArgoResourceConfig, sign: int = 1) -> Demand:
        """Return the demand with one task more (sign 1) or one less (sign -1)."""
        return Demand(
            tasks=self.tasks + sign,
            cpu=round(self.cpu + sign * resources.cpu_request, 3),
            memory=round(self.memory + sign * resources.memory_request, 3),
            gpus=self.gpus + sign * resources.num_gpus,
        )


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A plan in time, where every node takes one step and every task starts as soon as it can.

    Attributes:
        depth: The number of tasks before each task on the longest path to it.
        critical_path: The tasks of the longest chain of nodes, in order.
        steps: The number of nodes in that chain.
        total: What all tasks request.
        peak: The most tasks, and the most of each resource, at any moment; each may have another moment.
    """

    depth: Mapping[str, int]
    critical_path: tuple[str, ...]
    steps: int
    total: Demand
    peak: Demand


def schedule_tasks(tasks: Sequence[Task]) -> Schedule:
    """Schedule tasks that are in topological order, as those of a plan are."""
    number = {task.name: index for index, task in enumerate(tasks)}
    parents = [[number[name] for name in task.depends_on] for task in tasks]
    depth = measure_longest_paths(parents)
    end = measure_longest_paths(parents, [len(task.nodes) for task in tasks])
    return Schedule(
        depth={task.name: levels - 1 for task, levels in zip(tasks, depth, strict=True)},
        critical_path=_trace_back(tasks, end, number),
        steps=max(end, default=0),
        total=_sum_demand(tasks),
        peak=_find_peak(tasks, end),
    )


def _trace_back(tasks: Sequence[Task], end: Sequence[int], number: Mapping[str, int]) -> tuple[str, ...]:
    candidates: Sequence[str] = tuple(number)
    path: list[str] = []
    while candidates:
        path.append(max(candidates, key=lambda name: (end[number[name]], name)))
        candidates = tasks[number[path[-1]]].depends_on
    return tuple(reversed(path))


def _sum_demand(tasks: Sequence[Task]) -> Demand:
    total = Demand()
    for task in tasks:
        total = total.add(task.resources)
    return total


def _find_peak(tasks: Sequence[Task], end: Sequence[int]) -> Demand:
    """Visit starts and ends in time; a task that ends frees its resources for one that starts then."""
    events = [(last, -1, task) for last, task in zip(end, tasks, strict=True)]
    events += [(last - len(task.nodes), 1, task) for last, task in zip(end, tasks, strict=True)]
    now, peak = Demand(), Demand()
    for _, sign, task in sorted(events, key=lambda event: event[:2]):
        now = now.add(task.resources, sign)
        peak = Demand(
            tasks=max(peak.tasks, now.tasks),
            cpu=max(peak.cpu, now.cpu),
            memory=max(peak.memory, now.memory),
            gpus=max(peak.gpus, now.gpus),
        )
    return peak

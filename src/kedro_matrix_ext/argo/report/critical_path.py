"""How a plan runs where nothing holds it up: its longest chain, and what it needs at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig
    from kedro_matrix_ext.argo.plan.model import Task

__all__ = ["Demand", "Schedule", "schedule_tasks"]


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What tasks request together.

    Attributes:
        tasks: How many there are.
        cpu: Cores.
        memory: GiB.
        gpus: GPUs.
    """

    tasks: int = 0
    cpu: float = 0
    memory: float = 0
    gpus: int = 0

    def add(self, resources: ArgoResourceConfig, sign: int = 1) -> Demand:
        """Give the demand with a task more, or one less.

        Args:
            resources: What the task requests.
            sign: 1 for more, -1 for less.

        Returns:
            The new demand.
        """
        return Demand(
            tasks=self.tasks + sign,
            cpu=round(self.cpu + sign * resources.cpu_request, 3),
            memory=round(self.memory + sign * resources.memory_request, 3),
            gpus=self.gpus + sign * resources.num_gpus,
        )


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A plan in time, every node taking one step and every task starting as soon as it can.

    Attributes:
        depth: Per task how many tasks lie before it on its longest way.
        critical_path: The tasks of the longest chain of nodes, in order.
        steps: How many nodes that chain has.
        total: What all tasks request.
        peak: The most tasks at once, and the most of each resource at once; not all need be at one moment.
    """

    depth: Mapping[str, int]
    critical_path: tuple[str, ...]
    steps: int
    total: Demand
    peak: Demand


def schedule_tasks(tasks: Sequence[Task]) -> Schedule:
    """Lay tasks out in time.

    Args:
        tasks: In an order in which they can run, as a plan has them.

    Returns:
        The schedule.
    """
    depth: dict[str, int] = {}
    end: dict[str, int] = {}
    before: dict[str, str | None] = {}
    for task in tasks:
        last = max(task.depends_on, key=lambda name: (end[name], name), default=None)
        before[task.name] = last
        depth[task.name] = 1 + max((depth[name] for name in task.depends_on), default=-1)
        end[task.name] = len(task.nodes) + (end[last] if last is not None else 0)
    return Schedule(
        depth=depth,
        critical_path=_trace_back(before, end),
        steps=max(end.values(), default=0),
        total=_sum_demand(tasks),
        peak=_find_peak(tasks, end),
    )


def _trace_back(before: Mapping[str, str | None], end: Mapping[str, int]) -> tuple[str, ...]:
    name = max(end, key=lambda each: (end[each], each), default=None)
    path: list[str] = []
    while name is not None:
        path.append(name)
        name = before[name]
    return tuple(reversed(path))


def _sum_demand(tasks: Sequence[Task]) -> Demand:
    total = Demand()
    for task in tasks:
        total = total.add(task.resources)
    return total


def _find_peak(tasks: Sequence[Task], end: Mapping[str, int]) -> Demand:
    """Go through starts and ends in time; what ends makes room for what starts at that moment."""
    events = [(end[task.name], -1, task) for task in tasks]
    events += [(end[task.name] - len(task.nodes), 1, task) for task in tasks]
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

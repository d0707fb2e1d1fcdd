"""The tasks of a plan as a graph of numbers, in topological order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.plan.graph_algorithms import join_connected
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = ["TaskGraph", "find_components", "number_tasks", "order_depth_first"]


@dataclass(frozen=True)
class TaskGraph:
    """Tasks by number, in topological order.

    Attributes:
        parents: The numbers of the tasks that each task depends on.
    """

    parents: list[list[int]]

    def __len__(self) -> int:
        return len(self.parents)


def number_tasks(plan: Plan) -> TaskGraph:
    """Number the tasks of a plan in its order.

    Raises:
        ArgoError: If two tasks have the same name, or a task comes before one it depends on.
    """
    number: dict[str, int] = {}
    parents = []
    for task in plan.tasks:
        missing = [name for name in task.depends_on if name not in number]
        if missing or task.name in number:
            problem = (
                f"depends on {missing[0]!r}, which is not before it" if missing else "is in the plan twice"
            )
            raise ArgoError(
                f"task {task.name!r} {problem}",
                hint="Plans that build_plan returns are in order; this one was made or changed elsewhere.",
            )
        parents.append([number[name] for name in task.depends_on])
        number[task.name] = len(number)
    return TaskGraph(parents)


def order_depth_first(graph: TaskGraph) -> list[int]:
    """Return each task's position in a topological order that keeps chains together."""
    children: list[list[int]] = [[] for _ in graph.parents]
    waiting = []
    for task, parents in enumerate(graph.parents):
        waiting.append(len(parents))
        for parent in parents:
            children[parent].append(task)
    position = [0] * len(graph)
    ready = [task for task in range(len(graph) - 1, -1, -1) if not waiting[task]]
    count = 0
    while ready:
        task = ready.pop()
        position[task] = count
        count += 1
        for child in reversed(children[task]):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    return position


def find_components(graph: TaskGraph, tasks: Sequence[int]) -> list[list[int]]:
    """Return the connected components among some tasks, given in ascending order.

    Dependencies on other tasks are ignored. Components come in the order of their first tasks.
    """
    included = set(tasks)
    joined = join_connected(
        len(graph), ((task, other) for task in tasks for other in graph.parents[task] if other in included)
    )
    components: dict[int, list[int]] = {}
    for task in tasks:
        components.setdefault(joined[task], []).append(task)
    return list(components.values())

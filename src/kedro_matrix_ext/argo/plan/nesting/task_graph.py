"""The graph of a plan's tasks by number, and what is measured on it in linear time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = ["TaskGraph", "find_components", "measure_levels", "number_tasks", "order_depth_first"]


@dataclass(frozen=True)
class TaskGraph:
    """Tasks by number, in topological order.

    Attributes:
        above: Per task the tasks it depends on.
    """

    above: list[list[int]]

    def __len__(self) -> int:
        return len(self.above)


def number_tasks(plan: Plan) -> TaskGraph:
    """Number the tasks of a plan in its order.

    Args:
        plan: The plan.

    Returns:
        The graph.

    Raises:
        ArgoError: If two tasks share a name, or one stands before a task it depends on.
    """
    number: dict[str, int] = {}
    above = []
    for task in plan.tasks:
        missing = [name for name in task.depends_on if name not in number]
        if missing or task.name in number:
            raise ArgoError(
                f"task {task.name!r} "
                + (
                    f"depends on {missing[0]!r}, which is not before it"
                    if missing
                    else "is in the plan twice"
                ),
                hint="Plans made by build_plan are in order; this one was made or changed by other means.",
            )
        above.append([number[name] for name in task.depends_on])
        number[task.name] = len(number)
    return TaskGraph(above)


def measure_levels(graph: TaskGraph) -> list[int]:
    """Count, per task, the tasks on the longest path that ends with it."""
    levels: list[int] = []
    for above in graph.above:
        levels.append(1 + max((levels[task] for task in above), default=0))
    return levels


def order_depth_first(graph: TaskGraph) -> list[int]:
    """Number tasks so that chains stay together, each task still after all it depends on.

    Args:
        graph: The tasks.

    Returns:
        Per task its place.
    """
    below: list[list[int]] = [[] for _ in graph.above]
    waiting = []
    for task, above in enumerate(graph.above):
        waiting.append(len(above))
        for other in above:
            below[other].append(task)
    place = [0] * len(graph)
    ready = [task for task in range(len(graph) - 1, -1, -1) if not waiting[task]]
    count = 0
    while ready:
        task = ready.pop()
        place[task] = count
        count += 1
        for other in reversed(below[task]):
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return place


def find_components(graph: TaskGraph, tasks: Sequence[int]) -> list[list[int]]:
    """Find which tasks hang together, dependencies on others than these left aside.

    Args:
        graph: All tasks.
        tasks: Those to look at, ascending.

    Returns:
        The components in the order of their first tasks, each ascending.
    """
    root = [-1] * len(graph)
    for task in tasks:
        root[task] = task
    for task in tasks:
        mine = _find(root, task)
        for other in graph.above[task]:
            if root[other] >= 0:
                theirs = _find(root, other)
                if theirs < mine:
                    root[mine] = mine = theirs
                elif theirs > mine:
                    root[theirs] = mine
    components: dict[int, list[int]] = {}
    for task in tasks:
        components.setdefault(_find(root, task), []).append(task)
    return list(components.values())


def _find(root: list[int], task: int) -> int:
    """Give what stands for the set a task is in, and shorten the way there."""
    while (up := root[task]) != task:
        root[task] = task = root[up]
    return task

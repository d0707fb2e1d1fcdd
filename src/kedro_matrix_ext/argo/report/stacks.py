"""Find equal tasks, such as those of a pipeline's variants, which a page can show as one stack."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from kedro_matrix_ext.argo.plan.model import Task

__all__ = ["SMALLEST_STACK", "family_of", "find_stacks", "natural_order", "title_of"]

SMALLEST_STACK = 3
_DIGITS = re.compile(r"\d+")


def family_of(task: Task) -> str:
    """Return what sets a task's colour: the outermost namespace of its nodes, else its pipelines."""
    namespace, dot, _ = task.nodes[0].partition(".")
    return namespace if dot else ", ".join(task.pipelines)


def find_stacks(tasks: Sequence[Task], depth: Mapping[str, int]) -> list[list[str]]:
    """Group tasks that have the same nodes, resources and kinds of neighbours.

    Nodes are compared without namespace and numbers. Groups are refined until the neighbours of all members
    are in the same groups, as in partition refinement (Hopcroft, 1971).
    """
    after = defaultdict(list)
    for task in tasks:
        for parent in task.depends_on:
            after[parent].append(task.name)
    groups = _number({task.name: _describe(task, depth) for task in tasks})
    while True:
        refined = _number(
            {
                task.name: (
                    groups[task.name],
                    frozenset(groups[name] for name in task.depends_on),
                    frozenset(groups[name] for name in after[task.name]),
                )
                for task in tasks
            }
        )
        if len(set(refined.values())) == len(set(groups.values())):
            break
        groups = refined
    sizes = Counter(groups.values())
    stacks = defaultdict(list)
    for task in tasks:
        if sizes[groups[task.name]] >= SMALLEST_STACK:
            stacks[groups[task.name]].append(task.name)
    return [sorted(names, key=natural_order) for names in stacks.values()]


def title_of(names: Sequence[str]) -> str:
    """Return the common start and end of names, with a star for what differs.

    Examples:
        >>> title_of(["price-v1-train", "price-v2-train", "price-v10-train"])
        'price-*-train'
    """
    parts = [name.split("-") for name in names]
    shortest = min(map(len, parts)) - 1
    start = _count_equal([part[:shortest] for part in parts])
    end = _count_equal([part[start:][::-1][: shortest - start] for part in parts])
    first = parts[0]
    return "-".join([*first[:start], "*", *first[len(first) - end :]])


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return a sort key that puts ``v2`` before ``v10``.

    Examples:
        >>> sorted(["v10", "v2", "v"], key=natural_order)
        ['v', 'v2', 'v10']
    """
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def _count_equal(rows: Sequence[Sequence[str]]) -> int:
    """Return how many words from the start are the same in all rows."""
    columns = zip(*rows, strict=False)
    return next((count for count, column in enumerate(columns) if len(set(column)) > 1), min(map(len, rows)))


def _describe(task: Task, depth: Mapping[str, int]) -> Hashable:
    nodes = tuple(_DIGITS.sub("#", node.rpartition(".")[2]) for node in task.nodes)
    requests = tuple(task.resources.requests.items())
    return depth[task.name], family_of(task), nodes, requests, task.template, task.image


def _number(kinds: Mapping[str, Hashable]) -> dict[str, int]:
    numbers: dict[Hashable, int] = {}
    return {name: numbers.setdefault(kind, len(numbers)) for name, kind in kinds.items()}

"""The position of each task on the page: layers from left to right, wide layers in several columns."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.argo.plan.model import Task

__all__ = ["Layout", "family_of", "lay_out"]

_WIDTH, _HEIGHT = 204, 40  # of a box
_COLUMN, _LAYER, _ROW = 220, 284, 52  # from box to box: within a layer, between layers, downwards
_MARGIN = 24
_ASPECT = 1.6  # width to height of the whole, as screens have
_SWEEPS = 4


@dataclass(frozen=True)
class Layout:
    """Boxes on a page.

    Attributes:
        place: Per task the left and upper edge of its box.
        box: Width and height of a box.
        size: Width and height of the whole.
    """

    place: Mapping[str, tuple[int, int]]
    box: tuple[int, int]
    size: tuple[int, int]


def family_of(task: Task) -> str:
    """Return what sets a task's colour: the outermost namespace of its nodes, else its pipelines."""
    namespace, dot, _ = task.nodes[0].partition(".")
    return namespace if dot else ", ".join(task.pipelines)


def lay_out(tasks: Sequence[Task], depth: Mapping[str, int]) -> Layout:
    """Place tasks so that data flows from left to right and related tasks are close to each other."""
    rows = max(8, math.ceil(math.sqrt(len(tasks) * _LAYER / _ROW / _ASPECT)))
    place: dict[str, tuple[int, int]] = {}
    left, height = _MARGIN, 0
    for layer in _order_layers(tasks, depth):
        columns = math.ceil(len(layer) / rows)
        per_column = math.ceil(len(layer) / columns)
        for number, name in enumerate(layer):
            column, row = divmod(number, per_column)
            place[name] = (left + column * _COLUMN, _MARGIN + row * _ROW)
        height = max(height, per_column * _ROW)
        left += (columns - 1) * _COLUMN + _LAYER
    size = (left - (_LAYER - _WIDTH) + _MARGIN, height - (_ROW - _HEIGHT) + 2 * _MARGIN)
    return Layout(place=place, box=(_WIDTH, _HEIGHT), size=size)


def _order_layers(tasks: Sequence[Task], depth: Mapping[str, int]) -> list[list[str]]:
    """Order each layer by family, then by the positions of neighbours (barycentres, back and forth)."""
    family = {task.name: family_of(task) for task in tasks}
    before = {task.name: task.depends_on for task in tasks}
    after: dict[str, list[str]] = defaultdict(list)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for task in tasks:
        layers[depth[task.name]].append(task.name)
        for parent in task.depends_on:
            after[parent].append(task.name)
    for sweep in range(_SWEEPS):
        neighbours: Mapping[str, Sequence[str]] = after if sweep % 2 else before
        position = {name: row / len(layer) for layer in layers for row, name in enumerate(layer)}
        for layer in reversed(layers) if sweep % 2 else layers:
            layer.sort(key=lambda name: (family[name], _middle(name, neighbours, position), name))
            position.update({name: row / len(layer) for row, name in enumerate(layer)})
    return layers


def _middle(name: str, neighbours: Mapping[str, Sequence[str]], position: Mapping[str, float]) -> float:
    around = neighbours.get(name, ())
    return sum(position[other] for other in around) / len(around) if around else position[name]

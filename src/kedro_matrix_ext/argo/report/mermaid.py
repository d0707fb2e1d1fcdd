"""A plan as a mermaid graph, for GitHub, MkDocs and Kedro-Viz."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.plan.model import Plan, Task

__all__ = ["render_mermaid"]


def render_mermaid(plan: Plan) -> str:
    """Write a plan as a mermaid flowchart, without a final newline."""
    ids = {task.name: f"t{number}" for number, task in enumerate(plan.tasks)}
    boxes = [f'    {ids[task.name]}["{_label(task)}"]' for task in plan.tasks]
    arrows = [f"    {ids[parent]} --> {ids[task.name]}" for task in plan.tasks for parent in task.depends_on]
    return "\n".join(["flowchart LR", *boxes, *arrows])


def _label(task: Task) -> str:
    """Write a task's name and size; names contain no character that is special to mermaid."""
    return task.name if len(task.nodes) == 1 else f"{task.name}<br/>{len(task.nodes)} nodes"

"""DAG templates: one with all tasks, or one over several where there are more than Argo takes in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.constants import ENTRYPOINT
from kedro_matrix_ext.argo.plan.nesting.dag_groups import nest_tasks
from kedro_matrix_ext.argo.template_tags.syntax import input_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.manifest.container_templates import ContainerTemplate
    from kedro_matrix_ext.argo.manifest.init_templates import InitTemplate
    from kedro_matrix_ext.argo.manifest.naming import NameTable
    from kedro_matrix_ext.argo.manifest.node_ids import NodePath
    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.argo.plan.nesting.partition import Partition

__all__ = ["Dags", "build_dags"]

PART = "part"


@dataclass(frozen=True)
class Dags:
    """The DAG templates of a manifest.

    Attributes:
        templates: The entrypoint first.
        paths: Where each task is, for the check of node ids.
        partition: How the tasks are split over nested DAGs, if they are.
    """

    templates: list[dict[str, Any]]
    paths: list[NodePath]
    partition: Partition | None


def build_dags(
    plan: Plan,
    container_templates: list[ContainerTemplate],
    inits: list[InitTemplate],
    *,
    names: NameTable,
    task_names: NameTable,
) -> Dags:
    """Write the DAG templates."""
    partition = nest_tasks(plan, init_tasks=len(inits), templates=len(names))
    init_tasks = [
        _task(init.task, init.name, (inits[number - 1].task,) if number else (), [])
        for number, init in enumerate(inits)
    ]
    paths = [("", init.task) for init in inits]
    outputs = [{"name": output.name, "value": output.reference} for init in inits for output in init.outputs]
    first = tuple(init.task for init in inits[-1:])
    if partition is None:
        everything = range(len(plan.tasks))
        tasks = _render_tasks(plan, container_templates, everything, outputs=outputs, first=first)
        paths += [("", task.name) for task in plan.tasks]
        return Dags([_dag(ENTRYPOINT, [*init_tasks, *tasks])], paths, None)
    dags: list[dict[str, Any]] = []
    part_tasks: list[dict[str, Any]] = []
    inner = [{"name": output["name"], "value": input_tag(output["name"])} for output in outputs]
    for part, needs in zip(partition.parts, partition.needs, strict=True):
        name = task_names.add(f"{PART}-{len(dags) + 1}")
        template = names.add(name)
        tasks = _render_tasks(plan, container_templates, part, outputs=inner, first=())
        dags.append(_dag(template, tasks, inputs=[output["name"] for output in outputs]))
        before = tuple(part_tasks[need]["name"] for need in needs) or first
        part_tasks.append(_task(name, template, before, outputs))
        paths += [("", name), *((name, plan.tasks[task].name) for task in part)]
    return Dags([_dag(ENTRYPOINT, [*init_tasks, *part_tasks]), *dags], paths, partition)


def _render_tasks(
    plan: Plan,
    container_templates: list[ContainerTemplate],
    part: Sequence[int],
    *,
    outputs: list[dict[str, str]],
    first: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Write the tasks of one DAG; what they depend on outside of it is the matter of the DAG around it."""
    tasks = [plan.tasks[number] for number in part]
    inside = {task.name for task in tasks}
    return [
        _task(
            task.name,
            container_templates[number].name,
            tuple(name for name in task.depends_on if name in inside) or first,
            [*container_templates[number].arguments(task), *outputs],
        )
        for number, task in zip(part, tasks, strict=True)
    ]


def _task(
    name: str, template: str, before: tuple[str, ...], arguments: list[dict[str, str]]
) -> dict[str, Any]:
    task: dict[str, Any] = {"name": name, "template": template}
    if before:
        task["depends"] = " && ".join(before)
    if arguments:
        task["arguments"] = {"parameters": arguments}
    return task


def _dag(name: str, tasks: list[dict[str, Any]], *, inputs: Sequence[str] = ()) -> dict[str, Any]:
    declared = {"inputs": {"parameters": [{"name": name} for name in inputs]}} if inputs else {}
    return {"name": name, **declared, "dag": {"tasks": tasks}}

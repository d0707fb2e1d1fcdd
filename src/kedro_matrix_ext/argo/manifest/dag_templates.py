"""DAG templates: one with all tasks, or one over several where there are more than Argo takes in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.constants import DAG_LIMIT, ENTRYPOINT, TEMPLATE_LIMIT
from kedro_matrix_ext.argo.manifest.init_templates import name_init_templates
from kedro_matrix_ext.argo.plan.nesting.partition import partition_tasks
from kedro_matrix_ext.argo.plan.nesting.task_graph import number_tasks
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.manifest.container_templates import ContainerTemplate
    from kedro_matrix_ext.argo.manifest.init_templates import InitTemplate
    from kedro_matrix_ext.argo.manifest.naming import NameTable
    from kedro_matrix_ext.argo.manifest.node_ids import NodePath
    from kedro_matrix_ext.argo.plan.nesting.partition import Partition
    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = ["Dags", "build_dags", "cut_plan", "describe_cut", "note_cut"]

PART = "part"


@dataclass(frozen=True)
class Dags:
    """The DAG templates of a manifest.

    Attributes:
        templates: The entrypoint first.
        paths: Where each task is, for the check of node ids.
        cut: How the tasks are divided, if they are.
    """

    templates: list[dict[str, Any]]
    paths: list[NodePath]
    cut: Partition | None


def cut_plan(plan: Plan, *, beside: int = 0, templates: int = 2) -> Partition | None:
    """Divide the tasks of a plan, where one DAG does not hold them.

    Args:
        plan: The plan.
        beside: How many tasks (init templates) share the outermost DAG.
        templates: How many templates there are besides the parts.

    Returns:
        The parts, or none where one DAG holds all tasks.

    Raises:
        ArgoError: If there are more tasks than Argo takes in any division.
    """
    if len(plan.tasks) + beside <= DAG_LIMIT:
        return None
    most = min(DAG_LIMIT - beside, TEMPLATE_LIMIT - templates)
    cut = partition_tasks(number_tasks(plan), size=DAG_LIMIT, most=most)
    if cut is None:
        raise ArgoError(
            f"{len(plan.tasks)} tasks are more than Argo takes: {max(0, most)} groups of {DAG_LIMIT} "
            f"beside {templates} other templates",
            hint="Group nodes into fewer tasks, for instance with '--group-by namespace' or "
            "'--group-by chain', or ask for fewer different resources.",
        )
    return cut


def describe_cut(cut: Partition) -> str:
    """Say what dividing the tasks costs.

    Args:
        cut: The parts.

    Returns:
        One sentence.
    """
    divided = f"{sum(map(len, cut.parts))} tasks run as {len(cut.parts)} groups of at most {DAG_LIMIT}"
    if cut.path == cut.shortest:
        return f"{divided}; the longest path stays at {cut.path} tasks."
    longer = f"the longest path is {cut.path} tasks, not {cut.shortest}"
    return f"{divided}; as a group waits for whole groups, {longer}."


def note_cut(plan: Plan, config: ArgoConfig) -> str | None:
    """Say what dividing the tasks of a plan will cost, before there is a manifest.

    Args:
        plan: The plan.
        config: ``argo.yml``, whose init templates share the outermost DAG.

    Returns:
        One sentence; none where one DAG holds all tasks.
    """
    try:
        cut = cut_plan(plan, beside=len(name_init_templates(config)))
    except ArgoError as error:
        return error.message
    return describe_cut(cut) if cut else None


def build_dags(
    plan: Plan,
    leaves: list[ContainerTemplate],
    inits: list[InitTemplate],
    *,
    names: NameTable,
    task_names: NameTable,
) -> Dags:
    """Write the DAG templates.

    Args:
        plan: The plan.
        leaves: Per task of the plan its leaf template.
        inits: What runs before all tasks.
        names: The names of templates given so far; gets those of the parts.
        task_names: The names of tasks given so far; gets those of the parts.

    Returns:
        The templates.
    """
    cut = cut_plan(plan, beside=len(inits), templates=len(names))
    init_tasks = [{"name": init.task, "template": init.name} for init in inits]
    paths = [("", init.task) for init in inits]
    outputs = [{"name": output.name, "value": output.reference} for init in inits for output in init.outputs]
    first = tuple(init.task for init in inits)
    if cut is None:
        everything = range(len(plan.tasks))
        tasks = _render_tasks(plan, leaves, everything, outputs=outputs, first=first)
        paths += [("", task.name) for task in plan.tasks]
        return Dags([_dag(ENTRYPOINT, [*init_tasks, *tasks])], paths, None)
    dags: list[dict[str, Any]] = []
    part_tasks: list[dict[str, Any]] = []
    inner = [
        {"name": output["name"], "value": f"{{{{inputs.parameters.{output['name']}}}}}"} for output in outputs
    ]
    for part, needs in zip(cut.parts, cut.needs, strict=True):
        name = task_names.add(f"{PART}-{len(dags) + 1}")
        template = names.add(name)
        tasks = _render_tasks(plan, leaves, part, outputs=inner, first=())
        dags.append(_dag(template, tasks, inputs=[output["name"] for output in outputs]))
        before = tuple(part_tasks[need]["name"] for need in needs) or first
        part_tasks.append(_task(name, template, before, outputs))
        paths += [("", name), *((name, plan.tasks[task].name) for task in part)]
    return Dags([_dag(ENTRYPOINT, [*init_tasks, *part_tasks]), *dags], paths, cut)


def _render_tasks(
    plan: Plan,
    leaves: list[ContainerTemplate],
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
            leaves[number].name,
            tuple(name for name in task.depends_on if name in inside) or first,
            [*leaves[number].arguments(task), *outputs],
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

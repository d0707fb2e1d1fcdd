"""Whether a plan fits into one DAG, how its tasks are split over several, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.configuration.init_templates import name_init_templates
from kedro_matrix_ext.argo.constants import DAG_LIMIT, TEMPLATE_LIMIT
from kedro_matrix_ext.argo.plan.nesting.partition import partition_tasks
from kedro_matrix_ext.argo.plan.nesting.task_graph import number_tasks
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.argo.plan.nesting.partition import Partition

__all__ = ["describe_nesting", "nest_tasks", "note_nesting"]


def nest_tasks(plan: Plan, *, init_tasks: int = 0, templates: int = 2) -> Partition | None:
    """Split the tasks of a plan over nested DAGs where one DAG does not hold them.

    Raises:
        ArgoError: If there are more tasks than Argo takes, however they are split.
    """
    if len(plan.tasks) + init_tasks <= DAG_LIMIT:
        return None
    most = min(DAG_LIMIT - init_tasks, TEMPLATE_LIMIT - templates)
    partition = partition_tasks(number_tasks(plan), size=DAG_LIMIT, most=most)
    if partition is None:
        raise ArgoError(
            f"{len(plan.tasks)} tasks are more than Argo takes: {max(0, most)} groups of {DAG_LIMIT} "
            f"besides {templates} other templates",
            hint="Group nodes into fewer tasks, for instance with '--group-by namespace' or "
            "'--group-by chain', or request fewer different resources.",
        )
    return partition


def describe_nesting(partition: Partition) -> str:
    """Say in one sentence how the tasks are split and what that costs."""
    groups = f"{sum(map(len, partition.parts))} tasks run as {len(partition.parts)} groups"
    split = f"{groups} of at most {DAG_LIMIT}"
    if partition.path == partition.shortest:
        return f"{split}; the longest path stays at {partition.path} tasks."
    longer = f"the longest path is {partition.path} tasks, not {partition.shortest}"
    return f"{split}; as a group waits for whole groups, {longer}."


def note_nesting(plan: Plan, config: ArgoConfig) -> str | None:
    """Say what splitting the tasks of a plan costs, or none where one DAG holds them all."""
    try:
        partition = nest_tasks(plan, init_tasks=len(name_init_templates(config)))
    except ArgoError as error:
        return error.message
    return describe_nesting(partition) if partition else None

"""The grouping: nodes that no group names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.findings import Location, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_ungrouped_nodes"]


def find_ungrouped_nodes(context: CheckContext) -> Iterator[Finding]:
    """Note the nodes that are in no group of a grouping by names."""
    plan = context.plan
    if plan.ungrouped:
        yield finding(
            "ungrouped-nodes",
            f"grouping {plan.group_by!r} has no group for {len(plan.ungrouped)} of {len(plan.nodes)} nodes: "
            f"{', '.join(map(repr, plan.ungrouped))}",
            location=Location(env=plan.env),
            task=context.task_of[plan.ungrouped[0]],
            node=plan.ungrouped[0],
        )

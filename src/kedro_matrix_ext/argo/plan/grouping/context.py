"""What grouping strategies read besides the graph, and what they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.plan.grouping.splitting import GroupKey
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.plan.placement import Placement
    from kedro_matrix_ext.argo.registry.pipeline_cover import PipelineChoice
    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

__all__ = ["GroupingContext", "Keys", "refuse_argument"]

# The group of each node; none where the strategy does not group it.
Keys = list[GroupKey | None]


@dataclass(frozen=True, kw_only=True)
class GroupingContext:
    """What strategies read besides the graph.

    Attributes:
        pipeline: The pipeline's name.
        placements: What each node runs on.
        view: The catalog.
        choice: The registered pipelines, if known.
        split: Whether groups that wait for each other are split instead of refused.
    """

    pipeline: str
    placements: Sequence[Placement]
    view: CatalogView
    choice: PipelineChoice | None = None
    split: bool = False


def refuse_argument(strategy: str, argument: str) -> None:
    """Check that a strategy without arguments got none."""
    if argument:
        raise ArgoError(
            f"grouping {strategy!r} takes no argument, but got {argument!r}", hint=f"Write {strategy!r}."
        )

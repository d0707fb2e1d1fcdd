"""Everything a plan is made from, as one frozen object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kedro_matrix_ext.argo.registry.pipeline_cover import DEFAULT_PIPELINE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro.io import DataCatalog
    from kedro.pipeline import Pipeline

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.plan.grouping.strategies import GroupBy

__all__ = ["DEFAULT_ENV", "OnCycle", "PlanInputs"]

DEFAULT_ENV = "cloud"

OnCycle = Literal["error", "split"]


@dataclass(frozen=True, kw_only=True)
class PlanInputs:
    """Everything a plan is made from; the arguments of ``build_plan``, which describes them.

    Attributes:
        pipeline: The selected nodes.
        config: The models of ``argo.yml``.
        group_by: Which nodes share a task.
        on_cycle: What to do where tasks would wait for each other.
        catalog: The catalog of the environment, if known.
        registry: All registered pipelines, if known.
        name: The pipeline's name in the registry.
        env: The configuration environment.
        load_pipelines: Loads only the named pipelines, as a task does.
    """

    pipeline: Pipeline
    config: ArgoConfig
    group_by: GroupBy = "node"
    on_cycle: OnCycle = "error"
    catalog: DataCatalog | None = None
    registry: Mapping[str, Pipeline] | None = None
    name: str = DEFAULT_PIPELINE
    env: str = DEFAULT_ENV
    load_pipelines: Callable[[tuple[str, ...]], Mapping[str, Pipeline] | None] | None = None

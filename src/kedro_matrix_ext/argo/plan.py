"""The plan: the one form between a pipeline and a manifest. Plain frozen data, JSON in and out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.resources import ArgoResourceConfig

__all__ = ["Plan", "Task"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One pod: the nodes it runs and what it needs for that.

    Attributes:
        name: Unique in the plan; valid as an Argo task and template name.
        nodes: Kedro node names, in the order they run.
        depends_on: Names of the tasks that must be done before, sorted.
        inputs: Datasets it reads that it does not make, sorted; parameters too.
        outputs: Datasets it makes, sorted.
        memory_datasets: Those made and used only inside it, which it keeps in memory, sorted.
        resources: What it asks of its machine.
        template: The name of the template in ``argo.yml`` that it runs in, if not the default.
        pipelines: The registered pipelines it has to load to find its nodes, sorted.
        group: What its nodes have in common: the fused group, namespace or tag; none for a node alone.
        image: The container image, if not the deployment's.
        node_selector: Labels of the machine, beyond those that hold for all tasks.
    """

    name: str
    nodes: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    memory_datasets: tuple[str, ...] = ()
    resources: ArgoResourceConfig
    template: str | None = None
    pipelines: tuple[str, ...] = ()
    group: str | None = None
    image: str | None = None
    node_selector: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A pipeline cut into tasks.

    Attributes:
        pipeline: The name of the pipeline.
        env: The configuration environment it was planned for.
        group_by: How its nodes were grouped, as written.
        tasks: In an order in which they can run.
        datasets: Per dataset that has any, its metadata from the catalog: ``layer``, ``kind`` and more.
        notes: What was decided and the reader should know, a sentence each.
    """

    pipeline: str
    env: str
    group_by: str
    tasks: tuple[Task, ...]
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The fingerprint of tasks, nodes, dependencies and datasets: 64 hexadecimal digits."""
        parts = [
            [task.name, task.nodes, task.depends_on, task.inputs, task.outputs, task.memory_datasets]
            for task in sorted(self.tasks, key=lambda task: task.name)
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

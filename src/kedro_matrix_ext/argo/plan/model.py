"""The plan: the one form between a pipeline and a manifest. Frozen data that converts to JSON and back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

__all__ = ["Plan", "Task"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One pod: the nodes it runs, and what it needs for that.

    Attributes:
        name: Unique in the plan, and valid as the name of an Argo task and template.
        nodes: Kedro node names, in the order they run.
        depends_on: Names of the tasks that must be done before, sorted.
        inputs: Datasets it reads and does not make, parameters included, sorted.
        outputs: Datasets it makes, sorted.
        memory_datasets: Datasets that are made and used only inside it and kept in memory, sorted.
        resources: The resources it requests.
        template: The name of its template in ``argo.yml``, if not the default.
        pipelines: The registered pipelines it loads to find its nodes, sorted.
        group: The name of the fused group, namespace or tag that its nodes share; none for a single node.
        image: The container image, if not the deployment's.
        node_selector: Labels of the machine, in addition to those of all tasks.
        size_from: Where the resources come from: a machine type, a rule, the node, a default.
        pod: Fields of the pod, in addition to those of all tasks, as Kubernetes writes them.

    Examples:
        >>> from kedro_matrix_ext.argo import ARGO_NODE_S
        >>> task = Task(name="train", nodes=("split", "train"), resources=ARGO_NODE_S)
        >>> Task.from_dict(task.to_dict()) == task
        True
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
    size_from: str = ""
    pod: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Convert the task to plain data.

        Returns:
            Its attributes by name.
        """
        values = {name: getattr(self, name) for name in _TASK_FIELDS}
        return {
            **{name: list(value) if isinstance(value, tuple) else value for name, value in values.items()},
            "resources": self.resources.model_dump(),
            "node_selector": dict(self.node_selector),
            "pod": dict(self.pod),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Task:
        """Make a task from plain data.

        Args:
            data: The result of ``to_dict``.

        Returns:
            The task.
        """
        from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        values["resources"] = ArgoResourceConfig.model_validate(data["resources"])
        return cls(**values)


_TASK_FIELDS = tuple(each.name for each in fields(Task))
_REPLAN = "Write the plan again with 'kedro argo plan --format json'."


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The tasks of a pipeline.

    Attributes:
        pipeline: The name of the pipeline.
        env: The configuration environment it was planned for.
        group_by: How its nodes were grouped, as written.
        tasks: In an order in which they can run.
        datasets: For each dataset other than parameters, its ``type`` in the catalog (none where it has no
            entry) and its ``metadata`` there: ``layer``, ``kind`` and other keys.
        nodes: For each node its ``function`` by full name, and its ``inputs``, ``outputs``, ``parameters``,
            ``namespace`` and ``tags``, so that other tools do not import the project.
        ungrouped: Nodes outside of every group, where the grouping names groups: tags, namespaces, pipelines.
        notes: Decisions that the reader should know, a sentence each.

    Examples:
        >>> plan = Plan(pipeline="__default__", env="cloud", group_by="node", tasks=())
        >>> Plan.from_json(plan.to_json()) == plan
        True
    """

    pipeline: str
    env: str
    group_by: str
    tasks: tuple[Task, ...]
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ungrouped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Convert the plan to plain data, as ``kedro argo plan --format json`` prints it.

        Returns:
            Strings, numbers, lists and dictionaries, the digest included.
        """
        return {
            "pipeline": self.pipeline,
            "env": self.env,
            "group_by": self.group_by,
            "digest": self.digest,
            "tasks": [task.to_dict() for task in self.tasks],
            "datasets": {name: dict(described) for name, described in self.datasets.items()},
            "nodes": {name: dict(described) for name, described in self.nodes.items()},
            "ungrouped": list(self.ungrouped),
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """Write the plan as JSON.

        Returns:
            The text; ``from_json`` reads it back into an equal plan.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Plan:
        """Make a plan from plain data.

        Args:
            data: The result of ``to_dict``.

        Returns:
            The plan.

        Raises:
            ArgoError: If the data is not a plan, or was changed so that its digest no longer matches.
        """
        try:
            plan = cls(
                pipeline=data["pipeline"],
                env=data["env"],
                group_by=data["group_by"],
                tasks=tuple(map(Task.from_dict, data["tasks"])),
                datasets=data["datasets"],
                nodes=data["nodes"],
                ungrouped=tuple(data["ungrouped"]),
                notes=tuple(data["notes"]),
            )
            digest = data["digest"]
        except (KeyError, TypeError, ValueError) as error:
            raise ArgoError(f"this is not a plan: {error!r}", hint=_REPLAN) from error
        if plan.digest != digest:
            raise ArgoError("this plan does not match its digest, so it was changed", hint=_REPLAN)
        return plan

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a plan from JSON.

        Args:
            text: The result of ``to_json``.

        Returns:
            The plan.

        Raises:
            ArgoError: If the text is not a plan.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            raise ArgoError(f"this is not a plan: {error}", hint=_REPLAN) from error
        return cls.from_dict(data)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of tasks, nodes, dependencies and datasets: 64 hexadecimal digits."""
        parts = [
            [task.name, task.nodes, task.depends_on, task.inputs, task.outputs, task.memory_datasets]
            for task in sorted(self.tasks, key=lambda task: task.name)
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

"""Making a plan: a pure function of the pipeline, its catalog, ``argo.yml`` and a grouping."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.plan.grouping.context import GroupingContext
from kedro_matrix_ext.argo.plan.grouping.splitting import split_groups
from kedro_matrix_ext.argo.plan.grouping.strategies import (
    find_fused,
    find_ungrouped,
    group_nodes,
    name_grouping,
)
from kedro_matrix_ext.argo.plan.in_memory import DatasetUse, MemoryRules
from kedro_matrix_ext.argo.plan.inputs import DEFAULT_ENV, PlanInputs
from kedro_matrix_ext.argo.plan.model import Plan, Task
from kedro_matrix_ext.argo.plan.nesting.dag_groups import note_nesting
from kedro_matrix_ext.argo.plan.node_descriptions import describe_nodes
from kedro_matrix_ext.argo.plan.node_graph import NodeGraph
from kedro_matrix_ext.argo.plan.placement import place_nodes, place_task
from kedro_matrix_ext.argo.plan.task_names import name_tasks
from kedro_matrix_ext.argo.registry.pipeline_cover import DEFAULT_PIPELINE, PipelineChoice
from kedro_matrix_ext.catalog.engine_names import strip_engine
from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView
from kedro_matrix_ext.catalog.parameter_names import is_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kedro.io import DataCatalog
    from kedro.pipeline import Pipeline

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.plan.grouping.splitting import GroupKey, GroupPart
    from kedro_matrix_ext.argo.plan.grouping.strategies import GroupBy
    from kedro_matrix_ext.argo.plan.inputs import OnCycle

__all__ = ["build_plan", "plan_pipeline"]

_SHOWN = 5  # names in a note


def build_plan(  # noqa: PLR0913  public; everything a plan depends on
    pipeline: Pipeline,
    *,
    config: ArgoConfig,
    group_by: GroupBy = "node",
    on_cycle: OnCycle = "error",
    catalog: DataCatalog | None = None,
    registry: Mapping[str, Pipeline] | None = None,
    name: str = DEFAULT_PIPELINE,
    env: str = DEFAULT_ENV,
    load_pipelines: Callable[[tuple[str, ...]], Mapping[str, Pipeline] | None] | None = None,
) -> Plan:
    """Plan the tasks of a pipeline.

    Args:
        pipeline: The nodes to run, a selection of them already made.
        config: The models of ``argo.yml``.
        group_by: Which nodes share a task: ``node``, ``single``, ``namespace`` (``namespace:2``),
            ``tag:one,two``, ``pipeline``, ``memory``, ``chain``, ``branch``, or a function from a node to its
            group.
        on_cycle: What to do where tasks would wait for each other: ``error``, or ``split`` groups.
        catalog: The catalog of the environment. Without it no dataset has an entry.
        registry: All registered pipelines. With them, tasks load only the pipelines they need, and datasets
            that nodes outside the selection use are written.
        name: The pipeline's name in the registry.
        env: The configuration environment.
        load_pipelines: Loads only the named pipelines, as a task does, to find out whether the registry can
            (``load_only``). Without it, every set of pipelines counts as loadable.

    Returns:
        The plan. It depends on the arguments alone, not on the order of sets.

    Raises:
        ArgoError: If the grouping is unknown or undecided, tasks wait for each other, a machine type is not
            in ``argo.yml``, or nodes of one task request different templates, images or machine labels.

    Examples:
        >>> from kedro.pipeline import Node, Pipeline
        >>> from kedro_matrix_ext.argo import ArgoConfig
        >>> nodes = [Node(len, "cars", "count", name="count"), Node(abs, "count", "n", name="abs")]
        >>> plan = build_plan(Pipeline(nodes), config=ArgoConfig())
        >>> [(task.name, task.depends_on) for task in plan.tasks]
        [('count', ()), ('abs', ('count',))]
    """
    return plan_pipeline(
        PlanInputs(
            pipeline=pipeline,
            config=config,
            group_by=group_by,
            on_cycle=on_cycle,
            catalog=catalog,
            registry=registry,
            name=name,
            env=env,
            load_pipelines=load_pipelines,
        )
    )


def plan_pipeline(inputs: PlanInputs) -> Plan:
    """Plan the tasks of a pipeline; ``build_plan`` describes inputs, result and errors."""
    graph, view, registry = (
        NodeGraph.from_pipeline(inputs.pipeline),
        CatalogView(inputs.catalog),
        inputs.registry,
    )
    choice = None if registry is None else PipelineChoice(registry, inputs.load_pipelines)
    placements = place_nodes(graph, inputs.config)
    split = inputs.on_cycle == "split"
    context = GroupingContext(
        pipeline=inputs.name, placements=placements, view=view, choice=choice, split=split
    )
    grouping = name_grouping(inputs.group_by)
    fused = find_fused(graph)
    keys = group_nodes(graph, fused, inputs.group_by, context)
    ungrouped = find_ungrouped(graph, keys, inputs.group_by)
    parts = split_groups(graph, keys, grouping=grouping, split=split)
    runner = inputs.config.runner
    shared = runner.use_memory_datasets and len(parts) < len(graph.nodes)
    use = _find_use(graph, (registry or {}).get(inputs.name))
    builder = _TaskBuilder(
        graph=graph,
        context=context,
        memory=MemoryRules(use=use, view=view, persist=runner.persist) if shared else None,
        fused=_list_fused(graph, fused),
        task_of=_name_tasks(parts),
    )
    plan = Plan(
        pipeline=inputs.name,
        env=inputs.env,
        group_by=grouping,
        tasks=tuple(map(builder.build, parts)),
        datasets=_describe_datasets(graph, view),
        nodes=describe_nodes(graph),
        ungrouped=ungrouped,
        notes=(*_note_splits(parts, builder.task_of), *_note_ungrouped(ungrouped)),
    )
    nesting = note_nesting(plan, inputs.config)
    return replace(plan, notes=(*plan.notes, nesting)) if nesting else plan


def _list_fused(graph: NodeGraph, fused: Sequence[GroupKey]) -> list[frozenset[str]]:
    """Return, for each node, the names of the nodes in its fused group; its own name where it is in none."""
    groups: dict[GroupKey, set[str]] = {}
    for key, name in zip(fused, graph.names, strict=True):
        groups.setdefault(key, set()).add(name)
    members = {key: frozenset(names) for key, names in groups.items()}
    return [members[key] for key in fused]


def _find_use(graph: NodeGraph, whole: Pipeline | None) -> DatasetUse:
    """Find the users of datasets in the whole pipeline, whatever part of it is planned."""
    planned = frozenset(graph.nodes)
    others = [node for node in whole.nodes if node not in planned] if whole else []
    return DatasetUse([*graph.nodes, *others])


def _name_tasks(parts: Sequence[GroupPart]) -> dict[int, str]:
    """Return the task name of each node."""
    names = name_tasks([_label(part) for part in parts])
    return {member: name for part, name in zip(parts, names, strict=True) for member in part.members}


def _label(part: GroupPart) -> tuple[str, str]:
    """Return the text to recognise in a task's name, and the identity that distinguishes it."""
    suffix = f" {part.number}" if part.number > 1 else ""
    return part.key.label + suffix, f"{part.key.kind}:{part.key.label}{suffix}"


@dataclass(frozen=True, kw_only=True)
class _TaskBuilder:
    """Builds the task of a group; the attributes are the same for all of them."""

    graph: NodeGraph
    context: GroupingContext
    memory: MemoryRules | None
    fused: Sequence[frozenset[str]]
    task_of: Mapping[int, str]

    def build(self, part: GroupPart) -> Task:
        nodes = [self.graph.nodes[member] for member in part.members]
        names = tuple(self.graph.names[member] for member in part.members)
        placement = place_task(names, [self.context.placements[member] for member in part.members])
        name, choice = self.task_of[part.members[0]], self.context.choice
        outputs = {dataset for node in nodes for dataset in node.outputs}
        made = {strip_engine(dataset) for dataset in outputs}
        parents = {self.task_of[parent] for member in part.members for parent in self.graph.parents[member]}
        return Task(
            name=name,
            nodes=names,
            depends_on=tuple(sorted(parents - {name})),
            inputs=tuple(
                sorted({data for node in nodes for data in node.inputs if strip_engine(data) not in made})
            ),
            outputs=tuple(sorted(outputs)),
            memory_datasets=self._keep_in_memory(part.members, names),
            resources=placement.resources,
            template=placement.template,
            pipelines=choice.choose(nodes) if choice else (),
            group=None if part.key.kind == "node" else part.key.label,
            image=placement.image,
            node_selector=dict(placement.node_selector),
            size_from=placement.origin,
            pod=json.loads(placement.pod) if placement.pod else {},
        )

    def _keep_in_memory(self, members: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
        if self.memory is None or len(members) == 1:
            return ()
        task, kept = frozenset(names), set[str]()
        for member in members:
            node, fused = self.graph.nodes[member], self.fused[member] & task
            kept.update(
                data for data in node.outputs if self.memory.keeps(data, node, task=task, fused=fused)
            )
        return tuple(sorted(kept))


def _describe_datasets(graph: NodeGraph, view: CatalogView) -> dict[str, dict[str, Any]]:
    names = {data for node in graph.nodes for data in (*node.inputs, *node.outputs)}
    return {
        name: {"type": view.type_name(name), "metadata": _as_json(view.metadata(name))}
        for name in sorted(names)
        if not is_parameter(name)
    }


def _as_json(metadata: dict[str, Any]) -> dict[str, Any]:
    """Convert values that JSON does not know (dates, say) to text."""
    plain: dict[str, Any] = json.loads(json.dumps(metadata, default=str)) if metadata else {}
    return plain


def _note_ungrouped(ungrouped: Sequence[str]) -> list[str]:
    """Say which nodes are in no group."""
    if not ungrouped:
        return []
    shown = ", ".join(map(repr, ungrouped[:_SHOWN])) + (", ..." if len(ungrouped) > _SHOWN else "")
    return [f"{len(ungrouped)} of the nodes are in no group, so each is its own task: {shown}"]


def _note_splits(parts: Sequence[GroupPart], task_of: Mapping[int, str]) -> list[str]:
    """Say which groups had to be split, and into which tasks."""
    tasks: dict[GroupKey, list[str]] = {}
    for part in parts:
        tasks.setdefault(part.key, []).append(task_of[part.members[0]])
    return [
        f"{kind} {label!r} is split into tasks {', '.join(names)}: its nodes wait for tasks in between"
        for (kind, label), names in tasks.items()
        if len(names) > 1
    ]

"""From a pipeline to its plan: a pure function of the pipeline, its catalog, ``argo.yml`` and a grouping."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from kedro_matrix_ext.argo.manifest.dag_templates import note_cut
from kedro_matrix_ext.argo.plan.grouping.strategies import GroupingContext, group_nodes, name_grouping
from kedro_matrix_ext.argo.plan.in_memory import DatasetUse, is_kept_in_memory
from kedro_matrix_ext.argo.plan.model import Plan, Task
from kedro_matrix_ext.argo.plan.node_graph import NodeGraph, base_name
from kedro_matrix_ext.argo.plan.placement import place_nodes, place_task
from kedro_matrix_ext.argo.plan.grouping.splitting import split_groups
from kedro_matrix_ext.argo.plan.task_names import name_tasks
from kedro_matrix_ext.argo.registry.pipeline_cover import DEFAULT_PIPELINE, PipelineChoice
from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView
from kedro_matrix_ext.catalog.parameter_names import is_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kedro.io import DataCatalog
    from kedro.pipeline import Node, Pipeline

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.plan.grouping.strategies import GroupBy
    from kedro_matrix_ext.argo.plan.grouping.splitting import GroupKey, GroupPart

__all__ = ["DEFAULT_ENV", "build_plan"]

DEFAULT_ENV = "cloud"

OnCycle = Literal["error", "split"]


def build_plan(  # noqa: PLR0913  what a plan depends on, and nothing else
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
    """Cut a pipeline into tasks.

    Args:
        pipeline: What shall run, a selection of nodes already made.
        config: The models of ``argo.yml``.
        group_by: Which nodes share a task: ``node``, ``single``, ``namespace`` (``namespace:2``),
            ``tag:one,two``, ``pipeline``, ``memory``, ``chain``, or a function from a node to its group.
        on_cycle: What to do where tasks would wait for each other: ``error``, or ``split`` groups.
        catalog: The catalog of the environment; without it no dataset has an entry.
        registry: All registered pipelines, so that tasks load only those they need, and datasets that nodes
            outside the selection use are written.
        name: The pipeline's name in the registry.
        env: The configuration environment.
        load_pipelines: Loads only the named pipelines, as a task will, to see whether the registry can
            (``load_only``). Without it, it is taken to.

    Returns:
        The plan. It depends on its arguments alone, not on the order of sets.

    Raises:
        ArgoError: If the grouping is unknown or undecided, tasks wait for each other, a machine type is not
            in ``argo.yml``, or nodes of one task ask for different things.

    Examples:
        >>> from kedro.pipeline import Node, Pipeline
        >>> from kedro_matrix_ext.argo import ArgoConfig
        >>> nodes = [Node(len, "cars", "count", name="count"), Node(abs, "count", "n", name="abs")]
        >>> plan = build_plan(Pipeline(nodes), config=ArgoConfig())
        >>> [(task.name, task.depends_on) for task in plan.tasks]
        [('count', ()), ('abs', ('count',))]
    """
    graph, view = NodeGraph.from_pipeline(pipeline), CatalogView(catalog)
    choice = None if registry is None else PipelineChoice(registry, load_pipelines)
    placements = place_nodes(graph, config)
    context = GroupingContext(pipeline=name, placements=placements, view=view, choice=choice)
    grouping = name_grouping(group_by)
    keys = group_nodes(graph, group_by, context)
    pieces = split_groups(graph, keys, grouping=grouping, split=on_cycle == "split")
    shared = config.runner.use_memory_datasets and len(pieces) < len(graph.nodes)
    maker = _TaskMaker(
        graph=graph,
        context=context,
        use=_find_use(graph, (registry or {}).get(name)) if shared else None,
        persist=config.runner.persist,
        task_of=_name_tasks(pieces),
    )
    plan = Plan(
        pipeline=name,
        env=env,
        group_by=grouping,
        tasks=tuple(map(maker.make, pieces)),
        datasets=_describe_datasets(graph, view),
        notes=tuple(_note_splits(pieces, maker.task_of)),
    )
    cost = note_cut(plan, config)
    return replace(plan, notes=(*plan.notes, cost)) if cost else plan


def _find_use(graph: NodeGraph, whole: Pipeline | None) -> DatasetUse:
    """Judge the use of datasets on the whole pipeline, whatever part of it is planned."""
    planned = frozenset(graph.nodes)
    others = [node for node in whole.nodes if node not in planned] if whole else []
    return DatasetUse([*graph.nodes, *others])


def _name_tasks(pieces: Sequence[GroupPart]) -> dict[int, str]:
    """Give each node the name of its task."""
    names = name_tasks([_label(piece) for piece in pieces])
    return {member: name for piece, name in zip(pieces, names, strict=True) for member in piece.members}


def _label(piece: GroupPart) -> tuple[str, str]:
    """Give what is to be recognised in a task's name, and what tells it from all others."""
    part = f" {piece.number}" if piece.number > 1 else ""
    return piece.key.label + part, f"{piece.key.kind}:{piece.key.label}{part}"


@dataclass(frozen=True, kw_only=True)
class _TaskMaker:
    """Makes a task of a piece; what it looks at is the same for all of them."""

    graph: NodeGraph
    context: GroupingContext
    use: DatasetUse | None
    persist: Sequence[str]
    task_of: Mapping[int, str]

    def make(self, piece: GroupPart) -> Task:
        nodes = [self.graph.nodes[member] for member in piece.members]
        names = tuple(self.graph.names[member] for member in piece.members)
        placement = place_task(names, [self.context.placements[member] for member in piece.members])
        name, choice = self.task_of[piece.members[0]], self.context.choice
        outputs = {dataset for node in nodes for dataset in node.outputs}
        made = {base_name(dataset) for dataset in outputs}
        parents = {self.task_of[parent] for member in piece.members for parent in self.graph.parents[member]}
        return Task(
            name=name,
            nodes=names,
            depends_on=tuple(sorted(parents - {name})),
            inputs=tuple(
                sorted({data for node in nodes for data in node.inputs if base_name(data) not in made})
            ),
            outputs=tuple(sorted(outputs)),
            memory_datasets=self._keep_in_memory(nodes, names),
            resources=placement.resources,
            template=placement.template,
            pipelines=choice.choose(nodes) if choice else (),
            group=None if piece.key.kind == "node" else piece.key.label,
            image=placement.image,
            node_selector=dict(placement.node_selector),
        )

    def _keep_in_memory(self, nodes: Sequence[Node], names: Sequence[str]) -> tuple[str, ...]:
        if self.use is None or len(nodes) == 1:
            return ()
        task, use, view = frozenset(names), self.use, self.context.view
        kept = (
            dataset
            for node in nodes
            for dataset in node.outputs
            if is_kept_in_memory(dataset, node, task=task, use=use, view=view, persist=self.persist)
        )
        return tuple(sorted(kept))


def _describe_datasets(graph: NodeGraph, view: CatalogView) -> dict[str, dict[str, Any]]:
    names = {data for node in graph.nodes for data in (*node.inputs, *node.outputs)}
    return {
        name: {"type": view.type_name(name), "metadata": _plain(view.metadata(name))}
        for name in sorted(names)
        if not is_parameter(name)
    }


def _plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """Write what JSON has no notation for (dates, say) as text."""
    plain: dict[str, Any] = json.loads(json.dumps(metadata, default=str)) if metadata else {}
    return plain


def _note_splits(pieces: Sequence[GroupPart], task_of: Mapping[int, str]) -> list[str]:
    """Say which groups had to be cut, and into which tasks."""
    parts: dict[GroupKey, list[str]] = {}
    for piece in pieces:
        parts.setdefault(piece.key, []).append(task_of[piece.members[0]])
    return [
        f"{kind} {label!r} is cut into tasks {', '.join(names)}: its nodes wait for tasks in between"
        for (kind, label), names in parts.items()
        if len(names) > 1
    ]

"""The templates that tasks run in, and machines that are large enough."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.name_checks import BUILT_IN_TEMPLATE
from kedro_matrix_ext.argo.nodes.fused_pipeline import read_group, read_machine_type
from kedro_matrix_ext.argo.nodes.node import ArgoNode
from kedro_matrix_ext.argo.nodes.quantities import render_cores, render_gib
from kedro_matrix_ext.findings import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig
    from kedro_matrix_ext.argo.plan.model import Task
    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding, Location

__all__ = [
    "find_oversized_nodes",
    "find_oversized_tasks",
    "find_requests_at_node_size",
    "find_unknown_templates",
]

# GiB of memory that machines for rent have; below, a request of a round number says nothing of a machine.
_NODE_SIZES = frozenset(
    {
        16,
        32,
        48,
        62,
        64,
        96,
        124,
        128,
        186,
        192,
        248,
        256,
        372,
        384,
        512,
        744,
        768,
        1024,
        1116,
        1488,
        2048,
        2232,
    }
)

# Cores that machines for rent have; with so much memory per core, in GiB, a task is sized as a machine.
_NODE_CORES = frozenset(
    {4, 8, 12, 16, 22, 24, 30, 32, 36, 44, 48, 60, 64, 72, 80, 88, 90, 96, 112, 128, 144, 176, 180, 192, 224}
    | {288, 360}
)
_WHOLE_MACHINE = (3, 8)

# What Kubernetes reserves of a machine's cores: up to how many, which share of each.
_RESERVED_CORES = ((1, 0.06), (2, 0.01), (4, 0.005), (2**20, 0.0025))
# What Kubernetes reserves of a machine's memory: up to how many GiB, which share; and for evictions.
_RESERVED_SHARES = ((4, 0.25), (8, 0.2), (16, 0.1), (128, 0.06), (2**20, 0.02))
_EVICTION = 0.1


def find_unknown_templates(context: CheckContext) -> Iterator[Finding]:
    """Report templates that nodes request and ``argo.yml`` does not declare."""
    known = {BUILT_IN_TEMPLATE, *(template.name for template in context.config.template.templates)}
    tasks: dict[str, list[Task]] = defaultdict(list)
    for task in context.plan.tasks:
        if task.template is not None and task.template not in known:
            tasks[task.template].append(task)
    for name, tasks_of in tasks.items():
        yield finding(
            "unknown-template",
            f"{_name_tasks(tasks_of)} template {name!r}, which argo.yml does not declare",
            fix=f"Declare it under 'template.templates'. {did_you_mean(name, known)}".rstrip(),
            location=context.argo_place("template", "templates"),
            task=tasks_of[0].name,
            node=tasks_of[0].nodes[0],
        )


def _name_tasks(tasks: list[Task]) -> str:
    if len(tasks) == 1:
        return f"task {tasks[0].name!r} requests"
    return f"task {tasks[0].name!r} and {len(tasks) - 1} more request"


def find_oversized_tasks(context: CheckContext) -> Iterator[Finding]:
    """Report tasks that fit on no declared machine; they would wait forever."""
    machines = [machine.to_resources() for machine in context.config.machine_types.values()]
    tasks: dict[ArgoResourceConfig, list[Task]] = defaultdict(list)
    for task in context.plan.tasks:
        tasks[task.resources].append(task)
    for wanted, tasks_of in tasks.items():
        if machines and not any(_fits(wanted, machine) for machine in machines):
            yield finding(
                "resources-exceed-machine",
                f"{_name_tasks(tasks_of)} {_describe(wanted)}; no machine type in argo.yml has all of that",
                fix="Request less, declare a machine that large, or group nodes of different needs apart.",
                location=context.argo_place("machine_types"),
                task=tasks_of[0].name,
            )


def find_oversized_nodes(context: CheckContext) -> Iterator[Finding]:
    """Report nodes that request more than their fused group, whose resources are taken whole."""
    for node in context.nodes:
        group = read_group(node)
        if group is None:
            continue
        machine = group.argo_config or _machine(context.config, group.machine_type)
        wanted = _own_resources(node, context.config)
        if machine is None or wanted is None or _fits(wanted, machine):
            continue
        yield finding(
            "resources-exceed-machine",
            f"node {node.name!r} requests {_describe(wanted)}, and its group {group.name!r} runs on "
            f"{_describe(machine)}",
            fix="Use a larger machine for the group, or take the node out of it.",
            location=context.argo_place("machine_types", *filter(None, [group.machine_type])),
            task=context.task_of[node.name],
            node=node.name,
        )


def _own_resources(node: Node, config: ArgoConfig) -> ArgoResourceConfig | None:
    own = node.argo_config if isinstance(node, ArgoNode) else None
    return own or _machine(config, read_machine_type(node))


def _machine(config: ArgoConfig, name: str | None) -> ArgoResourceConfig | None:
    return None if name is None else config.resources_of(name)


def _fits(wanted: ArgoResourceConfig, machine: ArgoResourceConfig) -> bool:
    return (
        wanted.cpu_request <= machine.cpu_limit
        and wanted.memory_request <= machine.memory_limit
        and wanted.num_gpus <= machine.num_gpus
    )


def _describe(resources: ArgoResourceConfig) -> str:
    gpus = f", {resources.num_gpus} GPU" if resources.num_gpus else ""
    return f"{render_cores(resources.cpu_request)} CPU, {render_gib(resources.memory_request)} memory{gpus}"


def find_requests_at_node_size(context: CheckContext) -> Iterator[Finding]:
    """Report requests of all memory or all cores of a machine; such a task takes the next larger machine.

    Kubernetes reserves part of both, so 64 GiB do not fit on a machine of 64 GiB, nor 16 cores on one of 16.
    """
    yield from _find_all_cores(context)
    tasks: dict[int | float, list[Task]] = defaultdict(list)
    for task in context.plan.tasks:
        tasks[task.resources.memory_request].append(task)
    for memory, tasks_of in sorted(tasks.items(), key=lambda item: item[0]):
        if _is_node_size(memory):
            yield finding(
                "request-at-node-size",
                f"{_name_tasks(tasks_of)} {render_gib(memory)} of memory, exactly that of a machine, of "
                "which Kubernetes reserves a part",
                fix=f"Request at most {usable_memory(memory)} GiB, unless you want the next larger machine.",
                location=_find_machine_of(memory, context),
                task=tasks_of[0].name,
                node=tasks_of[0].nodes[0] if len(tasks_of[0].nodes) == 1 else None,
            )


def _find_all_cores(context: CheckContext) -> Iterator[Finding]:
    """Report tasks that request all cores of a machine and most of its memory, but not all of that."""
    tasks: dict[int | float, list[Task]] = defaultdict(list)
    for task in context.plan.tasks:
        cores, memory = task.resources.cpu_request, task.resources.memory_request
        whole = cores in _NODE_CORES and _WHOLE_MACHINE[0] <= memory / cores <= _WHOLE_MACHINE[1]
        if whole and not _is_node_size(memory):
            tasks[cores].append(task)
    for cores, tasks_of in sorted(tasks.items(), key=lambda item: item[0]):
        places = (
            context.argo_place("machine_types", name, "cpu")
            for name, machine in context.config.machine_types.items()
            if machine.to_resources().cpu_request == cores
        )
        yield finding(
            "request-at-node-size",
            f"{_name_tasks(tasks_of)} {render_cores(cores)} CPU, exactly those of a machine, of which "
            "Kubernetes reserves a part",
            fix=f"Request at most {usable_cores(cores)} CPU, unless you want the next larger machine.",
            location=next(places, context.argo_place("machine_types")),
            task=tasks_of[0].name,
            node=tasks_of[0].nodes[0] if len(tasks_of[0].nodes) == 1 else None,
        )


def usable_cores(cores: float) -> float:
    """Return how many of a machine's cores Kubernetes leaves to pods, as Google publishes it, in tenths.

    Source: https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes

    Examples:
        >>> [usable_cores(cores) for cores in (4, 8, 96, 288)]
        [3.9, 7.9, 95.6, 287.2]
    """
    reserved, below = 0.0, 0
    for limit, share in _RESERVED_CORES:
        reserved += max(0, min(cores, limit) - below) * share
        below = limit
    return math.floor((cores - reserved) * 10) / 10


def _find_machine_of(memory: float, context: CheckContext) -> Location:
    """Return the location of the machine type in ``argo.yml`` with that memory."""
    for name, machine in context.config.machine_types.items():
        if machine.to_resources().memory_request == memory:
            return context.argo_place("machine_types", name, "mem")
    return context.argo_place("machine_types")


def _is_node_size(memory: float) -> bool:
    """Return whether an amount in GiB is the memory of a machine for rent."""
    return memory in _NODE_SIZES


def usable_memory(memory: float) -> int:
    """Return how many whole GiB of a machine's memory Kubernetes leaves to pods, as Google publishes it.

    Source: https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes

    Examples:
        >>> [usable_memory(size) for size in (16, 32, 64, 128)]
        [13, 28, 58, 118]
    """
    reserved, below = _EVICTION, 0
    for limit, share in _RESERVED_SHARES:
        reserved += max(0, min(memory, limit) - below) * share
        below = limit
    return math.floor(memory - reserved)

"""What a node, and a task of several, runs on: resources, template, image, machine labels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.nodes.fused_pipeline import read_machine_type, read_template
from kedro_matrix_ext.argo.nodes.node import ArgoNode
from kedro_matrix_ext.errors import PlacementError, UnknownMachineTypeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.configuration import ArgoConfig, Rule
    from kedro_matrix_ext.argo.nodes.node import FuseGroup
    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig
    from kedro_matrix_ext.argo.plan.node_graph import NodeGraph

__all__ = ["Placement", "place_nodes", "place_task"]

_A_FEW = 5  # names shown in a message


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What something runs on.

    Attributes:
        resources: What it asks for.
        template: The template in ``argo.yml``, if not the default.
        image: The container image, if not the deployment's.
        node_selector: Labels of the machine, sorted.
    """

    resources: ArgoResourceConfig
    template: str | None = None
    image: str | None = None
    node_selector: tuple[tuple[str, str], ...] = ()


def place_nodes(graph: NodeGraph, config: ArgoConfig) -> list[Placement]:
    """Say for each node what it runs on.

    Args:
        graph: The pipeline.
        config: The models of ``argo.yml``.

    Returns:
        A placement per node: what its fused group says, taken whole; else what the node itself says; else
        what the first rule says that matches; else the default.

    Raises:
        UnknownMachineTypeError: If nodes or their groups name machine types that ``argo.yml`` has not.
    """
    machines = {name: machine.to_resources() for name, machine in config.machine_types.items()}
    asked = [_ask(node, group) for node, group in zip(graph.nodes, graph.groups, strict=True)]
    _check_machine_types(graph, asked, machines)
    default = Placement(resources=config.default_resources)
    if not config.rules:
        return [_place(each, None, default, machines) for each in asked]
    return [
        _place(
            each, config.match_rule(name=name, namespace=node.namespace, tags=node.tags), default, machines
        )
        for each, name, node in zip(asked, graph.names, graph.nodes, strict=True)
    ]


def place_task(names: Sequence[str], placements: Sequence[Placement]) -> Placement:
    """Say what several nodes run on together.

    Args:
        names: The nodes' names.
        placements: What each runs on alone.

    Returns:
        The field-wise maximum, and the template, image and machine labels that any of them asks for.

    Raises:
        PlacementError: If they ask for different templates, images, or values of one machine label.
    """
    first = placements[0]
    distinct = list(dict.fromkeys(placements)) if len(placements) > 1 else [first]
    if len(distinct) == 1:
        return first
    selectors: dict[str, list[str]] = defaultdict(list)
    for placement in distinct:
        for label, value in placement.node_selector:
            selectors[label].append(value)
    return Placement(
        resources=first.resources.fuse(*(placement.resources for placement in distinct)),
        template=_agree("templates", names, [placement.template for placement in distinct]),
        image=_agree("images", names, [placement.image for placement in distinct]),
        node_selector=tuple(
            (label, _agree(f"values of node_selector {label!r}", names, values) or "")
            for label, values in sorted(selectors.items())
        ),
    )


def _agree(what: str, names: Sequence[str], values: Sequence[str | None]) -> str | None:
    """Give the one value that is asked for, if any."""
    asked = list(dict.fromkeys(value for value in values if value is not None))
    if len(asked) > 1:
        raise PlacementError(
            f"nodes {_list_few(names)} shall share a task but ask for different {what}: {_list_few(asked)}",
            hint="Group them apart, or let them ask for the same.",
        )
    return asked[0] if asked else None


def _list_few(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_A_FEW])) + (", ..." if len(names) > _A_FEW else "")


class _Asked(NamedTuple):
    """What a node, or its group, asks for itself."""

    argo_config: ArgoResourceConfig | None
    machine_type: str | None
    template: str | None


def _ask(node: Node, group: FuseGroup | None) -> _Asked:
    template = read_template(node)
    if group is not None:
        template = group.template or template
        if group.argo_config is not None or group.machine_type is not None:
            return _Asked(group.argo_config, group.machine_type, template)
    return _Asked(node.argo_config if isinstance(node, ArgoNode) else None, read_machine_type(node), template)


def _place(
    asked: _Asked, rule: Rule | None, default: Placement, machines: Mapping[str, ArgoResourceConfig]
) -> Placement:
    own = asked.argo_config or (machines[asked.machine_type] if asked.machine_type is not None else None)
    if rule is None:
        if own is None and asked.template is None:
            return default
        return Placement(resources=own or default.resources, template=asked.template)
    ruled = machines[rule.machine_type] if rule.machine_type is not None else rule.resources
    return Placement(
        resources=own or ruled or default.resources,
        template=asked.template or rule.template,
        image=rule.image,
        node_selector=tuple(sorted(rule.node_selector.items())),
    )


def _check_machine_types(
    graph: NodeGraph, asked: Sequence[_Asked], machines: Mapping[str, ArgoResourceConfig]
) -> None:
    """Report all unknown machine types at once."""
    unknown: dict[str, list[str]] = defaultdict(list)
    for name, (_, machine_type, _) in zip(graph.names, asked, strict=True):
        if machine_type is not None and machine_type not in machines:
            unknown[machine_type].append(name)
    if unknown:
        missing = [f"{name!r}, asked for by {_list_few(nodes)}" for name, nodes in sorted(unknown.items())]
        raise UnknownMachineTypeError(
            f"argo.yml has no machine type {' and no '.join(missing)}",
            config_path="argo: machine_types",
            hint=did_you_mean(min(unknown), machines) or f"It has: {', '.join(sorted(machines)) or 'none'}.",
            nodes={name: tuple(nodes) for name, nodes in unknown.items()},
        )

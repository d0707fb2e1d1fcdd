"""What a node, and a task of several nodes, runs on: resources, template, image, machine labels."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

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

_SHOWN = 5  # names in a message


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What a node or task runs on.

    Attributes:
        resources: The resources it requests.
        template: The template in ``argo.yml``, if not the default.
        image: The container image, if not the deployment's.
        node_selector: Labels of the machine, sorted.
        origin: Where the resources come from, for people.
        pod: Fields of the pod that rules give, as JSON.
    """

    resources: ArgoResourceConfig
    template: str | None = None
    image: str | None = None
    node_selector: tuple[tuple[str, str], ...] = ()
    origin: str = field(default="", compare=False)
    pod: str | None = None


def place_nodes(graph: NodeGraph, config: ArgoConfig) -> list[Placement]:
    """Return what each node runs on.

    Resources come from its fused group, taken whole; else from the node itself; else from the first rule that
    matches; else from the default.

    Raises:
        UnknownMachineTypeError: If nodes or groups name machine types that ``argo.yml`` does not declare.
    """
    machines = {name: machine.to_resources() for name, machine in config.machine_types.items()}
    requests = [_read_request(node, group) for node, group in zip(graph.nodes, graph.groups, strict=True)]
    _check_machine_types(graph, requests, machines)
    default = Placement(resources=config.default_resources, origin=config.default_origin)
    placements = []
    for request, name, node in zip(requests, graph.names, graph.nodes, strict=True):
        rule = config.match_rule(name=name, namespace=node.namespace, tags=node.tags)
        if rule is None and request[:3] == (None, None, None):
            placements.append(default)
            continue
        try:
            placements.append(_place(request, rule, default, machines, config.resource_defaults))
        except ValidationError as error:
            raise PlacementError(
                f"the resources of node {name!r} do not fit the defaults of the project: "
                f"{error.errors()[0]['msg'].removeprefix('Value error, ')}",
                config_path="argo: resource_defaults",
                hint="Set both request and limit on the node.",
            ) from error
    return placements


def place_task(names: Sequence[str], placements: Sequence[Placement]) -> Placement:
    """Return what nodes run on together, given their names and placements.

    It is the field-wise maximum of their resources, and the template, image and machine labels that any of
    them requests.

    Raises:
        PlacementError: If they request different templates, images, or values of one machine label.
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
        origin="maximum of: " + ", ".join(dict.fromkeys(placement.origin for placement in distinct)),
        pod=_agree("'pod' fields", names, [placement.pod for placement in distinct]),
    )


def _agree(what: str, names: Sequence[str], values: Sequence[str | None]) -> str | None:
    """Return the one value that is requested, if any."""
    requested = list(dict.fromkeys(value for value in values if value is not None))
    if len(requested) > 1:
        raise PlacementError(
            f"nodes {_list_few(names)} share a task but request different {what}: {_list_few(requested)}",
            hint="Put them into different tasks, or let them request the same.",
        )
    return requested[0] if requested else None


def _list_few(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")


class _Request(NamedTuple):
    """What a node or its group requests in code, and which of them does."""

    argo_config: ArgoResourceConfig | None
    machine_type: str | None
    template: str | None
    owner: str


def _read_request(node: Node, group: FuseGroup | None) -> _Request:
    template = read_template(node)
    if group is not None:
        template = group.template or template
        if group.argo_config is not None or group.machine_type is not None:
            return _Request(group.argo_config, group.machine_type, template, f"fused pipeline {group.name!r}")
    argo_config = node.argo_config if isinstance(node, ArgoNode) else None
    return _Request(argo_config, read_machine_type(node), template, "node")


def _place(
    request: _Request,
    rule: Rule | None,
    default: Placement,
    machines: Mapping[str, ArgoResourceConfig],
    defaults: ArgoResourceConfig | None,
) -> Placement:
    resources, origin = default.resources, default.origin
    if request.argo_config is not None:
        resources, origin = request.argo_config.with_defaults(defaults), f"argo_config of {request.owner}"
    elif request.machine_type is not None:
        resources = machines[request.machine_type]
        origin = f"machine type {request.machine_type!r} of {request.owner}"
    elif rule is not None and rule.machine_type is not None:
        resources, origin = machines[rule.machine_type], f"rule: machine type {rule.machine_type!r}"
    elif rule is not None and rule.resources is not None:
        resources, origin = rule.resources.with_defaults(defaults), "rule: resources"
    return Placement(
        resources=resources,
        template=request.template or (rule.template if rule else None),
        image=rule.image if rule else None,
        node_selector=tuple(sorted(rule.node_selector.items())) if rule else (),
        origin=origin,
        pod=json.dumps(rule.pod, sort_keys=True) if rule and rule.pod else None,
    )


def _check_machine_types(
    graph: NodeGraph, requests: Sequence[_Request], machines: Mapping[str, ArgoResourceConfig]
) -> None:
    """Report all unknown machine types in one error."""
    unknown: dict[str, list[str]] = defaultdict(list)
    for name, (_, machine_type, *_) in zip(graph.names, requests, strict=True):
        if machine_type is not None and machine_type not in machines:
            unknown[machine_type].append(name)
    if unknown:
        missing = [f"{name!r}, requested by {_list_few(nodes)}" for name, nodes in sorted(unknown.items())]
        raise UnknownMachineTypeError(
            f"argo.yml has no machine type {' and no '.join(missing)}",
            config_path="argo: machine_types",
            hint=did_you_mean(min(unknown), machines) or f"It has {', '.join(sorted(machines)) or 'none'}.",
            nodes={name: tuple(nodes) for name, nodes in unknown.items()},
        )

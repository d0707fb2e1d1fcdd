"""What a node, and a task of several, runs on: resources, template, image, machine labels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.fusing import read_group, read_machine_type, read_template
from kedro_matrix_ext.argo.nodes import ArgoNode
from kedro_matrix_ext.argo.resources import ArgoResourceConfig
from kedro_matrix_ext.errors import PlacementError, UnknownMachineTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.configuration import ArgoConfig, Rule
    from kedro_matrix_ext.argo.graph import NodeGraph
    from kedro_matrix_ext.argo.nodes import FuseGroup

__all__ = ["Placement", "place_nodes", "place_task"]


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


class MachineTypes:
    """The machine types of ``argo.yml`` as resources, each made once.

    Args:
        config: The models of ``argo.yml``.
    """

    def __init__(self, config: ArgoConfig) -> None:
        self._config = config
        self._resources: dict[str, ArgoResourceConfig] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._config.machine_types

    def __getitem__(self, name: str) -> ArgoResourceConfig:
        if name not in self._resources:
            self._resources[name] = self._config.machine_types[name].to_resources()
        return self._resources[name]


def place_nodes(graph: NodeGraph, config: ArgoConfig) -> list[Placement]:
    """Say for each node what it runs on: itself, else the first rule that matches, else the default.

    Args:
        graph: The pipeline.
        config: The models of ``argo.yml``.

    Returns:
        A placement per node.

    Raises:
        UnknownMachineTypeError: If nodes or their groups name machine types that ``argo.yml`` has not.
    """
    machines = MachineTypes(config)
    _check_machine_types(graph, config, machines)
    return [_place_node(node, _find_rule(node, config.rules), config, machines) for node in graph.nodes]


def place_task(
    names: Sequence[str], placements: Sequence[Placement], groups: Iterable[FuseGroup | None], config: ArgoConfig
) -> Placement:
    """Say what several nodes run on together.

    Args:
        names: The nodes' names.
        placements: What each runs on alone.
        groups: The fused groups they belong to, where the task is such a group.
        config: The models of ``argo.yml``.

    Returns:
        What the group says, taken whole; else the field-wise maximum, and the one template and image that any
        of them asks for.

    Raises:
        PlacementError: If they ask for different templates, images, or values of one machine label.
    """
    fused = sorted({group for group in groups if group is not None}, key=repr)
    explicit = _agree("resources", names, [_group_resources(group, config) for group in fused])
    first, *rest = (placement.resources for placement in placements)
    selectors: dict[str, dict[str, None]] = defaultdict(dict)
    for placement in placements:
        for label, value in placement.node_selector:
            selectors[label][value] = None
    template = _agree("template", names, [group.template for group in fused])
    return Placement(
        resources=explicit or (first.fuse(*rest) if any(config != first for config in rest) else first),
        template=template or _agree("template", names, [placement.template for placement in placements]),
        image=_agree("image", names, [placement.image for placement in placements]),
        node_selector=tuple(
            (label, str(_agree(f"node_selector {label!r}", names, list(values))))
            for label, values in sorted(selectors.items())
        ),
    )


def _group_resources(group: FuseGroup, config: ArgoConfig) -> ArgoResourceConfig | None:
    if group.machine_type is not None:
        return config.machine_types[group.machine_type].to_resources()
    return group.argo_config


def _agree(what: str, names: Sequence[str], values: Sequence[Any]) -> Any:  # noqa: ANN401  any attribute
    """Give the one value that is asked for, if any."""
    asked = list(dict.fromkeys(value for value in values if value is not None))
    if len(asked) > 1:
        shown = ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")  # noqa: PLR2004  a few
        raise PlacementError(
            f"nodes {shown} shall share a task but ask for different {what}: {', '.join(map(repr, asked))}",
            hint="Group them apart, or let them ask for the same.",
        )
    return asked[0] if asked else None


def _find_rule(node: Node, rules: Sequence[Rule]) -> Rule | None:
    if not rules:
        return None
    name, namespace, tags = node.name, node.namespace, node.tags
    return next((rule for rule in rules if rule.matches(name=name, namespace=namespace, tags=tags)), None)


def _place_node(node: Node, rule: Rule | None, config: ArgoConfig, machines: MachineTypes) -> Placement:
    own = _own_resources(node, machines)
    template = read_template(node)
    if rule is None:
        return Placement(resources=own or _default_resources(config, machines), template=template)
    return Placement(
        resources=own or _rule_resources(rule, machines) or _default_resources(config, machines),
        template=template or rule.template,
        image=rule.image,
        node_selector=tuple(sorted(rule.node_selector.items())),
    )


def _own_resources(node: Node, machines: MachineTypes) -> ArgoResourceConfig | None:
    if isinstance(node, ArgoNode) and node.argo_config is not None:
        return node.argo_config
    machine_type = read_machine_type(node)
    return None if machine_type is None else machines[machine_type]


def _rule_resources(rule: Rule, machines: MachineTypes) -> ArgoResourceConfig | None:
    return machines[rule.machine_type] if rule.machine_type is not None else rule.resources


def _default_resources(config: ArgoConfig, machines: MachineTypes) -> ArgoResourceConfig:
    if config.default_machine_type is None:
        return _DEFAULTS
    return machines[config.default_machine_type]


_DEFAULTS = ArgoResourceConfig()


def _check_machine_types(graph: NodeGraph, config: ArgoConfig, machines: MachineTypes) -> None:
    """Report all unknown machine types of nodes and groups at once."""
    unknown: dict[str, list[str]] = defaultdict(list)
    for node, name in zip(graph.nodes, graph.names, strict=True):
        group = read_group(node)
        for machine_type in {read_machine_type(node), group.machine_type if group else None}:
            if machine_type is not None and machine_type not in machines:
                unknown[machine_type].append(name)
    if unknown:
        lines = [f"{name!r}, which nodes {', '.join(nodes[:3])} ask for" for name, nodes in sorted(unknown.items())]
        raise UnknownMachineTypeError(
            f"argo.yml has no machine type {'; '.join(lines)}",
            config_path="argo: machine_types",
            hint=did_you_mean(next(iter(sorted(unknown))), config.machine_types)
            or f"It has: {', '.join(sorted(config.machine_types)) or 'none'}.",
            nodes={name: tuple(nodes) for name, nodes in unknown.items()},
        )

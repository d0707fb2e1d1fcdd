"""Rules for ``argo.yml`` that set the resources of nodes: few, and matching no other node."""

from __future__ import annotations

from fnmatch import fnmatchcase
from glob import escape
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.configuration.rules import Match, Rule
from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.argo.configuration import ArgoConfig

__all__ = ["list_fixed_nodes", "make_rules", "render_rule"]


def make_rules(
    wanted: Mapping[str, ArgoResourceConfig], nodes: Sequence[Node], config: ArgoConfig
) -> list[Rule]:
    """Make rules to put before those of ``argo.yml``.

    A rule matches a namespace, a tag, or the last part of a name, whichever has the most nodes that all get
    the same; else a whole name. Nothing changes for nodes outside ``wanted``.
    """
    effects = {
        node.name: _find_effect(node, wanted[node.name], config) for node in nodes if node.name in wanted
    }
    makers = _Patterns(nodes, effects)
    rules: list[Rule] = []
    covered: set[str] = set()
    for node in nodes:
        if node.name in effects and node.name not in covered:
            match, members = makers.choose(node)
            covered |= members
            rules.append(effects[node.name].model_copy(update={"match": match}))
    return rules


def _find_effect(node: Node, resources: ArgoResourceConfig, config: ArgoConfig) -> Rule:
    """Return what a node gets, as a rule for this node alone."""
    now = config.match_rule(name=node.name, namespace=node.namespace, tags=node.tags)
    names = ("image", "template", "node_selector", "pod")
    kept = {name: getattr(now, name) for name in names} if now else {}
    return Rule.model_validate({"match": {"node": "*"}, "resources": resources, **kept})


_OWN_TAGS = "argowf."  # fuse groups and machine types, which are about one pipeline


class _Patterns:
    """Finds the widest pattern around a node whose nodes all get the same."""

    def __init__(self, nodes: Sequence[Node], effects: Mapping[str, Rule]) -> None:
        self._nodes = nodes
        self._effects = effects
        self._members: dict[Match, set[str] | None] = {}

    def choose(self, node: Node) -> tuple[Match, set[str]]:
        best: tuple[Match, set[str]] | None = None
        for match in _list_patterns(node):
            if match not in self._members:
                self._members[match] = self._find_members(match)
            members = self._members[match]
            if members is None or (match.tag and len(members) == 1):
                continue
            if best is None or len(members) > len(best[1]):
                best = match, members
        return best or (Match(node=escape(node.name)), {node.name})

    def _find_members(self, match: Match) -> set[str] | None:
        """Return the nodes that a pattern matches; none where they do not all get the same."""
        found = [node.name for node in self._nodes if _matches(match, node)]
        first = self._effects.get(found[0])
        same = first is not None and all(self._effects.get(name) == first for name in found)
        return set(found) if same else None


def _list_patterns(node: Node) -> Iterator[Match]:
    parts = (node.namespace or "").split(".") if node.namespace else []
    for depth in range(1, len(parts) + 1):
        yield Match(namespace=".".join(parts[:depth]))
    yield from (Match(tag=tag) for tag in sorted(node.tags) if not tag.startswith(_OWN_TAGS))
    if parts:
        yield Match(node=f"*.{escape(node.name.rpartition('.')[2])}")


def _matches(match: Match, node: Node) -> bool:
    if match.tag is not None:
        return match.tag in node.tags
    if match.node is not None:
        return fnmatchcase(node.name, match.node)
    return node.namespace is not None and f"{node.namespace}.".startswith(f"{match.namespace}.")


def list_fixed_nodes(nodes: Iterable[Node]) -> list[str]:
    """Return the names of nodes whose resources are set in code, which no rule changes."""
    from kedro_matrix_ext.argo.nodes.fused_pipeline import read_group, read_machine_type
    from kedro_matrix_ext.argo.nodes.node import ArgoNode

    fixed = []
    for node in nodes:
        group = read_group(node)
        own = node.argo_config is not None if isinstance(node, ArgoNode) else False
        grouped = group is not None and (group.argo_config or group.machine_type)
        if own or grouped or read_machine_type(node) is not None:
            fixed.append(node.name)
    return fixed


def render_rule(rule: Rule) -> dict[str, Any]:
    """Write a rule as in ``argo.yml``; default amounts other than CPU and memory are left out."""
    resources = (rule.resources or ArgoResourceConfig()).model_dump()
    defaults = ArgoResourceConfig().model_dump()
    shown = {
        name: _plain(value)
        for name, value in resources.items()
        if name.startswith(("cpu", "memory")) or value != defaults[name]
    }
    optional = {"image": rule.image, "template": rule.template, "node_selector": dict(rule.node_selector)}
    optional |= {"pod": rule.pod}
    match = rule.match.model_dump(exclude_none=True)
    return {"match": match, "resources": shown, **{key: value for key, value in optional.items() if value}}


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number

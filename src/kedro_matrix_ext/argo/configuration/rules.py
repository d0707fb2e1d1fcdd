"""``rules``: what the nodes of a tag, a namespace or a name pattern get by default."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.argo.configuration.kubernetes_types import (  # noqa: TC001  fields' types
    ImageName,
    LabelKey,
    LabelValue,
)
from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig  # noqa: TC001  a field's type

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Match", "Rule"]


class Match(Section):
    """Which nodes a rule applies to: those that meet every condition."""

    tag: str | None = None
    """A tag the node carries."""
    namespace: str | None = None
    """The node's namespace, or one above it: ``price_predictor`` also matches ``price_predictor.base``."""
    node: str | None = None
    """A shell-style pattern of the node's full name: ``*.train_*``."""

    @model_validator(mode="after")
    def _require_condition(self) -> Self:
        if not (self.tag or self.namespace or self.node):
            raise ValueError("set at least one of 'tag', 'namespace', 'node'")
        return self


class Rule(Section):
    """What matching nodes get. The first rule that matches a node is the one that counts.

    Examples:
        >>> rule = Rule.model_validate({"match": {"tag": "gpu"}, "machine_type": "g2-standard-4"})
        >>> rule.matches(name="train", namespace=None, tags={"gpu", "slow"})
        True
    """

    match: Match
    """Which nodes it applies to."""
    machine_type: str | None = None
    """A name in ``machine_types``; do not set ``resources`` too."""
    resources: ArgoResourceConfig | None = None
    """Requests and limits, field by field; do not set ``machine_type`` too."""
    image: ImageName | None = None
    """The container image, instead of ``deployment.image``."""
    template: str | None = None
    """A name in ``template.templates``."""
    node_selector: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels of the machine, in addition to ``node_selector`` of the whole file."""
    pod: dict[str, Any] = Field(default_factory=dict)
    """Fields of the pod, as Kubernetes writes them, in addition to ``pod`` of the whole file."""

    @model_validator(mode="after")
    def _check_effect(self) -> Self:
        if self.machine_type and self.resources:
            raise ValueError("set 'machine_type' or 'resources', not both")
        effects = (self.machine_type, self.resources, self.image, self.template, self.node_selector, self.pod)
        if not any(effects):
            raise ValueError(
                "the rule sets nothing: add 'machine_type', 'resources', 'image', "
                "'template', 'node_selector' or 'pod'"
            )
        return self

    def matches(self, *, name: str, namespace: str | None, tags: set[str] | frozenset[str]) -> bool:
        """Return whether a node, given its full name, namespace and tags, meets every condition."""
        wanted = self.match
        return (
            (wanted.tag is None or wanted.tag in tags)
            and (wanted.namespace is None or _is_within(namespace, wanted.namespace))
            and (wanted.node is None or fnmatchcase(name, wanted.node))
        )


def _is_within(namespace: str | None, wanted: str) -> bool:
    return namespace is not None and (namespace == wanted or namespace.startswith(f"{wanted}."))

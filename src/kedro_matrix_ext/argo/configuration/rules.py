"""``rules``: what the nodes of a tag, a namespace or a name pattern get, unless they say so themselves."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig  # noqa: TC001  a field's type

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Match", "Rule"]


class Match(Section):
    """Which nodes a rule holds for: those that meet every condition given."""

    tag: str | None = None
    """A tag the node carries."""
    namespace: str | None = None
    """The node's namespace, or one above it: ``price_predictor`` also matches ``price_predictor.base``."""
    node: str | None = None
    """A shell-style pattern of the node's full name: ``*.train_*``."""

    @model_validator(mode="after")
    def _require_condition(self) -> Self:
        if not (self.tag or self.namespace or self.node):
            raise ValueError("give at least one of 'tag', 'namespace', 'node'")
        return self


class Rule(Section):
    """What matching nodes get. The first rule that matches a node is the one that counts.

    Examples:
        >>> rule = Rule.model_validate({"match": {"tag": "gpu"}, "machine_type": "g2-standard-4"})
        >>> rule.matches(name="train", namespace=None, tags={"gpu", "slow"})
        True
    """

    match: Match
    """Which nodes it holds for."""
    machine_type: str | None = None
    """A name in ``machine_types``; not together with ``resources``."""
    resources: ArgoResourceConfig | None = None
    """Requests and limits, field by field; not together with ``machine_type``."""
    image: str | None = None
    """The container image, in place of ``deployment.image``."""
    template: str | None = None
    """A name in ``template.templates``."""
    node_selector: dict[str, str] = Field(default_factory=dict)
    """Labels the machine must carry, beyond ``node_selector`` of the whole file."""

    @model_validator(mode="after")
    def _check_effect(self) -> Self:
        if self.machine_type and self.resources:
            raise ValueError("give 'machine_type' or 'resources', not both")
        if not (self.machine_type or self.resources or self.image or self.template or self.node_selector):
            raise ValueError(
                "the rule sets nothing: give 'machine_type', 'resources', 'image', "
                "'template' or 'node_selector'"
            )
        return self

    def matches(self, *, name: str, namespace: str | None, tags: set[str] | frozenset[str]) -> bool:
        """Tell whether the rule holds for a node.

        Args:
            name: The node's full name, namespace included.
            namespace: Its namespace.
            tags: Its tags.

        Returns:
            True where every condition given is met.
        """
        wanted = self.match
        return (
            (wanted.tag is None or wanted.tag in tags)
            and (wanted.namespace is None or _is_within(namespace, wanted.namespace))
            and (wanted.node is None or fnmatchcase(name, wanted.node))
        )


def _is_within(namespace: str | None, wanted: str) -> bool:
    return namespace is not None and (namespace == wanted or namespace.startswith(f"{wanted}."))

"""A Kedro node that also states what it runs on. Locally it is a node like any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node as KedroNode

from kedro_matrix_ext._node_copies import copy_as, kept_attributes
from kedro_matrix_ext.errors import NodeDefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kedro.pipeline.preview_contract import PreviewPayload

    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

__all__ = ["ArgoNode", "FuseGroup", "check_resources"]


@dataclass(frozen=True, kw_only=True)
class FuseGroup:
    """The fused pipeline that a node belongs to.

    Attributes:
        name: Its name, unique within the surrounding namespace.
        depth: How many of the node's namespaces, counted from the innermost, lie within the group. Kedro only
            adds namespaces on the outside, so the number stays right wherever the group is used.
        argo_config: The resources of the whole group, taken as they are.
        machine_type: The machine type of the whole group, taken as it is.
        template: The template that the group runs in.
    """

    name: str
    depth: int = 0
    argo_config: ArgoResourceConfig | None = None
    machine_type: str | None = None
    template: str | None = None


class ArgoNode(KedroNode):
    """Kedro's ``Node`` plus the resources, machine type and template it requests on a cluster.

    Args:
        func: The function to run.
        inputs: As for Kedro's ``Node``; so are ``outputs``, ``name``, ``tags``, ``confirms``, ``namespace``
            and ``preview_fn``.
        outputs: Names of the datasets it makes.
        name: The node's name.
        tags: Its tags.
        confirms: Datasets to confirm after it ran.
        namespace: Its namespace.
        preview_fn: The function that shows it in Kedro-Viz.
        argo_config: The resources that the node requests; or pass ``machine_type``.
        machine_type: The name of a machine type in ``argo.yml``; or pass ``argo_config``.
        template: The name of a template in ``argo.yml`` to run in.

    Raises:
        NodeDefinitionError: If ``argo_config`` and ``machine_type`` are both passed, or have a wrong type.

    Examples:
        >>> train = ArgoNode(len, "table", "rows", name="count", machine_type="g2-standard-4")
        >>> train.tag("nightly").machine_type
        'g2-standard-4'
    """

    def __init__(  # noqa: PLR0913  Kedro's arguments and three of ours
        self,
        func: Callable[..., Any],
        inputs: str | list[str] | dict[str, str] | None,
        outputs: str | list[str] | dict[str, str] | None,
        *,
        name: str | None = None,
        tags: str | Iterable[str] | None = None,
        confirms: str | list[str] | None = None,
        namespace: str | None = None,
        preview_fn: Callable[..., PreviewPayload] | None = None,
        argo_config: ArgoResourceConfig | None = None,
        machine_type: str | None = None,
        template: str | None = None,
    ) -> None:
        super().__init__(
            func,
            inputs,
            outputs,
            name=name,
            tags=tags,
            confirms=confirms,
            namespace=namespace,
            preview_fn=preview_fn,
        )
        check_resources(f"node {self.name!r}", argo_config, machine_type)
        self._argo_config = argo_config
        self._machine_type = machine_type
        self._template = template
        self._fuse_group: FuseGroup | None = None

    @property
    def argo_config(self) -> ArgoResourceConfig | None:
        """The resources that the node itself requests, if any."""
        return self._argo_config

    @property
    def machine_type(self) -> str | None:
        """The machine type that the node itself requests, if any."""
        return self._machine_type

    @property
    def template(self) -> str | None:
        """The template that the node itself requests, if any."""
        return self._template

    @property
    def fuse_group(self) -> FuseGroup | None:
        """The fused pipeline that the node belongs to, if any."""
        return self._fuse_group

    @classmethod
    def from_node(cls, node: KedroNode) -> ArgoNode:
        """Make an equal node of this class.

        Args:
            node: A plain Kedro node.

        Returns:
            The node, without resources, machine type and template.
        """
        return copy_as(cls, node, _argo_config=None, _machine_type=None, _template=None, _fuse_group=None)

    def in_group(self, group: FuseGroup) -> ArgoNode:
        """Copy the node into a fused pipeline.

        Args:
            group: The fused pipeline. It replaces one that the node already belongs to; the resources of that
                one become the node's own.

        Returns:
            The copy, equal to the node.
        """
        inner = self._fuse_group or FuseGroup(name="")
        own: dict[str, Any] = {"_template": inner.template or self._template}
        if inner.argo_config is not None or inner.machine_type is not None:
            own.update(_argo_config=inner.argo_config, _machine_type=inner.machine_type)
        return copy_as(type(self), self, _fuse_group=group, **own)

    def _copy(self, **overwrite_params: Any) -> ArgoNode:
        """Copy as Kedro does, and keep the class and the Argo attributes in every Kedro release.

        Raises:
            NodeDefinitionError: If resources are passed twice, or have a wrong type.
        """
        own = {name: value for name, value in kept_attributes(self).items() if name in _ARGO_ATTRIBUTES}
        given = {name: overwrite_params.pop(name) for name in _ARGO_KEYWORDS if name in overwrite_params}
        if "argo_config" in given or "machine_type" in given:  # one replaces the other
            given = {"argo_config": None, "machine_type": None, **given}
            check_resources(f"node {self.name!r}", given["argo_config"], given["machine_type"])
        own.update((f"_{name}", value) for name, value in given.items())
        return copy_as(type(self), super()._copy(**overwrite_params), **own)


_ARGO_KEYWORDS = ("argo_config", "machine_type", "template")
_ARGO_ATTRIBUTES = frozenset({"_argo_config", "_machine_type", "_template", "_fuse_group"})


def check_resources(owner: str, argo_config: object, machine_type: object) -> None:
    """Check that the resources of a node or group are stated once, and with the right type.

    Raises:
        NodeDefinitionError: If they are not; the message begins with ``owner``.
    """
    if argo_config is not None and machine_type is not None:
        raise NodeDefinitionError(
            f"{owner} has both argo_config and machine_type {machine_type!r}",
            hint="Pass one of the two: resources in Python, or the name of a machine type in argo.yml.",
        )
    if machine_type is not None and not isinstance(machine_type, str):
        raise NodeDefinitionError(
            f"{owner} has machine_type {machine_type!r}", hint="Pass the name of a machine type in argo.yml."
        )
    if argo_config is not None:
        _check_config(owner, argo_config)


def _check_config(owner: str, argo_config: object) -> None:
    from kedro_matrix_ext.argo.nodes.resources import (
        ArgoResourceConfig,  # pydantic, only where there is a config
    )

    if not isinstance(argo_config, ArgoResourceConfig):
        raise NodeDefinitionError(
            f"{owner} has argo_config {argo_config!r}", hint="Pass an ArgoResourceConfig, or a preset."
        )

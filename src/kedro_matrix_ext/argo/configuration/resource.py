"""``resource`` of a template: an object of the cluster that runs a task's command."""

from __future__ import annotations

from typing import ClassVar, Literal

from kedro_matrix_ext.argo.configuration.passthrough.check import OpenSection

__all__ = ["Resource"]


class Resource(OpenSection):
    """An object of the cluster that Argo creates and waits for, such as a SparkApplication.

    Any other field of Argo's resource templates is passed through: ``successCondition``, ``flags``, ...
    """

    passed_kind: ClassVar[str] = "ResourceTemplate"

    action: Literal["apply", "create", "delete", "get", "patch", "replace"] = "create"
    """What Argo does with it."""
    manifest: str | None = None
    """The object as YAML text; the task's command, image, size and environment are inputs."""

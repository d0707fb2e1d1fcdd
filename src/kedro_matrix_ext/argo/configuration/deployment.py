"""``deployment`` and ``runner``: the image tasks run in, and how they run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.argo.configuration.field_types import Text  # noqa: TC001  a field's type

__all__ = ["Deployment", "Runner"]


class Deployment(Section):
    """The image that tasks run in, and how it is built.

    Examples:
        >>> Deployment(image="registry.example/shop", tag="v1").reference
        'registry.example/shop:v1'
    """

    image: str | None = None
    """The image's name, registry included, without a tag."""
    tag: Text = "latest"
    """The image's tag."""
    target_platform: str = "linux/amd64"
    """The platform to build for, as ``docker buildx build --platform`` takes it."""
    context: str = "./"
    """The folder that is sent to the build, relative to the project."""
    dockerfile: str = "Dockerfile"
    """The Dockerfile, relative to the project."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "Always"
    """When a machine pulls the image."""

    @property
    def reference(self) -> str | None:
        """Image and tag as a container names them; a pinned digest (``name@sha256:...``) takes no tag."""
        if self.image is None or "@" in self.image:
            return self.image
        return f"{self.image}:{self.tag}"


class Runner(Section):
    """How a task runs its nodes."""

    use_memory_datasets: bool = False
    """Keep datasets made and used only inside a task in memory, instead of saving and loading them."""
    persist: tuple[str, ...] = Field(default=())
    """Datasets (names, or shell-style patterns) that are saved anyway."""

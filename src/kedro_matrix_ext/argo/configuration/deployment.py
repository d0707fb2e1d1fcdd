"""``deployment`` and ``runner``: the image tasks run in, and how they run."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.argo.configuration.field_types import Text  # noqa: TC001  a field's type
from kedro_matrix_ext.argo.configuration.kubernetes_types import ImageName, Tag, names_tag

__all__ = ["BuildSecret", "Deployment", "Runner"]

_TWO_WORDS = re.compile(r"--?[\w-]+\s+\S")


class BuildSecret(Section):
    """A secret that the build may read and that no layer or history of the image holds."""

    id: Text
    """The name by which the Dockerfile mounts it."""
    env: str | None = None
    """The variable of this shell that holds it."""
    file: str | None = None
    """The file that holds it, relative to the project; ``~`` is the home folder."""

    @model_validator(mode="after")
    def _check_source(self) -> BuildSecret:
        if (self.env is None) == (self.file is None):
            raise ValueError("give either 'env', a variable of this shell, or 'file'")
        return self


class Deployment(Section):
    """The image that tasks run in, and how it is built.

    Examples:
        >>> Deployment(image="registry.example/shop", tag="v1").reference
        'registry.example/shop:v1'
    """

    image: ImageName | None = None
    """The image's name, registry included, with or without a tag; a digest pins it."""
    tag: Tag = "latest"
    """The image's tag, where its name has none."""
    target_platform: str = "linux/amd64"
    """The platform to build for, as ``docker buildx build --platform`` takes it. A ``--platform`` in
    ``build_options`` takes its place."""
    context: str = "./"
    """The folder that is sent to the build, relative to the project."""
    dockerfile: str = "Dockerfile"
    """The Dockerfile, relative to the project."""
    build_args: dict[str, str] = Field(default_factory=dict)
    """Arguments (``ARG``) of the Dockerfile; the image's history shows them, so they hold no secrets."""
    build_secrets: tuple[BuildSecret, ...] = Field(default=())
    """Secrets that the build mounts."""
    build_options: tuple[str, ...] = Field(default=())
    """Further options of ``docker buildx build`` or ``podman build``, passed as written."""
    code: str | None = None
    """The folder in shared storage, as ``s3://bucket/code``, from which tasks fetch the project's code and
    configuration; without it, they are in the image."""
    code_include: tuple[str, ...] = Field(default=())
    """Further files and folders of the project that the code package holds, relative to the project."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = None
    """When a machine asks the registry for the image: by default ``IfNotPresent`` for an image named by
    digest, else ``Always``."""

    @field_validator("build_options")
    @classmethod
    def _refuse_two_words(cls, options: tuple[str, ...]) -> tuple[str, ...]:
        for option in options:
            if _TWO_WORDS.match(option):
                name, value = option.split(maxsplit=1)
                raise ValueError(
                    f"{option!r} is an option and its value in one item: write '{name}={value}', or two items"
                )
        return options

    @field_validator("code")
    @classmethod
    def _refuse_password(cls, code: str | None) -> str | None:
        if code is not None and ("?" in code or urlsplit(code).password is not None):
            raise ValueError(
                "the manifest would show a password or query; pods read it by their own credentials"
            )
        return code

    @model_validator(mode="after")
    def _refuse_two_tags(self) -> Deployment:
        named = self.image is not None and "@" not in self.image and names_tag(self.image)
        if named and "tag" in self.model_fields_set:
            raise ValueError(
                f"'image' has a tag in it, {self.image!r}, and so has 'tag': {self.tag!r}. Keep one."
            )
        return self

    @property
    def reference(self) -> str | None:
        """Image and tag as a container names them; a name that has a tag or a digest is complete."""
        if self.image is None or names_tag(self.image):
            return self.image
        return f"{self.image}:{self.tag}"

    def pull_policy(self, image: str | None = None) -> str:
        """Return the pull policy of an image: a digest always names the same image, a tag may be moved."""
        by_digest = "@" in (image or self.image or "")
        return self.image_pull_policy or ("IfNotPresent" if by_digest else "Always")


class Runner(Section):
    """How a task runs its nodes."""

    use_memory_datasets: bool = False
    """Keep datasets made and used only inside a task in memory, instead of saving and loading them."""
    persist: tuple[str, ...] = Field(default=())
    """Datasets (names, or shell-style patterns) that are saved anyway."""

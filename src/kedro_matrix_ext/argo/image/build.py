"""The image of tasks: built and pushed by docker buildx, podman or buildah, and known by its digest."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.image.context import refuse_secrets
from kedro_matrix_ext.argo.image.ignore import find_ignore_file
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro_matrix_ext.argo.configuration.deployment import BuildSecret, Deployment

__all__ = ["ImageBuild", "build_image", "choose_tag", "plan_build"]

ENVIRONMENT_STAGE = "environment"
"""The stage of the Dockerfile that holds the dependencies and not the project."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_LONGEST_TAG = 128
_STANDARD_ERROR = 2  # what the tools print is not a result of the command
_NO_BUILD = "give '--no-build' to run an image that is there"


@dataclass(frozen=True, kw_only=True)
class ImageBuild:
    """An image to be built and pushed.

    Attributes:
        tool: ``docker``, ``podman`` or ``buildah``.
        image: Its name, registry included.
        tag: Its tag, which no image has yet.
        platform: What it is built for.
        dockerfile: What it is built from.
        context: The folder that is sent to the build.
        project: The project's folder inside the context.
        args: Arguments of the Dockerfile.
        secrets: Secrets that the build mounts, as ``id=...,env=...`` or ``id=...,src=...``.
        options: Further options of the tool.
        commit: The commit it is made from, for its label.
        stage: The stage of the Dockerfile to stop at; the whole image if there is none.
    """

    tool: str
    image: str
    tag: str
    platform: str
    dockerfile: Path
    context: Path
    project: str = "."
    args: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    commit: str | None = None
    stage: str | None = None

    @property
    def reference(self) -> str:
        """Name and tag."""
        return f"{self.image}:{self.tag}"

    @property
    def placeholder(self) -> str:
        """A reference by digest of the form that the image will have."""
        return f"{self.image}@sha256:{'0' * 64}"


def plan_build(
    deployment: Deployment,
    project: Path,
    *,
    suffix: str,
    commit: str | None,
    credentials: Iterable[Path] = (),
) -> ImageBuild:
    """Find out whether and how an image can be built; nothing is built yet.

    ``credentials`` are files that the project reads as credentials, whatever they are called.

    Raises:
        ArgoError: If there is no image name, Dockerfile or tool.
    """
    image = _require_name(deployment)
    dockerfile, context = project / deployment.dockerfile, project / deployment.context
    if not dockerfile.is_file():
        raise ArgoError(
            f"there is no Dockerfile at {str(dockerfile)!r}",
            config_path="argo: deployment.dockerfile",
            hint=f"'kedro argo init' writes one; or {_NO_BUILD}.",
        )
    if not context.is_dir():
        raise ArgoError(
            f"there is no folder {str(context)!r} to send to the builder",
            config_path="argo: deployment.context",
            hint="It counts from the project: './' is the project itself, '../..' a monorepo's root.",
        )
    refuse_secrets(dockerfile, context, credentials)
    return ImageBuild(
        tool=find_tool(),
        image=image,
        tag=choose_tag(deployment.tag, suffix),
        platform=_find_platform(deployment.build_options) or deployment.target_platform,
        dockerfile=dockerfile,
        context=context,
        project=_find_inside(project, context),
        args=deployment.build_args,
        secrets=tuple(_describe_secret(secret, project) for secret in deployment.build_secrets),
        options=deployment.build_options,
        commit=commit,
        stage=None if deployment.code is None else ENVIRONMENT_STAGE,
    )


def _find_inside(project: Path, context: Path) -> str:
    """Give the project's folder as a path inside the context; ``.`` where the two are the same."""
    try:
        return project.resolve().relative_to(context.resolve()).as_posix()
    except ValueError:
        return "."


def _describe_secret(secret: BuildSecret, project: Path) -> str:
    """Write a secret as the option ``--secret`` takes it; the value stays where it is."""
    place = "argo: deployment.build_secrets"
    path = project / Path(secret.file or "").expanduser()
    source = str(path) if secret.env is None else secret.env
    if "," in secret.id + source:
        raise ArgoError(
            f"the build secret {secret.id!r} has a comma in its name or source {source!r}",
            config_path=place,
            hint="Builders separate options with commas. Rename it, or copy the file elsewhere.",
        )
    if secret.file is not None:
        if not path.is_file():
            raise ArgoError(
                f"there is no file {str(path)!r} for the build secret {secret.id!r}",
                config_path=place,
                hint="Write the file, or correct 'file', which counts from the project.",
            )
        return f"id={secret.id},src={path}"
    if secret.env not in os.environ:
        raise ArgoError(
            f"the variable {secret.env!r} for the build secret {secret.id!r} is not set",
            config_path=place,
            hint=f"Set {secret.env} in the shell that builds the image.",
        )
    return f"id={secret.id},env={secret.env}"


def _require_name(deployment: Deployment) -> str:
    """Give the name of the image to build, which has neither tag nor digest."""
    place = "argo: deployment.image"
    if deployment.image is None:
        raise ArgoError(
            "nothing says what to call the image",
            config_path=place,
            hint="Give its name there, registry included.",
        )
    if "@" in deployment.image:
        raise ArgoError(
            f"{deployment.image!r} is an image that is built already",
            config_path=place,
            hint=f"Name it without a digest, or {_NO_BUILD}.",
        )
    if ":" in deployment.image.rpartition("/")[2]:
        raise ArgoError(
            f"{deployment.image!r} must not include a tag: every build generates one",
            config_path=place,
            hint=f"Move the tag to 'deployment.tag', or {_NO_BUILD}.",
        )
    return deployment.image


def choose_tag(wanted: str, suffix: str) -> str:
    """Choose a tag that no image has, so that none in use is overwritten.

    Raises:
        ArgoError: If that is not a tag.

    Examples:
        >>> choose_tag("v1", "x7k2p9"), choose_tag("v1-x7k2p9", "x7k2p9")
        ('v1-x7k2p9', 'v1-x7k2p9')
    """
    tag = wanted if suffix in wanted else f"{wanted}-{suffix}"
    if not _TAG.fullmatch(tag):
        raise ArgoError(
            f"{tag!r} is not a tag that registries take",
            config_path="argo: deployment.tag",
            hint=f"Letters, digits, '_', '.' and '-', at most {_LONGEST_TAG} characters.",
        )
    return tag


def find_tool() -> str:
    """Find what builds images: docker with buildx and a running daemon, else podman, else buildah.

    Raises:
        ArgoError: If there is none of them.
    """
    missing = _find_what_docker_lacks()
    if missing is None:
        return "docker"
    for tool in ("podman", "buildah"):
        if shutil.which(tool):
            return tool
    raise ArgoError(
        f"nothing builds images here: {missing}, and there is no 'podman' or 'buildah' on PATH",
        hint=f"Start or install docker with buildx, or install podman or buildah; or {_NO_BUILD}.",
    )


def _find_what_docker_lacks() -> str | None:
    if not shutil.which("docker"):
        return "there is no 'docker'"
    if not _succeeds(["docker", "buildx", "version"]):
        return "'docker' has no buildx"
    if not _succeeds(["docker", "info"]):
        return "the daemon of 'docker' does not answer"
    return None


def build_image(build: ImageBuild) -> str:
    """Build an image and push it; what the tool prints goes to standard error.

    Raises:
        ArgoError: If the tool fails or does not say which digest it pushed.
    """
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "digest"
        for command in _list_commands(build, written):
            _run(command)
        text = written.read_text(encoding="utf-8") if written.exists() else ""
    digest = _read_digest(build, text)
    if not _DIGEST.fullmatch(digest):
        raise ArgoError(
            f"'{build.tool}' pushed {build.reference!r} but does not say under which digest",
            hint="Update it; or name the image by digest in argo.yml and give '--no-build'.",
        )
    return f"{build.image}@{digest}"


def _list_commands(build: ImageBuild, digest: Path) -> list[list[str]]:
    labels = ["--label", f"org.opencontainers.image.revision={build.commit}"] if build.commit else []
    args = {"PROJECT": build.project, **build.args} if build.project != "." else build.args
    described = [
        *(() if _find_platform(build.options) else ("--platform", build.platform)),
        *("--file", str(build.dockerfile), "--tag", build.reference),
        *labels,
        *(word for name, value in args.items() for word in ("--build-arg", f"{name}={value}")),
        *(word for secret in build.secrets for word in ("--secret", secret)),
        *(("--target", build.stage) if build.stage else ()),
        *build.options,
    ]
    if build.tool == "docker":
        pushing = ["--push", "--metadata-file", str(digest)]
        return [["docker", "buildx", "build", *described, *pushing, str(build.context)]]
    ignore_file = find_ignore_file(build.dockerfile, build.context)
    ignoring = ["--ignorefile", str(ignore_file)] if ignore_file else []
    return [
        [build.tool, "build", *described, *ignoring, str(build.context)],
        [build.tool, "push", "--digestfile", str(digest), build.reference],
    ]


def _find_platform(options: tuple[str, ...]) -> str | None:
    """Find the platform that the options choose, to which ours would add a second one."""
    words = iter(options)
    for option in words:
        name, equals, value = option.partition("=")
        if name == "--platform":
            return value if equals else next(words, "")
    return None


def _read_digest(build: ImageBuild, text: str) -> str:
    """Read the digest out of what the tool wrote: JSON by buildx, the digest alone by podman and buildah."""
    if build.tool != "docker":
        return text.strip()
    try:
        return str(json.loads(text)["containerimage.digest"])
    except (ValueError, KeyError, TypeError):
        return ""


def _run(command: list[str]) -> None:
    ran = subprocess.run(command, stdout=_STANDARD_ERROR, check=False)  # noqa: S603  no shell
    if ran.returncode:
        raise ArgoError(
            f"'{shlex.join(command[:2])}' exited {ran.returncode}, so there is no image",
            hint=f"What it printed is above. It ran: {shlex.join(command)}",
        )


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603  no shell

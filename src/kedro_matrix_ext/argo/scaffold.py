"""The files that ``kedro argo init`` writes into a project."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from kedro_matrix_ext._atomic_file import write_file
from kedro_matrix_ext.argo.image.dockerfile import list_image_values
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["FILE_KINDS", "ProjectFile", "differs", "list_project_files", "write_project_files"]

_CPU_IMAGE = "debian:bookworm-slim"
_GPU_IMAGE = "nvidia/cuda:12.8.1-base-ubuntu24.04"

FILE_KINDS = ("argo.yml", "dockerfile", "dockerignore", "rbac")
"""The files, as ``--only`` calls them."""


@dataclass(frozen=True)
class ProjectFile:
    """A file to write into a project.

    Attributes:
        path: Its path.
        text: Its contents.
        kind: What ``--only`` calls it.
    """

    path: Path
    text: str
    kind: str = ""


def list_project_files(  # noqa: PLR0913  what a project is
    project: Path, *, base_conf: Path, package: str, python: str, gpu: bool = False, source: str = "src"
) -> list[ProjectFile]:
    """Fill in the templates of ``argo.yml``, ``Dockerfile``, its ignore file and ``argo-rbac.yml``.

    Raises:
        ArgoError: If ``pyproject.toml`` cannot be read.
    """
    image_values = list_image_values(
        project,
        base_image=_GPU_IMAGE if gpu else _CPU_IMAGE,
        python=python,
        conf=base_conf.parent.relative_to(project).as_posix(),
        source=source,
    )
    values = {"@PACKAGE@": package.replace("_", "-"), **image_values}
    places = {
        "argo.yml": base_conf / "argo.yml",
        "Dockerfile": project / "Dockerfile",
        "dockerignore": project / "Dockerfile.dockerignore",
        "argo-rbac.yml": project / "argo-rbac.yml",
    }
    kinds = zip(FILE_KINDS, places.items(), strict=True)
    return [ProjectFile(path, _fill(name, values), kind) for kind, (name, path) in kinds]


def _fill(name: str, values: Mapping[str, str]) -> str:
    folder = resources.files("kedro_matrix_ext.argo") / "project_files"
    text = (folder / name).read_text(encoding="utf-8")
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def write_project_files(
    files: list[ProjectFile], *, replace: Callable[[ProjectFile], bool], root: Path | None = None
) -> list[bool]:
    """Write files one by one, and return which were written.

    Args:
        files: The files.
        replace: Decides whether a file that exists with other contents is overwritten.
        root: The folder that links must not lead out of.

    Raises:
        ArgoError: If a file cannot be written, or is a link that leads out of ``root``.
    """
    written = []
    for file in files:
        wanted = not file.path.exists() or (differs(file) and replace(file))
        if wanted:
            _write(file, root)
        written.append(wanted)
    return written


def _write(file: ProjectFile, root: Path | None) -> None:
    try:
        write_file(file.path, file.text, root=root)
    except OSError as error:
        raise ArgoError(
            f"cannot write it: {error.strerror or error}",
            file=str(file.path),
            hint="Make the folder writable, then run the command again: it completes what is missing.",
        ) from error


def differs(file: ProjectFile) -> bool:
    """Return whether a file exists with other contents."""
    return file.path.exists() and file.path.read_text(encoding="utf-8", errors="replace") != file.text

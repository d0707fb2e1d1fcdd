"""The files that ``kedro argo init`` writes into a project."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from kedro_matrix_ext._atomic_file import write_file
from kedro_matrix_ext.argo.image.dockerfile import list_image_values
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ProjectFile", "list_project_files", "write_project_files"]

_CPU_IMAGE = "debian:bookworm-slim"
_GPU_IMAGE = "nvidia/cuda:12.8.1-base-ubuntu24.04"


@dataclass(frozen=True)
class ProjectFile:
    """A file to write into a project.

    Attributes:
        path: Its path.
        text: Its contents.
    """

    path: Path
    text: str


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
    return [ProjectFile(path, _fill(name, values)) for name, path in places.items()]


def _fill(name: str, values: Mapping[str, str]) -> str:
    folder = resources.files("kedro_matrix_ext.argo") / "project_files"
    text = (folder / name).read_text(encoding="utf-8")
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def write_project_files(files: list[ProjectFile], *, force: bool = False, root: Path | None = None) -> None:
    """Write files: all of them or, where one exists with other contents, none.

    Raises:
        ArgoError: If a file exists with other contents and ``force`` is not set, cannot be written, or is a
            link that leads out of ``root``.
    """
    existing = [file.path for file in files if _differs(file)]
    if existing and not force:
        raise ArgoError(
            f"{', '.join(str(path) for path in existing)} "
            f"{'exists' if len(existing) == 1 else 'exist'} already and would be overwritten",
            hint="Nothing was written. Move them, or overwrite them with '--force'.",
        )
    for file in files:
        _write(file, root)


def _write(file: ProjectFile, root: Path | None) -> None:
    try:
        write_file(file.path, file.text, root=root)
    except OSError as error:
        raise ArgoError(
            f"cannot write it: {error.strerror or error}",
            file=str(file.path),
            hint="Make the folder writable, then run the command again: it completes what is missing.",
        ) from error


def _differs(file: ProjectFile) -> bool:
    return file.path.exists() and file.path.read_text(encoding="utf-8", errors="replace") != file.text

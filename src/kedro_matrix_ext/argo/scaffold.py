"""The files a project needs to run on Argo, as ``kedro argo init`` writes them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ProjectFile", "list_project_files", "write_project_files"]

_CPU_IMAGE = "debian:bookworm-slim"
_GPU_IMAGE = "nvidia/cuda:12.8.1-base-ubuntu24.04"


@dataclass(frozen=True)
class ProjectFile:
    """A file to write into a project.

    Attributes:
        path: Where.
        text: What.
    """

    path: Path
    text: str


def list_project_files(
    project: Path, *, base_conf: Path, package: str, python: str, gpu: bool = False
) -> list[ProjectFile]:
    """Make the files from their templates.

    Args:
        project: The project's folder.
        base_conf: The folder of its base environment.
        package: Its package, for the image's name.
        python: The version of Python to put into the image, as ``3.11``.
        gpu: Whether the image shall have CUDA.

    Returns:
        ``argo.yml``, ``Dockerfile``, ``.dockerignore`` and ``argo-rbac.yml``.
    """
    values = {
        "@PACKAGE@": package.replace("_", "-"),
        "@PYTHON@": python,
        "@BASE_IMAGE@": _GPU_IMAGE if gpu else _CPU_IMAGE,
    }
    places = {
        "argo.yml": base_conf / "argo.yml",
        "Dockerfile": project / "Dockerfile",
        "dockerignore": project / ".dockerignore",
        "argo-rbac.yml": project / "argo-rbac.yml",
    }
    return [ProjectFile(path, _fill(name, values)) for name, path in places.items()]


def _fill(name: str, values: dict[str, str]) -> str:
    folder = resources.files("kedro_matrix_ext.argo") / "project_files"
    text = (folder / name).read_text(encoding="utf-8")
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def write_project_files(files: list[ProjectFile], *, force: bool = False) -> None:
    """Write files; all of them or, where one is in the way, none.

    Args:
        files: What to write.
        force: Whether files that differ may be overwritten.

    Raises:
        ArgoError: If a file is there with other contents and ``force`` is not given.
    """
    in_the_way = [file.path for file in files if _differs(file)]
    if in_the_way and not force:
        raise ArgoError(
            f"{', '.join(str(path) for path in in_the_way)} "
            f"{'is' if len(in_the_way) == 1 else 'are'} there already and would be overwritten",
            hint="Nothing was written. Move them away, or give '--force' to overwrite them.",
        )
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text, encoding="utf-8")


def _differs(file: ProjectFile) -> bool:
    return file.path.exists() and file.path.read_text(encoding="utf-8", errors="replace") != file.text

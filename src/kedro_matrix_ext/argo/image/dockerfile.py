"""Fill the template of a project's Dockerfile and of its ignore file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.image.dependencies import read_dependencies
from kedro_matrix_ext.argo.image.secret_files import list_secret_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kedro_matrix_ext.argo.image.dependencies import ProjectDependencies

__all__ = ["list_image_values"]

_OWNER = "--chown=1000:1000"


def list_image_values(
    project: Path, *, base_image: str, python: str, conf: str, source: str
) -> Mapping[str, str]:
    """List what the placeholders of the Dockerfile's template stand for in a project.

    Raises:
        ArgoError: If ``pyproject.toml`` cannot be read.
    """
    found = read_dependencies(project)
    return {
        "@BASE_IMAGE@": base_image,
        "@PYTHON@": python,
        "@SYNC@": found.sync,
        "@REQUIREMENTS@": found.requirements,
        "@COPY_REQUIREMENTS@": "\n".join(_copy_requirements(found, project)),
        "@COPY_PROJECT@": "\n".join(_copy_project(found, project, conf, source)),
        "@SECRETS@": "\n".join(list_secret_patterns()),
        "@IN_PACKAGES@": "" if source == "." else f"!**/{source}/**",
        "@CONF@": conf,
        "@SOURCE@": source,
    }


def _copy_requirements(found: ProjectDependencies, project: Path) -> Iterable[str]:
    yield _copy(["pyproject.toml", "uv.lock*"])
    yield from _copy_each(found.files, project)


def _copy_project(found: ProjectDependencies, project: Path, conf: str, source: str) -> Iterable[str]:
    yield _copy(["pyproject.toml", "uv.lock*", ".env.defaults*"], owner=_OWNER)
    inside = [path for path in (*found.files, *found.described_by) if not path.startswith(f"{source}/")]
    yield from _copy_each(dict.fromkeys(inside), project, owner=_OWNER)
    yield from (_copy([folder], target=f"./{folder}/", owner=_OWNER) for folder in (source, conf))


def _copy_each(paths: Iterable[str], project: Path, owner: str = "") -> Iterable[str]:
    for path in paths:
        folder = path if (project / path).is_dir() else path.rpartition("/")[0]
        yield _copy([path], target=f"./{folder}/" if folder else "./", owner=owner)


def _copy(paths: list[str], *, target: str = "./", owner: str = "") -> str:
    """Write one COPY instruction; names with spaces need its JSON form."""
    words = [f"${{PROJECT}}/{path}" for path in paths] + [target]
    text = json.dumps(words) if any(" " in word for word in words) else " ".join(words)
    return " ".join(part for part in ("COPY", owner, text) if part)

"""A hash of what decides which packages are in a project's image."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.image.dependencies import read_dependencies, read_dependency_tables

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_matrix_ext.argo.configuration.deployment import Deployment

__all__ = ["fingerprint_environment"]

_LOCK_FILE = "uv.lock"


def fingerprint_environment(project: Path, deployment: Deployment) -> str:
    """Hash the lock file, or else the dependencies, with the Dockerfile and the arguments of its build.

    Code, configuration, and parts of ``pyproject.toml`` that install nothing do not change it.

    Raises:
        ArgoError: If ``pyproject.toml`` cannot be read.
    """
    found = read_dependencies(project)
    files = [deployment.dockerfile, _LOCK_FILE, *found.files]
    parts = {
        "files": {name: _hash(project / name) for name in dict.fromkeys(files)},
        "tables": read_dependency_tables(project),
        "install": [found.sync, found.requirements],
        "build": [dict(deployment.build_args), list(deployment.build_options), deployment.target_platform],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _hash(path: Path) -> str | None:
    """Hash a file, or the names and contents of the files in a folder of wheels or a local package."""
    if path.is_dir():
        inside = sorted(
            file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts
        )
        return json.dumps([[file.relative_to(path).as_posix(), _hash(file)] for file in inside])
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None

"""An environment that has Kedro and this package alone, made of links to what is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.waiting import PATIENCE

import kedro_matrix_ext

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BareEnvironment"]

_ROOTS = ("kedro-matrix-ext", "kedro")


class BareEnvironment:
    """A folder of links to Kedro, this package and what they depend on, without any extra."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = frozenset(_close_over(_ROOTS))
        folder.mkdir()
        package = Path(kedro_matrix_ext.__file__).parent  # an editable installation does not list it
        (folder / package.name).symlink_to(package)
        for name in self.names:
            for path in _top_level_paths(distribution(name)):
                if not (folder / path.name).exists():  # a namespace that several share
                    (folder / path.name).symlink_to(path)

    def kedro(self, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``kedro ARGUMENTS`` in a project with what this environment has."""
        return subprocess.run(
            [sys.executable, "-S", "-m", "kedro", *arguments],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(self.folder), "DO_NOT_TRACK": "1"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


def _close_over(roots: tuple[str, ...]) -> Iterator[str]:
    """List distributions and all that they require, extras left out."""
    waiting, seen = list(roots), set(roots)
    while waiting:
        name = waiting.pop()
        try:
            required = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        yield name
        for requirement in map(Requirement, required):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                required_name = canonicalize_name(requirement.name)
                if required_name not in seen:
                    seen.add(required_name)
                    waiting.append(required_name)


def _top_level_paths(found: Distribution) -> set[Path]:
    """List the files and folders of a distribution that are in the folder of installed packages."""
    names = {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "bin", "__pycache__")}
    return {path for name in names if (path := Path(str(found.locate_file(name)))).exists()}

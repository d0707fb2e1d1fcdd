"""Whole throwaway Kedro projects, run as subprocesses."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KedroProject"]

_PYPROJECT = """
[tool.kedro]
package_name = "{package}"
project_name = "{package}"
kedro_init_version = "1.3.0"
source_dir = "src"
"""

_REGISTRY = """
from kedro.pipeline import Pipeline


def register_pipelines():
    return {"__default__": Pipeline([])}
"""


@dataclass(frozen=True)
class KedroProject:
    """A Kedro project on disk.

    Attributes:
        path: Its root.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, package: str) -> KedroProject:
        """Write the smallest project that Kedro takes: empty settings, no pipelines, base and local."""
        project = cls(path)
        project.write("pyproject.toml", _PYPROJECT.format(package=package))
        project.write(f"src/{package}/__init__.py", "")
        project.write(f"src/{package}/settings.py", "")
        project.write(f"src/{package}/pipeline_registry.py", _REGISTRY)
        project.write("conf/base/parameters.yml", "{}\n")
        project.write("conf/local/.gitkeep", "")
        return project

    @property
    def package(self) -> str:
        """The name of the project's one package."""
        return next(path.parent.name for path in self.path.glob("src/*/settings.py"))

    def write(self, name: str, text: str) -> Path:
        """Write a file, its text dedented, making folders as needed."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"))
        return file

    def read(self, name: str) -> str:
        """Read a file as text."""
        return (self.path / name).read_text()

    def kedro(
        self,
        *arguments: str,
        env: dict[str, str] | None = None,
        check: bool = True,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``kedro ARGUMENTS`` in the project; with ``check``, a failure shows all that it printed."""
        return self._run([sys.executable, "-m", "kedro", *arguments], env, check=check, cwd=cwd)

    def python(
        self, code: str, *, env: dict[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run Python code in the project's folder, in a fresh process."""
        return self._run([sys.executable, "-c", dedent(code)], env, check=check, cwd=None)

    def _run(
        self, command: list[str], env: dict[str, str] | None, *, check: bool, cwd: Path | None
    ) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, "COLUMNS": "200", "DO_NOT_TRACK": "1", **(env or {})}
        result = subprocess.run(
            command,
            cwd=cwd or self.path,
            env=variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if check and result.returncode:
            raise AssertionError(f"{command} exited {result.returncode}\n{result.stdout}\n{result.stderr}")
        return result

"""Which files of a build context an ignore file leaves out of the image.

The notation is Docker's, which podman shares:
https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_matrix_ext.argo.configuration.deployment import Deployment

__all__ = ["IgnorePatterns", "read_ignore_patterns"]

_PARTS = re.compile(r"\*\*/?|\*|\?|\[(?:\\.|[^\]\\])+\]|\\.|.", re.DOTALL)


@dataclass(frozen=True)
class IgnorePatterns:
    r"""The patterns of an ignore file, each with whether it excludes; the last one that matches counts.

    Examples:
        >>> patterns = IgnorePatterns.parse("data\n!data/small.csv")
        >>> patterns.excludes("data/large.csv"), patterns.excludes("data/small.csv")
        (True, False)
    """

    patterns: tuple[tuple[re.Pattern[str], bool], ...]

    @classmethod
    def parse(cls, text: str) -> IgnorePatterns:
        """Read the text of an ignore file."""
        found = []
        for line in text.splitlines():
            pattern = line.strip().removeprefix("\ufeff")
            if not pattern or pattern.startswith("#"):
                continue
            excludes = not pattern.startswith("!")
            pattern = pattern.removeprefix("!").strip().strip("/").removeprefix("./")
            if pattern and pattern != ".":
                found.append((_compile(pattern), excludes))
        return cls(tuple(found))

    def excludes(self, path: str) -> bool:
        """Return whether a file is left out, given its path in the context with ``/`` between folders."""
        parts = path.split("/")
        prefixes = ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
        excluded = False
        for pattern, excludes in self.patterns:
            if excluded is not excludes and any(pattern.fullmatch(prefix) for prefix in prefixes):
                excluded = excludes
        return excluded

    def excludes_folder(self, folder: Path, context: Path) -> bool:
        """Return whether a folder has files and all of them are left out."""
        files = [file for file in folder.rglob("*") if file.is_file()]
        return bool(files) and all(self.excludes(file.relative_to(context).as_posix()) for file in files)


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(map(_translate, _PARTS.findall(pattern))), re.DOTALL)


def _translate(part: str) -> str:
    if part == "**/":
        return "(?:.*/)?"
    if part == "**":
        return ".*"
    if part == "*":
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("[") and len(part) > 1:
        return part
    return re.escape(part[-1])


def read_ignore_patterns(deployment: Deployment, project: Path) -> IgnorePatterns | None:
    """Return the patterns that a build of the image uses, or none where there is no ignore file.

    The file beside the Dockerfile, ``Dockerfile.dockerignore``, replaces that of the context.
    """
    dockerfile = project / deployment.dockerfile
    names = [dockerfile.with_name(f"{dockerfile.name}.dockerignore")]
    names += [project / deployment.context / name for name in (".containerignore", ".dockerignore")]
    file = next((name for name in names if name.is_file()), None)
    return None if file is None else IgnorePatterns.parse(file.read_text(encoding="utf-8", errors="replace"))

"""Match paths against an ignore file of an image build, as Docker, BuildKit and Buildah do.

The rules are those of ``.dockerignore``: Go's ``filepath.Match`` with ``**`` for any number of folders. A
pattern that matches a folder covers all in it, ``!`` brings paths back, the last pattern that matches counts.
Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IgnoreFile", "find_ignore_file", "read_ignore_file"]

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_REGEX_SIGNS = frozenset(".$+(){}|^")


@dataclass(frozen=True)
class IgnoreFile:
    """Patterns of paths that a build does not send.

    Attributes:
        lines: The lines of the file.

    Examples:
        >>> ignored = IgnoreFile(("**/data", "!**/src/**", "**/*.key"))
        >>> [ignored.matches(path) for path in ("data/cars.csv", "src/shop/data/ids.csv", "src/a.key")]
        [True, False, True]
    """

    lines: tuple[str, ...] = ()

    def matches(self, path: str) -> bool:
        """Check whether a file is left out."""
        folders = path.split("/")
        prefixes = ["/".join(folders[:end]) for end in range(len(folders), 0, -1)]
        ignored = False
        for pattern, brings_back in self._patterns:
            if brings_back == ignored and any(map(pattern.fullmatch, prefixes)):
                ignored = not brings_back
        return ignored

    def covers_folder(self, folder: Path, context: Path) -> bool:
        """Check whether a folder has files and all of them are left out."""
        files = [file for file in folder.rglob("*") if file.is_file()]
        return bool(files) and all(self.matches(file.relative_to(context).as_posix()) for file in files)

    @cached_property
    def brings_back(self) -> bool:
        """Whether a pattern starts with ``!``, so that a folder left out may hold files that are not."""
        return any(brings_back for _, brings_back in self._patterns)

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], bool]]:
        return [made for line in self.lines if (made := _compile(line))]


def find_ignore_file(dockerfile: Path, context: Path) -> Path | None:
    """Find the ignore file that a build uses: ``<Dockerfile>.dockerignore``, else the context's own.

    Podman's ``.containerignore`` does not count, since docker does not read it.
    """
    places = [dockerfile.with_name(f"{dockerfile.name}.dockerignore"), context / ".dockerignore"]
    return next((place for place in places if place.is_file()), None)


def read_ignore_file(path: Path | None) -> IgnoreFile:
    """Read an ignore file.

    Raises:
        ArgoError: If a pattern is one that builders refuse.
    """
    if path is None:
        return IgnoreFile()
    lines = path.read_text(encoding="utf-8", errors="replace").removeprefix(_BOM).splitlines()
    for number, line in enumerate(lines, start=1):
        _check_line(line, path, number)
    return IgnoreFile(tuple(lines))


def _check_line(line: str, path: Path, number: int) -> None:
    try:
        _compile(line)
    except (re.error, ValueError) as error:
        raise ArgoError(
            f"{line!r} is not a pattern that image builders take: {error}",
            file=str(path),
            line=number,
            hint="Close the bracket, or escape it with a backslash.",
        ) from error


def _compile(line: str) -> tuple[re.Pattern[str], bool] | None:
    """Compile one line; comments and empty lines have no pattern."""
    if line.startswith("#") or not (text := line.strip()):
        return None
    brings_back = text.startswith("!")
    text = text.removeprefix("!").strip()
    if not text:
        raise ValueError("nothing follows '!'")
    cleaned = posixpath.normpath(text).lstrip("/")
    return (re.compile(_translate(cleaned), re.DOTALL), brings_back) if cleaned not in ("", ".") else None


def _translate(pattern: str) -> str:
    """Translate a pattern to a regular expression."""
    made, position = "", 0
    while position < len(pattern):
        sign = pattern[position]
        position += 1
        if pattern.startswith("**", position - 1):
            position += 1
            if position == len(pattern):
                made += ".*"
            else:
                position += pattern[position] == "/"
                made += "(.*/)?"
        elif sign == "*":
            made += "[^/]*"
        elif sign == "?":
            made += "[^/]"
        elif sign == "[":
            end = _end_of_class(pattern, position)
            made += f"[{pattern[position:end]}]"
            position = end + 1
        elif sign == "\\":
            if position == len(pattern):
                raise ValueError("nothing follows the backslash")
            made += re.escape(pattern[position])
            position += 1
        else:
            made += f"\\{sign}" if sign in _REGEX_SIGNS else sign
    return made


def _end_of_class(pattern: str, start: int) -> int:
    """Find the bracket that closes a class of characters; Go's rules hold, which refuse an empty one."""
    position = start + pattern.startswith("^", start)
    first = position
    while position < len(pattern):
        if pattern[position] == "\\":
            position += 1
        elif pattern[position] == "]":
            if position == first:
                raise ValueError("a class of characters is empty")
            return position
        elif pattern[position] == "-" and (position == first or pattern[position + 1 : position + 2] == "]"):
            raise ValueError("a range of characters lacks an end")
        position += 1
    raise ValueError("a bracket is not closed")

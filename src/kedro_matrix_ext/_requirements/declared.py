"""Which libraries a project declares: in pyproject.toml, in requirement files, in lock files."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._requirements.distributions import find_distribution, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # Kedro depends on it where Python has no such module

__all__ = ["is_declared", "list_requirements", "read_requirement_file", "read_toml", "suggest_installation"]

# What extras bring that are not called like it: those of this package, and the engines of kedro-datasets.
_EXTRAS = {"spark": "pyspark", "argo": "kubernetes", "delta": "deltalake", "fabrication": "faker"}
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?")
_REFERENCE = re.compile(r"^(?:-r|--requirement)[\s=]*(?P<file>\S+)")
_COMMENT = re.compile(r"\s#.*|\s--[a-z].*")  # hashes and other options too
_LOCKED = re.compile(r'^name\s*=\s*"(?P<name>[^"]+)"', re.MULTILINE)
_REQUIREMENT_FILES = ("requirements.txt", "requirements.lock", "src/requirements.txt")
_LOCK_FILES = ("uv.lock", "pylock.toml", "poetry.lock", "pdm.lock")


def is_declared(library: str, project: Path) -> bool:
    """Return whether a project's metadata, requirement files or lock files list a library.

    Args:
        library: The name it is imported by.
        project: The project's folder.

    Returns:
        True if its distribution is listed, or an extra named after it: ``kedro-datasets[pandas-csvdataset]``
        lists pandas.
    """
    wanted = normalise(find_distribution(library))
    return wanted in _list_names(list_requirements(project))


def suggest_installation(library: str, file: Path) -> str:
    """Say which dependency or extra of a project provides a library.

    Args:
        library: The name it is imported by.
        file: A file of the project that imports it.

    Returns:
        What to do.
    """
    distribution = find_distribution(library)
    project = next((folder for folder in file.parents if (folder / "pyproject.toml").is_file()), None)
    settings = read_toml(project / "pyproject.toml") if project else {}
    metadata = settings.get("project", {})
    wanted = normalise(distribution)
    if wanted in _list_names(metadata.get("dependencies", ())):
        return f"Install the dependencies in pyproject.toml, which list {distribution!r}."
    for extra, listed in metadata.get("optional-dependencies", {}).items():
        if wanted in _list_names(listed):
            name = metadata.get("name", ".")
            return f"It is in the extra {extra!r} in pyproject.toml: pip install '{name}[{extra}]'."
    for group, listed in settings.get("dependency-groups", {}).items():
        if wanted in _list_names(listed):
            return f"It is in the dependency group {group!r} in pyproject.toml: install that group."
    return f"Add {distribution!r} to the dependencies in pyproject.toml, and install it."


def list_requirements(project: Path) -> list[str]:
    """List everything that a project's metadata and requirement files declare, extras and groups included.

    Args:
        project: The project's folder.

    Returns:
        The requirements, as written; names only of what lock files list.
    """
    settings = read_toml(project / "pyproject.toml")
    metadata = settings.get("project", {})
    lists = [
        metadata.get("dependencies", ()),
        *metadata.get("optional-dependencies", {}).values(),
        *settings.get("dependency-groups", {}).values(),
        *(read_requirement_file(project / file) for file in _REQUIREMENT_FILES),
    ]
    found = [requirement for listed in lists for requirement in listed if isinstance(requirement, str)]
    poetry = settings.get("tool", {}).get("poetry", {})
    found += (str(name) for name in poetry.get("dependencies", ()) if name != "python")
    for file in _LOCK_FILES:
        found += (match["name"] for match in _LOCKED.finditer(_read_text(project / file)))
    return found


def read_requirement_file(file: Path) -> list[str]:
    """Read the requirements of a file and of those that it refers to; constraints install nothing."""
    return list(_read_requirements(file, set()))


def _read_requirements(file: Path, seen: set[Path]) -> Iterator[str]:
    if file in seen:
        return
    seen.add(file)
    for line in _read_text(file).replace("\\\n", " ").splitlines():
        reference = _REFERENCE.match(line.strip())
        if reference:
            yield from _read_requirements(file.parent / reference["file"], seen)
        elif line.strip() and not line.lstrip().startswith(("#", "-c", "--constraint")):
            yield _COMMENT.sub("", line).strip()


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def read_toml(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # who asks has another error to report
    return read


def _list_names(requirements: Iterable[object]) -> set[str]:
    return {name for requirement in requirements for name in _read_requirement(requirement)}


def _read_requirement(requirement: object) -> Iterator[str]:
    match = _REQUIREMENT.match(requirement.strip()) if isinstance(requirement, str) else None
    if match is None:
        return
    yield normalise(match["name"])
    for extra in (match["extras"] or "").split(","):
        first = extra.strip().partition("-")[0]
        yield normalise(_EXTRAS.get(first, first))

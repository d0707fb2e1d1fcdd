"""Which libraries a project declares: in pyproject.toml, in requirement files, in lock files."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # Kedro depends on it where Python has no such module

__all__ = ["find_distribution", "is_declared", "suggest_installation"]

# Import names of libraries whose distribution has another name.
_DISTRIBUTIONS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jwt": "PyJWT",
    "osgeo": "GDAL",
    "PIL": "pillow",
    "psycopg2": "psycopg2-binary",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "PyYAML",
}
# What extras bring that are not called like it: those of this package, and the engines of kedro-datasets.
_EXTRAS = {"spark": "pyspark", "argo": "kubernetes", "delta": "deltalake", "fabrication": "faker"}
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?")
_REFERENCE = re.compile(r"^(?:-r|--requirement|-c|--constraint)[\s=]*(?P<file>\S+)")
_LOCKED = re.compile(r'^name\s*=\s*"(?P<name>[^"]+)"', re.MULTILINE)
_REQUIREMENT_FILES = ("requirements.txt", "requirements.lock", "src/requirements.txt")
_LOCK_FILES = ("uv.lock", "pylock.toml", "poetry.lock", "pdm.lock")


def find_distribution(library: str) -> str:
    """Return the name under which a library is installed.

    Args:
        library: The name it is imported by.

    Returns:
        The distribution.

    Examples:
        >>> find_distribution("sklearn"), find_distribution("kedro_datasets")
        ('scikit-learn', 'kedro-datasets')
    """
    return _DISTRIBUTIONS.get(library, library.replace("_", "-"))


def is_declared(library: str, project: Path) -> bool:
    """Return whether a project's metadata, requirement files or lock files list a library.

    Args:
        library: The name it is imported by.
        project: The project's folder.

    Returns:
        True if its distribution is listed, or an extra named after it: ``kedro-datasets[pandas-csvdataset]``
        lists pandas.
    """
    wanted = _normalise(find_distribution(library))
    return wanted in _list_declared(project)


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
    settings = _read_toml(project / "pyproject.toml") if project else {}
    metadata = settings.get("project", {})
    wanted = _normalise(distribution)
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


def _list_declared(project: Path) -> set[str]:
    settings = _read_toml(project / "pyproject.toml")
    metadata = settings.get("project", {})
    lists = [
        metadata.get("dependencies", ()),
        *metadata.get("optional-dependencies", {}).values(),
        *settings.get("dependency-groups", {}).values(),
    ]
    names = {name for listed in lists for name in _list_names(listed)}
    for file in _REQUIREMENT_FILES:
        names.update(_list_names(_read_requirements(project / file, set())))
    for file in _LOCK_FILES:
        names.update(_normalise(match["name"]) for match in _LOCKED.finditer(_read_text(project / file)))
    poetry = settings.get("tool", {}).get("poetry", {})
    names.update(_normalise(str(name)) for name in poetry.get("dependencies", ()))
    return names


def _read_requirements(file: Path, seen: set[Path]) -> list[str]:
    """Read a requirement file and those that it refers to."""
    if file in seen:
        return []
    seen.add(file)
    lines: list[str] = []
    for line in _read_text(file).splitlines():
        reference = _REFERENCE.match(line.strip())
        lines += _read_requirements(file.parent / reference["file"], seen) if reference else [line.strip()]
    return lines


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _read_toml(path: Path) -> dict[str, Any]:
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
    yield _normalise(match["name"])
    for extra in (match["extras"] or "").split(","):
        first = extra.strip().partition("-")[0]
        yield _normalise(_EXTRAS.get(first, first))


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

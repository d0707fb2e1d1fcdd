"""What to install where a library is missing."""

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

__all__ = ["find_distribution", "suggest_installation"]

# Import names of libraries whose distribution has another name.
_DISTRIBUTIONS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "google": "google-cloud",
    "jwt": "PyJWT",
    "kedro_datasets": "kedro-datasets",
    "osgeo": "GDAL",
    "PIL": "pillow",
    "psycopg2": "psycopg2-binary",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "PyYAML",
}
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def find_distribution(library: str) -> str:
    """Return the name under which a library is installed.

    Args:
        library: The name it is imported by.

    Returns:
        The distribution.

    Examples:
        >>> find_distribution("sklearn"), find_distribution("pandas")
        ('scikit-learn', 'pandas')
    """
    return _DISTRIBUTIONS.get(library, library.replace("_", "-"))


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
    if _lists(metadata.get("dependencies", ()), distribution):
        return f"Install the dependencies in pyproject.toml, which list {distribution!r}."
    for extra, listed in metadata.get("optional-dependencies", {}).items():
        if _lists(listed, distribution):
            name = metadata.get("name", ".")
            return f"It is in the extra {extra!r} in pyproject.toml: pip install '{name}[{extra}]'."
    for group, listed in settings.get("dependency-groups", {}).items():
        if _lists(listed, distribution):
            return f"It is in the dependency group {group!r} in pyproject.toml: install that group."
    return f"Add {distribution!r} to the dependencies in pyproject.toml, and install it."


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # the error at hand is another one
    return read


def _lists(requirements: Iterable[object], distribution: str) -> bool:
    return _normalise(distribution) in _names(requirements)


def _names(requirements: Iterable[object]) -> Iterator[str]:
    for requirement in requirements:
        match = _NAME.match(requirement.strip()) if isinstance(requirement, str) else None
        if match:
            yield _normalise(match[0])


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

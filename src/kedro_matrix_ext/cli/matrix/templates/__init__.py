"""The files that ``kedro matrix init`` writes into a project, as package data."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.abc import Traversable

__all__ = ["project_templates", "read_template"]


def read_template(name: str) -> str:
    """Read one template."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def project_templates() -> dict[str, str]:
    """Read the files of the environment layout."""
    return dict(sorted(_walk(files(__name__).joinpath("project"), "")))


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")

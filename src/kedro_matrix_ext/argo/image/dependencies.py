"""Where a project lists its dependencies, and which files installing them needs."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # Kedro depends on it where Python has no such module

__all__ = ["ProjectDependencies", "read_dependencies", "read_dependency_tables"]

_FOR_PODS = "pods"
_REFERENCE = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint|-f|--find-links)[\s=]+(\S+)", re.MULTILINE)
_LOCAL = re.compile(r"^\s*(?:-e\s+|--editable[\s=]+)?(\.{1,2}/\S+|\S+\.whl)(?:\s|$)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class ProjectDependencies:
    """What an image of a project installs.

    Attributes:
        sync: Options of ``uv sync``, for a project with a lock file.
        requirements: What ``uv pip install`` installs, for a project without one.
        files: Files and folders of the project that installing the dependencies reads.
        described_by: Files that the project's own metadata reads: readme, licence, version.
    """

    sync: str
    requirements: str
    files: tuple[str, ...]
    described_by: tuple[str, ...]


def read_dependencies(project: Path) -> ProjectDependencies:
    """Find out how the dependencies of a project are installed.

    They are those of ``pyproject.toml``, or the requirement files that it names, or a ``requirements.txt``. A
    dependency group or an extra ``pods`` narrows them down to what pods need.

    Raises:
        ArgoError: If ``pyproject.toml`` cannot be read.
    """
    settings = _read_toml(project / "pyproject.toml")
    listed = settings.get("project")
    metadata: dict[str, Any] = listed if isinstance(listed, dict) else {}
    requirement_files = _find_requirement_files(project, settings, metadata)
    sync, requirements = "--no-dev", _join(requirement_files) if requirement_files else "-r pyproject.toml"
    if _FOR_PODS in settings.get("dependency-groups", {}):
        sync, requirements = f"--only-group {_FOR_PODS}", f"--group {_FOR_PODS}"
    elif _FOR_PODS in metadata.get("optional-dependencies", {}):
        sync, requirements = f"--no-dev --extra {_FOR_PODS}", f"-r pyproject.toml --extra {_FOR_PODS}"
    uv = settings.get("tool", {}).get("uv", {})
    needed = [*_close_over(project, requirement_files), *_list_uv_paths(uv)]
    return ProjectDependencies(
        sync=sync,
        requirements=requirements,
        files=_existing(project, needed),
        described_by=_existing(project, _list_described_by(project, settings, metadata)),
    )


def read_dependency_tables(project: Path) -> dict[str, Any]:
    """Return the parts of ``pyproject.toml`` that decide what an image installs.

    Raises:
        ArgoError: If ``pyproject.toml`` cannot be read.
    """
    settings = _read_toml(project / "pyproject.toml")
    metadata = settings.get("project", {})
    kept = {key: metadata[key] for key in ("requires-python", "dependencies") if key in metadata}
    extras = metadata.get("optional-dependencies", {}).get(_FOR_PODS)
    group = settings.get("dependency-groups", {}).get(_FOR_PODS)
    return {**kept, "extra": extras, "group": group, "uv": settings.get("tool", {}).get("uv")}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise ArgoError(f"cannot read it: {error}", file=str(path)) from error
    return read


def _find_requirement_files(project: Path, settings: dict[str, Any], metadata: dict[str, Any]) -> list[str]:
    """Find the files that list the dependencies where ``pyproject.toml`` does not list them itself."""
    if "dependencies" in metadata:
        return []
    if "dependencies" in metadata.get("dynamic", ()):
        tool = settings.get("tool", {})
        dynamic = tool.get("setuptools", {}).get("dynamic", {}).get("dependencies", {})
        hatch = tool.get("hatch", {}).get("metadata", {}).get("hooks", {}).get("requirements_txt", {})
        named = dynamic.get("file") or hatch.get("files") or []
        files = [named] if isinstance(named, str) else list(named)
        if files:
            return files
    places = ("requirements.txt", "src/requirements.txt")
    return [place for place in places if (project / place).is_file()][:1]


def _close_over(project: Path, files: list[str]) -> Iterator[str]:
    """Give requirement files, and the files and folders of the project that they refer to."""
    waiting, seen = list(files), set(files)
    while waiting:
        file = waiting.pop()
        yield file
        path = project / file
        if path.suffix not in {".txt", ".in"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        folder = file.rpartition("/")[0]
        for named in [*_REFERENCE.findall(text), *_LOCAL.findall(text)]:
            other = f"{folder}/{named}" if folder else named
            if "://" not in named and not named.startswith("/") and other not in seen:
                seen.add(other)
                waiting.append(other)


def _list_uv_paths(uv: dict[str, Any]) -> Iterator[str]:
    """List local paths among the sources and wheel folders of ``tool.uv``."""
    for source in uv.get("sources", {}).values():
        for one in source if isinstance(source, list) else [source]:
            if isinstance(one, dict) and isinstance(one.get("path"), str):
                yield one["path"]
    yield from (link for link in uv.get("find-links", ()) if "://" not in link)


def _list_described_by(project: Path, settings: dict[str, Any], metadata: dict[str, Any]) -> Iterator[str]:
    """List the files that the metadata of ``pyproject.toml`` is read from."""
    for field in ("readme", "license"):
        value = metadata.get(field)
        named = value.get("file") if isinstance(value, dict) else value if field == "readme" else None
        if isinstance(named, str):
            yield named
    for pattern in metadata.get("license-files", ()):
        if isinstance(pattern, str):
            yield from (path.relative_to(project).as_posix() for path in sorted(project.glob(pattern)))
    for value in settings.get("tool", {}).get("setuptools", {}).get("dynamic", {}).values():
        named = value.get("file", ()) if isinstance(value, dict) else ()
        yield from [named] if isinstance(named, str) else named
    yield from ("setup.cfg", "setup.py", "MANIFEST.in")


def _existing(project: Path, named: Iterator[str] | list[str]) -> tuple[str, ...]:
    """Keep what is inside the project, each once."""
    root = project.resolve()
    kept = []
    for name in dict.fromkeys(named):
        path = (root / name).resolve()
        if path.exists() and path.is_relative_to(root) and path != root:
            kept.append(path.relative_to(root).as_posix())
    return tuple(dict.fromkeys(kept))


def _join(files: list[str]) -> str:
    return " ".join(f"-r {file}" for file in files)

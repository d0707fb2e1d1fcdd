"""Pack the code and the configuration of a project into one archive, equal for equal files.

The archive is a plain tar. Its bytes depend on the names and contents of the files alone, not on times,
owners or a compression library, so one tree has one SHA-256, which is the archive's name.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.code.distribution import describe_distribution
from kedro_matrix_ext.argo.image.context import is_secret
from kedro_matrix_ext.argo.image.ignore import find_ignore_file, read_ignore_file
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext.argo.configuration.deployment import Deployment

__all__ = ["MAX_BYTES", "CodePackage", "list_packed_files", "pack_project"]

MAX_BYTES = 100 * 2**20
"""The most that a package holds: code and configuration, no data."""

_SHOWN = 5
_ALWAYS = ("pyproject.toml", ".env.defaults")
_NEVER = frozenset({"__pycache__", ".ipynb_checkpoints", ".git", ".kedro_matrix"})
_EXECUTABLE = 0o100


@dataclass(frozen=True, kw_only=True)
class CodePackage:
    """An archive of a project.

    Attributes:
        project: The project's folder name, below which a store keeps the package.
        data: The archive.
        digest: Its SHA-256, in hexadecimal.
        files: The paths in it, sorted.
    """

    project: str
    data: bytes
    digest: str
    files: tuple[str, ...]


def pack_project(
    project: Path, deployment: Deployment, *, source: str, conf_source: str, name: str
) -> CodePackage:
    """Pack a project.

    Args:
        project: The project's folder.
        deployment: The section of ``argo.yml``; its ``code_include`` adds files.
        source: The folder of the code, relative to the project.
        conf_source: The folder of the configuration, relative to the project.
        name: What to call the project in the store.

    Raises:
        ArgoError: If there is nothing to pack, a link leads out of the project, or it is too large.
    """
    roots = (*_ALWAYS, source, conf_source, *deployment.code_include)
    found = {path: project / path for path in list_packed_files(project, deployment, roots)}
    if not any(path.startswith(f"{source}/") for path in found):
        raise ArgoError(
            f"the code package would hold no file of {source!r}",
            config_path="argo: deployment.code",
            hint="Add the files to git, or correct the ignore file of the image.",
        )
    contents = {path: _read(file, path, project) for path, file in found.items()}
    contents |= {
        f"{source}/{path}": (text.encode(), False)
        for path, text in describe_distribution(project, source).items()
    }
    _check_size(contents)
    data = _write_archive(contents)
    return CodePackage(
        project=name, data=data, digest=hashlib.sha256(data).hexdigest(), files=tuple(sorted(contents))
    )


def list_packed_files(project: Path, deployment: Deployment, roots: Iterable[str]) -> list[str]:
    """List the files to pack: git does not ignore them, and the image may hold them.

    Raises:
        ArgoError: If the ignore file is wrong, or a path leads out of the project.
    """
    inside = [_normalise(root, project) for root in roots]
    dockerfile, context = project / deployment.dockerfile, project / deployment.context
    ignored = read_ignore_file(find_ignore_file(dockerfile, context))
    prefix = _prefix(project, context)
    tracked = _list_by_git(project, inside)
    paths = _walk(project, inside) if tracked is None else tracked
    return sorted(
        path
        for path in dict.fromkeys(paths)
        if not is_secret(path) and not ignored.matches(prefix + path) and (project / path).is_file()
    )


def _normalise(root: str, project: Path) -> str:
    path = Path(os.path.normpath(root))
    if path.is_absolute() or ".." in path.parts:
        raise ArgoError(
            f"{root!r} is not inside the project, so the code package cannot hold it",
            config_path="argo: deployment.code",
            hint=f"Move it below {str(project)!r}, or keep it in shared storage and give '--conf-source'.",
        )
    return path.as_posix()


def _prefix(project: Path, context: Path) -> str:
    """Give what leads from the context to the project, which is what the ignore file counts from."""
    resolved, root = project.resolve(), context.resolve()
    if resolved == root or not resolved.is_relative_to(root):
        return ""
    return f"{resolved.relative_to(root).as_posix()}/"


def _list_by_git(project: Path, roots: list[str]) -> list[str] | None:
    """List tracked files and those that git does not ignore; None where git does not know the project.

    That is outside of a repository, and in a folder that the repository around it ignores.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *roots]
    try:
        answer = subprocess.run(command, cwd=project, capture_output=True, check=False)  # noqa: S603  no shell
    except FileNotFoundError:
        return None
    if answer.returncode:
        return None
    return [os.fsdecode(path) for path in answer.stdout.split(b"\0") if path] or None


def _walk(project: Path, roots: list[str]) -> Iterator[str]:
    for root in roots:
        if (project / root).is_file():
            yield root
        for folder, folders, files in os.walk(project / root):
            folders[:] = sorted(name for name in folders if name not in _NEVER)
            yield from ((Path(folder) / name).relative_to(project).as_posix() for name in sorted(files))


def _read(file: Path, path: str, project: Path) -> tuple[bytes, bool]:
    """Read a file and whether it is executable; a link inside the project is read as what it leads to."""
    if not file.resolve().is_relative_to(project.resolve()):
        raise ArgoError(
            f"{path!r} is a link that leads out of the project, to {str(file.resolve())!r}",
            hint="Copy the file into the project, or add the link to the ignore file of the image.",
        )
    return file.read_bytes(), bool(file.stat().st_mode & _EXECUTABLE)


def _check_size(contents: dict[str, tuple[bytes, bool]]) -> None:
    total = sum(len(data) for data, _ in contents.values())
    if total <= MAX_BYTES:
        return
    largest = sorted(contents, key=lambda path: -len(contents[path][0]))[:_SHOWN]
    shown = ", ".join(f"{path} ({len(contents[path][0]) / 2**20:.1f} MiB)" for path in largest)
    raise ArgoError(
        f"the code package would have {total / 2**20:.0f} MiB, more than {MAX_BYTES // 2**20}: {shown}",
        config_path="argo: deployment.code",
        hint="Keep data in shared storage, or add it to the ignore file of the image.",
    )


def _write_archive(contents: dict[str, tuple[bytes, bool]]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(contents):
            data, executable = contents[path]
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), 0o755 if executable else 0o644
            archive.addfile(member, io.BytesIO(data))
    return written.getvalue()

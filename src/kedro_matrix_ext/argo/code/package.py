"""Pack the code and the configuration of a project into one archive, equal for equal files.

The archive is a plain tar. Its bytes depend on the names and contents of the files alone, not on times,
owners or a compression library, so one tree has one SHA-256, which is the archive's name.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.code.distribution import describe_distribution
from kedro_matrix_ext.argo.code.listing import list_packed_files, normalise_root
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.configuration.deployment import Deployment

__all__ = ["MAX_BYTES", "CodePackage", "pack_project"]

MAX_BYTES = 100 * 2**20
"""The most that a package holds: code and configuration, no data."""

_SHOWN = 5
_ALWAYS = ("pyproject.toml", ".env.defaults")
_EXECUTABLE = 0o100
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:\\[rn]|\s)+[A-Za-z0-9+/=:]{16}"
)


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
        ArgoError: If there is nothing to pack, a link leads out of the project, a file holds a private key or
            cannot be read, or it is too large.
    """
    project = project.resolve()
    source = normalise_root(source, project)
    included = [normalise_root(root, project) for root in deployment.code_include]
    paths = list_packed_files(project, deployment, (*_ALWAYS, source, conf_source, *included))
    local = f"{normalise_root(conf_source, project)}/local/"
    paths = [path for path in paths if not path.startswith(local) or path == f"{local}.gitkeep"]
    _check_roots(paths, source, included)
    _check_size(project, paths)
    contents = {path: _read(project, path) for path in paths}
    described = describe_distribution(project, source)
    contents |= {(Path(source) / path).as_posix(): (text.encode(), False) for path, text in described.items()}
    data = _write_archive(contents)
    return CodePackage(
        project=name, data=data, digest=hashlib.sha256(data).hexdigest(), files=tuple(sorted(contents))
    )


def _read(project: Path, path: str) -> tuple[bytes, bool]:
    """Read a file and whether it is executable."""
    file = project / path
    if "\\" in path:
        raise ArgoError(
            f"{path!r} has a backslash in its name, which no task could unpack", hint="Rename the file."
        )
    try:
        data, mode = file.read_bytes(), file.stat().st_mode
    except OSError as error:
        raise ArgoError(f"the code package cannot hold {path!r}: {error.strerror}", file=str(file)) from error
    if _PRIVATE_KEY.search(data):
        raise ArgoError(
            f"{path!r} holds a private key, which the code package must not hold",
            hint="Keep it in a Kubernetes secret, and add the file to the ignore file of the image.",
        )
    return data, bool(mode & _EXECUTABLE)


def _check_size(project: Path, paths: Sequence[str]) -> None:
    """Refuse a package that is too large, before any file is read."""
    sizes = {path: (project / path).stat().st_size for path in paths}
    total = sum(sizes.values())
    if total <= MAX_BYTES:
        return
    largest = sorted(sizes, key=lambda path: -sizes[path])[:_SHOWN]
    shown = ", ".join(f"{path} ({sizes[path] / 2**20:.1f} MiB)" for path in largest)
    raise ArgoError(
        f"the code package would have {total / 2**20:.0f} MiB, more than {MAX_BYTES // 2**20}: {shown}",
        config_path="argo: deployment.code",
        hint="Keep data in shared storage, or add it to the ignore file of the image.",
    )


def _check_roots(paths: Sequence[str], source: str, included: Sequence[str]) -> None:
    """Check that the package holds the project's code, its description, and what the project lists."""
    for root in (source, "pyproject.toml"):
        if not _is_packed(root, paths):
            what = (
                "the code package would hold no file of" if root == source else "the code package would lack"
            )
            raise ArgoError(
                f"{what} {root!r}",
                config_path="argo: deployment.code",
                hint="Add the files to git, or correct the ignore file of the image.",
            )
    for root in included:
        if not _is_packed(root, paths):
            raise ArgoError(
                f"the code package would hold no file of {root!r}: there is none, git ignores it, the ignore "
                "file of the image covers it, or it may be a secret",
                config_path="argo: deployment.code_include",
                hint="List files and folders of the project, without patterns.",
            )


def _is_packed(root: str, paths: Sequence[str]) -> bool:
    return any(root in (".", path) or path.startswith(f"{root}/") for path in paths)


def _write_archive(contents: dict[str, tuple[bytes, bool]]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(contents):
            data, executable = contents[path]
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), 0o755 if executable else 0o644
            archive.addfile(member, io.BytesIO(data))
    return written.getvalue()

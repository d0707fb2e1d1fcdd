"""Unpack a code package: plain files only, all of them inside the folder, no more than a package may hold."""

from __future__ import annotations

import io
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["unpack"]

MAX_BYTES = 200 * 2**20
_EXECUTABLE = 0o100


def unpack(data: bytes, folder: Path) -> None:
    """Unpack an archive into an empty folder.

    Raises:
        ArgoError: If it is damaged, holds anything but files, leads out of the folder, or is too large.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            unpacked = 0
            for member in archive:
                unpacked += member.size
                _check(member, unpacked)
                _write(archive, member, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArgoError(f"the code package cannot be unpacked: {error}", hint="Submit again.") from error


def _check(member: tarfile.TarInfo, unpacked: int) -> None:
    path = PurePosixPath(member.name)
    problem = None
    if not member.isreg():
        problem = "is not a file"
    elif path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
        problem = "leads out of its folder"
    elif unpacked > MAX_BYTES:
        problem = f"exceeds the {MAX_BYTES // 2**20} MiB that a package may hold"
    if problem:
        raise ArgoError(f"the code package is refused: {member.name!r} {problem}", hint="Submit again.")


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    content = archive.extractfile(member)
    if content is None:
        raise ArgoError(f"the code package cannot be unpacked: {member.name!r} has no content")
    with target.open("xb") as stream:
        stream.write(content.read())
    if member.mode & _EXECUTABLE:
        target.chmod(0o755)

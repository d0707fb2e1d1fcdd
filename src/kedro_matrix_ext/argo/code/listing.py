"""The files of a project that its code package may hold: git knows them, and the image may have them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.image.ignore import find_ignore_file, read_ignore_file
from kedro_matrix_ext.argo.image.secret_files import is_secret
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext.argo.configuration.deployment import Deployment
    from kedro_matrix_ext.argo.image.ignore import IgnoreFile

__all__ = ["list_packed_files", "normalise_root"]

_NEVER = frozenset({"__pycache__", ".ipynb_checkpoints", ".git", ".kedro_matrix"})
_LEAVE_OUT = "or add it to the ignore file of the image"


def list_packed_files(project: Path, deployment: Deployment, roots: Iterable[str]) -> list[str]:
    """List the files to pack below some files and folders of a project.

    Submodules are listed by their own repository. A link is listed as what it leads to, by the same rules.

    Raises:
        ArgoError: If the ignore file is wrong, git fails, or a path or a link leads out of the project.
    """
    project = project.resolve()
    dockerfile, context = project / deployment.dockerfile, project / deployment.context
    ignored = read_ignore_file(find_ignore_file(dockerfile, context))
    listing = _Listing(project, ignored, _prefix(project, context))
    return sorted(set(listing.files([normalise_root(root, project) for root in roots])))


def normalise_root(root: str, project: Path) -> str:
    """Give a path relative to the project.

    Raises:
        ArgoError: If it leads out of the project.
    """
    path = Path(os.path.normpath(project / root))
    if not path.is_relative_to(project):
        raise ArgoError(
            f"{root!r} is not inside the project, so the code package cannot hold it",
            config_path="argo: deployment.code",
            hint=f"Move it below {str(project)!r}, or keep it in shared storage and give '--conf-source'.",
        )
    return path.relative_to(project).as_posix()


@dataclass(frozen=True)
class _Listing:
    project: Path
    ignored: IgnoreFile
    prefix: str
    links: tuple[Path, ...] = ()

    def files(self, roots: list[str]) -> Iterator[str]:
        """List the files below some paths, without those that the package must not hold."""
        for path in self._list(roots):
            file = self.project / path
            if is_secret(path) or self.ignored.matches(self.prefix + path):
                continue
            if file.is_symlink() or not file.resolve().is_relative_to(self.project):
                yield from self._follow(path)
            elif file.is_file():
                yield path

    def _list(self, roots: list[str]) -> Iterable[str]:
        listed = _list_by_git(self.project, roots)
        return _walk(self.project, roots) if listed is None else listed

    def _follow(self, path: str) -> Iterator[str]:
        """List a link: the file that it leads to, or those of the folder."""
        link = self.project / path
        try:
            target = link.resolve()
        except RuntimeError:  # before Python 3.13, of links that lead to each other
            return
        if not target.is_relative_to(self.project):
            raise ArgoError(
                f"{path!r} is a link that leads out of the project, to {str(target)!r}",
                hint=f"Copy what it leads to into the project, {_LEAVE_OUT}.",
            )
        if not target.exists():
            return
        if link.parent.is_relative_to(target) or target in self.links:
            raise ArgoError(
                f"{path!r} is a link to a folder that it is in itself, {str(target)!r}",
                hint=f"Remove the link, {_LEAVE_OUT}.",
            )
        below = _Listing(self.project, self.ignored, self.prefix, (*self.links, target))
        inside = target.relative_to(self.project).as_posix()
        yield from (path + found.removeprefix(inside) for found in below.files([inside]))


def _prefix(project: Path, context: Path) -> str:
    """Give what leads from the context to the project, which is what the ignore file counts from."""
    root = context.resolve()
    if project == root or not project.is_relative_to(root):
        return ""
    return f"{project.relative_to(root).as_posix()}/"


def _list_by_git(folder: Path, roots: list[str]) -> list[str] | None:
    """List tracked files and those that git does not ignore; None where git does not know the folder.

    That is outside of a repository, and in a folder that the repository around it ignores.

    Raises:
        ArgoError: If there is a repository and git cannot list it: files that it ignores would be packed.
    """
    try:
        answer = _ask_git(
            folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *roots
        )
        failed = " ".join(os.fsdecode(answer.stderr).split()) if answer.returncode else ""
    except OSError as error:
        failed = f"it cannot be run: {error.strerror}"
    if not failed:
        listed = [os.fsdecode(path) for path in answer.stdout.split(b"\0") if path]
        if not listed and _ask_git(folder, "check-ignore", "-q", ".").returncode == 0:
            return None
        return [file for path in listed for file in _expand(folder, path)]
    if any((place / ".git").exists() for place in (folder, *folder.parents)):
        raise ArgoError(
            f"git does not list the files of {str(folder)!r}: {failed}",
            hint="Correct that first, as the code package must not hold files that git ignores.",
        )
    return None


def _ask_git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603  no shell
        ["git", *words],  # noqa: S607  the user's own git
        cwd=folder,
        capture_output=True,
        check=False,
    )


def _expand(folder: Path, path: str) -> Iterator[str]:
    """List the files of a repository inside of another one, of which git gives the folder alone."""
    place = folder / path
    if place.is_symlink() or not place.is_dir():
        yield path
        return
    path = path.rstrip("/")
    if not (place / ".git").exists():
        raise ArgoError(
            f"the submodule {path!r} is not checked out, so the code package would lack its files",
            hint="Run 'git submodule update --init --recursive'.",
        )
    yield from (f"{path}/{inside}" for inside in _list_by_git(place, ["."]) or ())


def _walk(project: Path, roots: list[str]) -> Iterator[str]:
    for root in roots:
        if (project / root).is_file() or (project / root).is_symlink():
            yield root
            continue
        for folder, folders, files in os.walk(project / root):
            folders[:] = sorted(name for name in folders if name not in _NEVER)
            links = [name for name in folders if Path(folder, name).is_symlink()]
            yield from (
                Path(folder, name).relative_to(project).as_posix() for name in [*links, *sorted(files)]
            )

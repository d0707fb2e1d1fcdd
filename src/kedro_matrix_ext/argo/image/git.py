"""The commit a workflow is made from."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DIRTY", "read_commit"]

DIRTY = "-dirty"
_SHOWN = 5
_STATUS = (  # whatever the settings of git leave out: the code package holds it
    *("-c", "core.quotePath=false", "status", "--porcelain"),
    *("--untracked-files=normal", "--ignore-submodules=none"),
)
_ALLOW = "give '--allow-dirty' to submit all the same"


def read_commit(project: Path, *, allow_dirty: bool = False) -> str | None:
    """Name the commit that a project's folder is at.

    Raises:
        ArgoError: If there are uncommitted changes or git fails, in git's own words, and that is not allowed.
    """
    try:
        _ask_git(project, "rev-parse", "--git-dir")
        commit = _ask_git(project, "rev-parse", "--verify", "--quiet", "HEAD").strip()
        words = (
            "status",
            "--porcelain",
            "--untracked-files=normal",
            "--",
            ".",
        )  # whatever git's settings say
        changed = _ask_git(project, "-c", "core.quotePath=false", *words).splitlines()
    except _GitError as error:
        if allow_dirty:
            return None
        raise ArgoError(
            f"no commit says what would be submitted: {str(project)!r}: {error}",
            hint=f"Commit the project, or {_ALLOW}.",
        ) from error
    if not changed:
        return commit
    if allow_dirty:
        return commit + DIRTY
    paths = [line[3:] for line in changed]
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    raise ArgoError(
        f"{len(paths)} changed file{'s are' if len(paths) > 1 else ' is'} not committed: "
        f"{', '.join(paths[:_SHOWN])}{more}",
        hint=f"Commit them, so that the workflow's label names what it runs, or {_ALLOW}.",
    )


class _GitError(Exception):
    """Git is missing or fails; the message is git's own."""


def _ask_git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it prints."""
    try:
        answer = subprocess.run(  # noqa: S603  no shell, and no word of the user's
            ["git", *arguments],  # noqa: S607  the user's own git
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise _GitError(f"git cannot be run: {error.strerror}") from error
    if answer.returncode:
        said = " ".join(answer.stderr.split())
        raise _GitError(said or "the repository has no commit")
    return answer.stdout

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
_ALLOW = "give '--allow-dirty' to submit all the same"


def read_commit(project: Path, *, allow_dirty: bool = False) -> str | None:
    """Name the commit that a project's folder is at.

    Raises:
        ArgoError: If there are such changes, or no commit, and that is not allowed.
    """
    commit = _ask_git(project, "rev-parse", "--verify", "--quiet", "HEAD")
    if commit is None:
        if allow_dirty:
            return None
        raise ArgoError(
            f"no commit says what would be submitted: {str(project)!r} is not in a git repository, or in one "
            "without a commit",
            hint=f"Commit the project, or {_ALLOW}.",
        )
    changed = (_ask_git(project, "status", "--porcelain", "--", ".") or "").splitlines()
    if not changed:
        return commit.strip()
    if allow_dirty:
        return commit.strip() + DIRTY
    paths = [line[3:] for line in changed]
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    raise ArgoError(
        f"{len(paths)} changed file{'s are' if len(paths) > 1 else ' is'} not committed: "
        f"{', '.join(paths[:_SHOWN])}{more}",
        hint=f"Commit them, so that the workflow's label names what it runs, or {_ALLOW}.",
    )


def _ask_git(folder: Path, *arguments: str) -> str | None:
    """Run git in a folder: what it prints, or nothing where it fails or is not there."""
    try:
        answer = subprocess.run(  # noqa: S603  no shell, and no word of the user's
            ["git", *arguments],  # noqa: S607  the user's own git
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return answer.stdout if answer.returncode == 0 else None

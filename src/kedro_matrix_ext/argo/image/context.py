"""The files that an image build sends to the builder, and secrets among them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.image.ignore import find_ignore_file, read_ignore_file
from kedro_matrix_ext.argo.image.secret_files import is_secret
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["list_context_files", "list_git_ignored", "refuse_secrets"]

_NEVER_SEARCHED = frozenset({".git", ".venv", "venv", "node_modules", "__pycache__", ".nox", ".tox"})
_SHOWN = 5


def list_context_files(dockerfile: Path, context: Path) -> Iterator[str]:
    """List the files that a build sends, as paths inside the context.

    Yields:
        Paths with ``/`` between folders. Folders that no build needs (``.git``, virtual environments) are not
        searched.

    Raises:
        ArgoError: If the ignore file holds a pattern that builders refuse.
    """
    ignored = read_ignore_file(find_ignore_file(dockerfile, context))
    for folder, folders, files in os.walk(context):
        inside = os.path.relpath(folder, context).replace(os.sep, "/")
        prefix = "" if inside == "." else f"{inside}/"
        folders[:] = sorted(
            name
            for name in folders
            if name not in _NEVER_SEARCHED and (ignored.brings_back or not ignored.matches(f"{prefix}{name}"))
        )
        yield from (f"{prefix}{name}" for name in sorted(files) if not ignored.matches(f"{prefix}{name}"))


def refuse_secrets(dockerfile: Path, context: Path, credentials: Iterable[Path] = ()) -> None:
    """Refuse a build that would put credentials, keys or ``.env`` files into the image.

    Args:
        dockerfile: The Dockerfile.
        context: The folder that is sent.
        credentials: Further files with credentials, whatever they are called.

    Raises:
        ArgoError: If it would send such a file.
    """
    given = {file.resolve() for file in credentials}
    found = [
        path
        for path in list_context_files(dockerfile, context)
        if is_secret(path) or (given and (context / path).resolve() in given)
    ]
    if not found:
        return
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    used = find_ignore_file(dockerfile, context)
    cause = f"{str(used)!r} does not cover them" if used else "there is no ignore file"
    raise ArgoError(
        f"the image would hold secrets, as {cause}: {', '.join(map(repr, found[:_SHOWN]))}{more}",
        config_path="argo: deployment.context",
        hint="Add them to it, or take 'Dockerfile.dockerignore' as 'kedro argo init' writes it, which covers "
        f"them in any context. Next to the Dockerfile, it is called '{dockerfile.name}.dockerignore'.",
    )


def list_git_ignored(dockerfile: Path, context: Path) -> list[str]:
    """List files that git ignores and a build sends all the same: they are in no commit."""
    try:
        answer = subprocess.run(
            ["git", "ls-files", "-z", "--others", "--ignored", "--exclude-standard"],  # noqa: S607
            cwd=context,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return []
    listed = {path for path in answer.stdout.split("\0") if path}
    if answer.returncode or not listed:
        return []
    return [path for path in list_context_files(dockerfile, context) if path in listed]

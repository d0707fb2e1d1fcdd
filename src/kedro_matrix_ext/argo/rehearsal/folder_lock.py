"""The lock of a rehearsal's folder, which names who has it."""

from __future__ import annotations

import getpass
import json
import os
import socket
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from kedro_matrix_ext._file_locks import try_lock
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["lock_folder"]

_FILE = "lock.json"
_OWNER_ONLY = 0o600


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Keep other rehearsals out of a folder until the block ends; a killed process keeps out nobody.

    Where files cannot be locked (on Windows, on some network file systems), nobody is kept out.

    Raises:
        ArgoError: If another process is in its block; it is named.
    """
    descriptor = os.open(folder / _FILE, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    try:
        if not try_lock(descriptor):
            raise ArgoError(
                f"{folder.name!r} is being rehearsed {_describe_holder(descriptor)}",
                hint="Wait until that is done, or end it.",
                file=str(folder),
            )
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(_holder()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder() -> dict[str, object]:
    user = "unknown"
    with suppress(OSError, KeyError):  # a container's user may have no name
        user = getpass.getuser()
    since = datetime.now(tz=timezone.utc).isoformat(timespec="seconds")
    return {"process": os.getpid(), "user": user, "host": socket.gethostname(), "since": since}


def _describe_holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return (
            f"by process {holder['process']} of {holder['user']} on {holder['host']} since {holder['since']}"
        )
    except (ValueError, KeyError, TypeError):  # it has only just begun
        return "by another process"

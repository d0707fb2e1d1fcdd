"""Letting processes that share a file do something to it one after the other."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from kedro_matrix_ext._file_locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["exclusive_lock"]

_LONGEST = (
    120.0  # seconds, more than a turn takes: a process that is stopped in its turn holds up none for ever
)


@contextmanager
def exclusive_lock(file: Path | None) -> Iterator[None]:
    """Wait until no other process is in its turn with a file.

    The file's folder is what is locked, so that nothing is left behind, and SQLite's own locks on the file
    are not touched. Where a folder cannot be locked (on Windows, on some network file systems), nobody waits.
    """
    if file is None or sys.platform == "win32":
        yield
        return
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _open(file.parent)
    try:
        if descriptor is not None:
            _lock(descriptor)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open(folder: Path) -> int | None:
    try:
        return os.open(folder, os.O_RDONLY)
    except OSError:  # what is wrong with the folder is for whoever opens the file to say
        return None


def _lock(descriptor: int) -> None:
    last = time.monotonic() + _LONGEST
    while not try_lock(descriptor) and time.monotonic() < last:
        time.sleep(0.05)

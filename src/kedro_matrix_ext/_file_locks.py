"""Locks of the operating system on open files and folders."""

from __future__ import annotations

import sys

__all__ = ["try_lock"]


def try_lock(descriptor: int) -> bool:
    """Lock an open file or folder, and return False only if another process has it locked.

    A killed process loses its locks. Where files cannot be locked (on Windows, on some network file
    systems), the answer is True, so that nobody waits for ever.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without such locks
        return True
    return True

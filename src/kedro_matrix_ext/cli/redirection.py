"""Keep a file that standard output is redirected to free of what Kedro logged before the command began."""

from __future__ import annotations

import os
import re
import stat
import sys
from contextlib import suppress

__all__ = ["discard_kedros_log"]

_KEDROS_LOG = re.compile(rb"\[[^\]\n]*\]\s+INFO\s+Using\s(?:(?!\sINFO\s+Using\s).)*\Z", re.DOTALL)
_LONGEST = 100_000  # bytes


def discard_kedros_log() -> None:
    """Empty the file behind ``kedro ... > file`` if it has only what Kedro logged in this process.

    Kedro logs "Using ... as logging configuration" to standard output before it calls any command, so that
    the file would begin with that line, and not be YAML or JSON. Terminals, pipes, files that are appended to
    and files with other content stay as they are.
    """
    sys.stdout.flush()
    with suppress(OSError, ValueError, AttributeError, ImportError):  # not a file, or not on this system
        import fcntl

        file = sys.stdout.fileno()
        is_appended = fcntl.fcntl(file, fcntl.F_GETFL) & os.O_APPEND
        size = os.fstat(file).st_size
        if not stat.S_ISREG(os.fstat(file).st_mode) or is_appended or os.lseek(file, 0, os.SEEK_CUR) != size:
            return
        with open(f"/dev/fd/{file}", "rb") as written:  # noqa: PTH123  no path of the file system
            content = written.read(_LONGEST)
        if len(content) == size and _KEDROS_LOG.match(content):
            os.ftruncate(file, 0)
            os.lseek(file, 0, os.SEEK_SET)

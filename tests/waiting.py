"""Waiting in tests: until something is true, and long enough for a machine that is busy with other work.

A limit in seconds of the clock says nothing about our code. A test that has to limit a process limits its CPU
time; a test that waits does so for up to ``PATIENCE`` and continues as soon as there is a result.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

__all__ = ["PATIENCE", "wait_until"]

PATIENCE = 1800.0  # seconds after which a process or a server is taken for stuck


def wait_until(
    condition: Callable[[], bool],
    *,
    process: subprocess.Popen[str] | subprocess.Popen[bytes] | None = None,
    what: str = "what the test waits for",
) -> None:
    """Wait until a condition holds.

    Args:
        condition: Asked twenty times a second.
        process: What makes it true; once it has ended there is no point in waiting.
        what: The condition in words, for the error.

    Raises:
        AssertionError: If the process ends first, or after ``PATIENCE``.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        if process is not None and process.poll() is not None and not condition():
            raise AssertionError(f"the process exited with {process.returncode} before {what}")
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {PATIENCE:.0f} s")
        time.sleep(0.05)

"""SIGTERM before a task has begun, while Kedro imports the project.

The first process of a container ignores SIGTERM until it has a handler. Kedro calls what the entry
point group ``kedro.init`` names before it reads the project, so the handler is there in time.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["exit_on_sigterm"]

_TERMINATED = 128 + signal.SIGTERM


def exit_on_sigterm() -> None:
    """Let SIGTERM end ``kedro argo task`` with exit status 143; other commands are left alone."""
    if sys.argv[1:3] == ["argo", "task"]:
        signal.signal(signal.SIGTERM, _exit)


def _exit(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_TERMINATED)

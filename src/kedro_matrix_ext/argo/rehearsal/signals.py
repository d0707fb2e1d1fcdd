"""Ctrl-C and SIGTERM while tasks run: noticed where the loop waits, instead of anywhere in between."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["Interruptions", "watch_interruptions"]

_WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Interruptions:
    """The signals that came.

    Attributes:
        numbers: In their order.
    """

    numbers: list[int] = field(default_factory=list)
    _pipe: tuple[int, int] = field(default_factory=os.pipe)

    def fileno(self) -> int:
        """Give the descriptor that becomes readable when a signal has come."""
        return self._pipe[0]

    def drain(self) -> None:
        """Make the descriptor unreadable until the next signal."""
        os.read(self._pipe[0], 4096)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.numbers.append(number)
        os.write(self._pipe[1], b".")

    def _close(self) -> None:
        for end in self._pipe:
            os.close(end)


@contextmanager
def watch_interruptions() -> Iterator[Interruptions]:
    """Collect signals until the block ends; in a thread other than the main one there are none.

    Yields:
        The signals that came.
    """
    interruptions = Interruptions()
    watched = _WATCHED if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, interruptions._note) for number in watched}  # noqa: SLF001  its own
    try:
        yield interruptions
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        interruptions._close()  # noqa: SLF001

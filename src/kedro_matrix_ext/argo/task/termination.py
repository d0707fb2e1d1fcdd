"""SIGTERM: what Kubernetes sends before it takes the machine away.

Python by default dies of it on the spot. Here it becomes ``SystemExit``, so that everything on the way out is
done: ``finally`` blocks, the session's end, what was registered with ``atexit``. Code that does not come back
in time (native code, a thread that is waited for) is ended before Kubernetes kills the process, whose status
would then be that of a process out of memory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["DEFAULT_GRACE", "TERMINATED", "ending_on_sigterm"]

TERMINATED = 128 + signal.SIGTERM
"""The exit status: 143, as shells have it for a process that SIGTERM ended."""

DEFAULT_GRACE = 20.0
"""Seconds; Kubernetes waits 30 by default."""


@contextmanager
def ending_on_sigterm(grace: float = DEFAULT_GRACE) -> Iterator[None]:
    """End the process with status 143 when SIGTERM comes, its child processes too."""
    if threading.current_thread() is not threading.main_thread():  # where Python takes no signals
        yield
        return
    ending = _Ending(grace)
    ending.watch()
    try:
        yield
    finally:
        ending.stop_watching()


class _Ending:
    """The handler of SIGTERM, and a thread that receives it even while native code keeps Python busy."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._process = os.getpid()
        self._is_on = False

    def watch(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._before = signal.signal(signal.SIGTERM, self._handle)
        os.register_at_fork(after_in_child=self._forget)
        threading.Thread(target=self._wait, name="sigterm", daemon=True).start()

    def stop_watching(self) -> None:
        """Leave things as they were; not once SIGTERM came, as what is still to be done must end in time."""
        if not self._is_on and os.getpid() == self._process:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, self._before)
            os.close(self._writer)

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._is_on = True
        sys.stderr.write(f"SIGTERM: the task ends here, with exit status {TERMINATED}\n")
        for child in multiprocessing.active_children():
            child.terminate()
        raise SystemExit(TERMINATED)

    def _forget(self) -> None:
        """In a forked worker: end on SIGTERM, and write nothing to the parent's pipe."""
        if os.getppid() == self._process and signal.getsignal(signal.SIGTERM) in {
            self._handle,
            signal.SIG_IGN,
        }:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _wait(self) -> None:
        received = b""
        while bytes([signal.SIGTERM]) not in received:
            received = os.read(self._reader, 64)
            if not received:  # nobody watches any more
                os.close(self._reader)
                return
        time.sleep(self._grace)
        sys.stderr.write(f"SIGTERM: not done after {self._grace:g} s, ended all the same\n")
        for child in multiprocessing.active_children():
            child.kill()
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(TERMINATED)

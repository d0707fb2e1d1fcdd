"""What starts a task's command, measures it, and ends whatever it leaves behind.

A separate program, run by path with nothing but Python's core: the peak memory that the system reports of a
process is at least that of the process which started it, so a large one must not start tasks itself.
``launcher.py RESULT COMMAND...`` runs a command in its process group and writes one line to the descriptor
RESULT: exit code (negative for a signal), CPU seconds, and peak resident set size as getrusage(2) gives it.
It ends with the whole group. Its standard input is a pipe that its parent holds: when the parent is gone, the
command is terminated.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys

TYPE_CHECKING = False  # importing typing would take longer than all else
if TYPE_CHECKING:
    import resource

__all__ = ["main"]

_GRACE_PERIOD = 10.0  # seconds that a command whose rehearsal is gone gets to end
_NOT_FOUND = 127


def main(arguments: list[str]) -> None:
    """Run a command."""
    result, command = int(arguments[0]), arguments[1:]
    fcntl.fcntl(result, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    woken, waker = os.pipe()
    fcntl.fcntl(waker, fcntl.F_SETFL, os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # the command alone decides how to end
    child = os.fork()
    if child == 0:
        _become(command)
    status, usage = _wait(child, woken)
    cpu = usage.ru_utime + usage.ru_stime
    os.write(result, f"{os.waitstatus_to_exitcode(status)} {cpu:.3f} {usage.ru_maxrss}\n".encode())
    os.killpg(0, signal.SIGKILL)


def _become(command: list[str]) -> None:
    """Turn this process into the command."""
    try:
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(each, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.execv(command[0], command)  # noqa: S606  no shell is what is wanted
    except OSError as error:
        os.write(2, f"cannot run {command[0]!r}: {error}\n".encode())
    finally:
        os._exit(_NOT_FOUND)


def _wait(child: int, woken: int) -> tuple[int, resource.struct_rusage]:
    """Wait for the command to end, or for the rehearsal to be gone."""
    sources, grace = [0, woken], None
    while True:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            return status, usage
        ready, _, _ = select.select(sources, [], [], grace)
        if woken in ready:
            os.read(woken, 4096)
        if 0 in ready or not ready:
            os.killpg(0, signal.SIGKILL if grace else signal.SIGTERM)
            sources, grace = [woken], _GRACE_PERIOD


if __name__ == "__main__":
    main(sys.argv[1:])

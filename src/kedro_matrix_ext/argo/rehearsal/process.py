"""Processes of tasks: each in its own process group, its output in a file, measured when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.rehearsal import launcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Measured", "TaskProcess", "describe_exit"]

_SIGNALLED = 128


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How a process ended.

    Attributes:
        exit_code: Its exit code as a container reports it: 128 and more for signals.
        seconds: How long it ran.
        cpu_seconds: CPU time of the process and of those it waited for; none where it is not known.
        peak_memory_bytes: The most memory that one of these processes held; none where it is not known.
    """

    exit_code: int
    seconds: float
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None


class TaskProcess:
    """A running command.

    Args:
        command: The program, by its full path, and its arguments.
        environment: All its variables.
        folder: Where it runs.
        log: The file that its output is added to.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path
    ) -> None:
        self._started = time.monotonic()
        self._result, result = os.pipe()
        try:
            with log.open("ab") as output:
                self._launcher = subprocess.Popen(  # noqa: S603  the manifest's command is what is to run
                    [sys.executable, "-I", "-S", launcher.__file__, str(result), *command],
                    cwd=folder,
                    env=dict(environment),
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=[result],
                    start_new_session=True,
                )
        finally:
            os.close(result)

    def fileno(self) -> int:
        """Give the descriptor that becomes readable when the command has ended."""
        return self._result

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the command and all it started."""
        try:
            os.killpg(self._launcher.pid, number)
        except ProcessLookupError:
            return

    def wait(self) -> Measured:
        """Wait until the command has ended, and return its exit status and usage."""
        report = b""
        while part := os.read(self._result, 4096):
            report += part
        seconds = round(time.monotonic() - self._started, 3)
        os.close(self._result)
        self._launcher.wait()
        if self._launcher.stdin is not None:
            self._launcher.stdin.close()
        if not report:  # the launcher itself was killed
            return Measured(exit_code=_SIGNALLED + signal.SIGKILL, seconds=seconds)
        code, cpu, peak = report.decode().split()
        exit_code = int(code) if int(code) >= 0 else _SIGNALLED - int(code)
        unit = 1 if sys.platform == "darwin" else 1024
        return Measured(
            exit_code=exit_code, seconds=seconds, cpu_seconds=float(cpu), peak_memory_bytes=int(peak) * unit
        )


def describe_exit(exit_code: int) -> str:
    """Say what an exit code means.

    Examples:
        >>> describe_exit(1), describe_exit(143)
        ('exit 1', 'exit 143, killed by SIGTERM')
    """
    number = exit_code - _SIGNALLED
    try:
        name = signal.Signals(number).name if number > 0 else None
    except ValueError:
        name = None
    return f"exit {exit_code}, killed by {name}" if name else f"exit {exit_code}"

"""Read the memory of this process, and its peak since the last reading.

Only the process itself is measured, not Spark's JVM nor subprocesses that a node starts.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

__all__ = ["MemoryMeter", "MemoryReading"]

_STATUS = "/proc/self/status"
_CLEAR_REFS = "/proc/self/clear_refs"
_RESET_PEAK = b"5"
_FIELDS = re.compile(rb"^Vm(HWM|RSS):\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class MemoryReading:
    """Memory of the process at one moment.

    Attributes:
        peak: The peak since the previous reading or the process's start, in bytes; see the meter's source.
        current: Bytes held now; unknown where only the peak is available.
    """

    peak: int | None
    current: int | None


class MemoryMeter:
    """Reads the process's peak memory, and resets it where the system allows.

    Linux keeps the highest resident set size of a process (``VmHWM`` in ``/proc/self/status``) and resets
    it to the current size when ``5`` is written to ``/proc/self/clear_refs`` (proc_pid_clear_refs(5)).
    Elsewhere, and where that file is not writable, only the peak since the process started is
    available (``ru_maxrss``, getrusage(2)): an upper bound.

    Attributes:
        source: ``vmhwm``, ``ru_maxrss``, or ``None`` where nothing can be read.

    Examples:
        >>> reading = MemoryMeter().read()
        >>> reading.peak is None or reading.peak > 1_000_000
        True
    """

    def __init__(self) -> None:
        self.source = "vmhwm" if _reset_peak() else "ru_maxrss" if _largest_resident_set() else None

    def read(self) -> MemoryReading:
        """Read the peak, and reset it where the system allows."""
        if self.source != "vmhwm":
            return MemoryReading(peak=_largest_resident_set(), current=None)
        with open(_STATUS, "rb", buffering=0) as status:  # noqa: PTH123  a Path costs twice the time
            fields = {name: int(kilobytes) * 1024 for name, kilobytes in _FIELDS.findall(status.read())}
        _reset_peak()
        return MemoryReading(peak=fields.get(b"HWM"), current=fields.get(b"RSS"))


def _reset_peak() -> bool:
    try:
        with open(_CLEAR_REFS, "wb", buffering=0) as references:  # noqa: PTH123  a Path costs twice the time
            references.write(_RESET_PEAK)
    except OSError:
        return False
    return True


def _largest_resident_set() -> int | None:
    try:
        import resource
    except ImportError:  # Windows does not have this module
        return None
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024

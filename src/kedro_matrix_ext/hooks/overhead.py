"""Time that hooks of ours take while a node is measured, so that it is not counted as the node's."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Overhead", "hook_overhead", "read_overhead"]


@dataclass(frozen=True)
class Overhead:
    """Seconds that hooks of ours have taken on a thread since it started."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def since(self, earlier: Overhead) -> Overhead:
        """Return what was added since an earlier reading of the same thread."""
        return Overhead(self.seconds - earlier.seconds, self.cpu_seconds - earlier.cpu_seconds)


_thread = threading.local()


@contextmanager
def hook_overhead() -> Iterator[None]:
    """Count what is done here as a hook's time, not as the node's."""
    before, wall, cpu = read_overhead(), time.perf_counter(), time.thread_time()
    try:
        yield
    finally:
        _thread.overhead = Overhead(
            before.seconds + time.perf_counter() - wall, before.cpu_seconds + time.thread_time() - cpu
        )


def read_overhead() -> Overhead:
    """Read what hooks have taken on this thread so far."""
    overhead: Overhead = getattr(_thread, "overhead", Overhead())
    return overhead

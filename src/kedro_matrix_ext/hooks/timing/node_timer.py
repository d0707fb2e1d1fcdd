"""Measure the nodes that run in this process: time, CPU time and peak memory."""

from __future__ import annotations

import inspect
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from kedro_matrix_ext.hooks.overhead import Overhead, read_overhead
from kedro_matrix_ext.hooks.timing.peak_memory import MemoryMeter

if TYPE_CHECKING:
    from kedro.pipeline.node import Node

__all__ = ["Measurement", "NodeTimer", "OpenNode"]


@dataclass(frozen=True)
class Measurement:
    """Time and memory of one node, with the field names of ``NodeTiming``."""

    started: str
    seconds: float
    cpu_seconds: float
    peak_memory_bytes: int | None
    start_memory_bytes: int | None
    memory_source: str | None


@dataclass(eq=False)
class OpenNode:
    """A node between its first load and its last save; mutable, and stays in its process.

    Attributes:
        node: The node.
        run_id: Its run; unknown until its inputs are loaded, because Kedro does not pass it earlier.
        has_returned: Whether its function has returned.
        saves: How many outputs (chunks of outputs for a generator) were saved so far.
        overlapped: Whether another node ran in the same process at the same time.
        peak: The peak memory of the process during the node, in bytes.
    """

    node: Node
    start_memory: int | None
    run_id: str | None = None
    has_returned: bool = False
    saves: int = 0
    overlapped: bool = False
    peak: int = 0
    thread: int = field(default_factory=threading.get_ident)
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    wall_start: float = field(default_factory=time.perf_counter)
    process_cpu_start: float = field(default_factory=time.process_time)
    thread_cpu_start: float = field(default_factory=time.thread_time)
    overhead_start: Overhead = field(default_factory=read_overhead)

    @property
    def is_generator(self) -> bool:
        """Whether the node yields its outputs in chunks, so that it runs while they are saved."""
        return inspect.isgeneratorfunction(self.node.func)

    @property
    def has_saved_all(self) -> bool:
        """Whether every output was saved; for a generator, whether all were saved equally often."""
        outputs = len(self.node.outputs)
        if self.is_generator:
            return self.has_returned and self.saves % max(outputs, 1) == 0
        return self.has_returned and self.saves >= outputs


class NodeTimer:
    """Starts and stops measuring nodes as the hooks report them; safe to call from several threads.

    Every start and stop reads the peak memory since the previous one and adds it to all nodes that are
    open, so each of the nodes that overlap in a ``ThreadRunner`` gets the common peak.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[OpenNode] = []
        self._meter: MemoryMeter | None = None

    def open(self, node: Node) -> OpenNode:
        """Start measuring a node on this thread, unless it is being measured already."""
        with self._lock:
            return self._find(node) or self._begin(node)

    def assign(self, node: Node, run_id: str) -> OpenNode:
        """Assign the node on this thread to its run, and merge what was opened by loads on other threads."""
        with self._lock:
            loaded = [opened for opened in self._open if opened.run_id is None and opened.node is node]
            own = [opened for opened in loaded if opened.thread == threading.get_ident()] or loaded
            first = own[0] if own else self._begin(node)
            self._open = [opened for opened in self._open if opened not in own or opened is first]
            if first.thread != threading.get_ident():
                first.overhead_start = read_overhead()
            first.run_id, first.thread = run_id, threading.get_ident()
            return first

    def find(self, node: Node) -> OpenNode | None:
        """Return the open node on this thread."""
        with self._lock:
            return self._find(node)

    def list_others(self, node: Node) -> list[OpenNode]:
        """List the other open nodes of this thread: they ended, since another node starts."""
        me = threading.get_ident()
        with self._lock:
            return [opened for opened in self._open if opened.thread == me and opened.node is not node]

    def list_open(self) -> list[OpenNode]:
        """List all open nodes of this process."""
        with self._lock:
            return list(self._open)

    def close(self, opened: OpenNode) -> Measurement | None:
        """Stop measuring a node and return its measurement; None if another thread has stopped it already."""
        wall = time.perf_counter() - opened.wall_start
        on_its_thread = opened.thread == threading.get_ident()
        if opened.overlapped and on_its_thread:
            cpu = time.thread_time() - opened.thread_cpu_start
        else:
            cpu = time.process_time() - opened.process_cpu_start
        if on_its_thread:
            overhead = read_overhead().since(opened.overhead_start)
            wall, cpu = wall - overhead.seconds, max(cpu - overhead.cpu_seconds, 0.0)
        with self._lock:
            if opened not in self._open:
                return None
            self._update_peaks()
            self._open.remove(opened)
            source = self._meter.source if self._meter else None
        return Measurement(
            started=opened.started.isoformat(timespec="milliseconds"),
            seconds=round(wall, 6),
            cpu_seconds=round(cpu, 6),
            peak_memory_bytes=opened.peak or None,
            start_memory_bytes=opened.start_memory,
            memory_source=source,
        )

    def _find(self, node: Node) -> OpenNode | None:
        me = threading.get_ident()
        return next((opened for opened in self._open if opened.thread == me and opened.node is node), None)

    def _begin(self, node: Node) -> OpenNode:
        current_memory = self._update_peaks()
        opened = OpenNode(node, current_memory)
        for other in self._open:
            if other.node is not node:
                other.overlapped = opened.overlapped = True
        self._open.append(opened)
        return opened

    def _update_peaks(self) -> int | None:
        self._meter = self._meter or MemoryMeter()
        reading = self._meter.read()
        for opened in self._open:
            opened.peak = max(opened.peak, reading.peak or 0)
        return reading.current

"""What hooks of ours take is not counted as a node's time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kedro.pipeline import node

from kedro_matrix_ext.hooks.overhead import hook_overhead
from kedro_matrix_ext.hooks.timing.node_timer import NodeTimer

if TYPE_CHECKING:
    import pytest


def test_time_of_hooks_is_not_the_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where MLflow is imported in a new worker, between the node's first load and its last save."""
    now = [100.0]
    for clock in ("perf_counter", "process_time", "thread_time"):
        monkeypatch.setattr(time, clock, lambda: now[0])

    def wait(seconds: float) -> None:
        now[0] += seconds

    with hook_overhead():
        wait(9)  # before the node
    timer = NodeTimer()
    opened = timer.open(node(len, "a", "b", name="n"))
    opened.wall_start = opened.process_cpu_start = now[0]  # these were read by the real clocks
    wait(1)
    timer.assign(opened.node, "run")
    with hook_overhead():
        wait(20)
    wait(2)
    with hook_overhead():
        wait(30)
    measured = timer.close(opened)
    assert measured is not None
    assert (measured.seconds, measured.cpu_seconds) == (3, 3)

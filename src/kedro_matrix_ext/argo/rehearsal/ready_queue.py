"""Which steps may start, given those that are done."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

__all__ = ["ReadyQueue"]


class ReadyQueue:
    """Steps that wait for others, and those that may start.

    Args:
        steps: All steps, in an order in which they can run.
        done: The paths of those that do not have to run again.
    """

    def __init__(self, steps: Sequence[Step], done: Collection[str] = ()) -> None:
        self._steps = {step.path: step for step in steps}
        self._rank = {path: rank for rank, path in enumerate(self._steps)}
        self._missing = {step.path: set(step.depends_on) for step in steps}
        self._below: dict[str, list[str]] = {path: [] for path in self._steps}
        for step in steps:
            for need in step.depends_on:
                self._below[need].append(step.path)
        self._ready: list[int] = []
        self._left = {path for path in self._steps if path not in done}
        for path, missing in self._missing.items():
            missing.difference_update(done)
            if not missing and path in self._left:
                heapq.heappush(self._ready, self._rank[path])
        self._paths = list(self._steps)

    def take(self) -> Step | None:
        """Take the first step that may start; none where all wait or are taken."""
        if not self._ready:
            return None
        path = self._paths[heapq.heappop(self._ready)]
        self._left.discard(path)
        return self._steps[path]

    def complete(self, path: str) -> None:
        """Let those start that waited for a step only."""
        for below in self._below[path]:
            self._missing[below].discard(path)
            if not self._missing[below] and below in self._left:
                heapq.heappush(self._ready, self._rank[below])

    def list_left(self) -> Mapping[str, tuple[str, ...]]:
        """List the steps never taken, and what each still waits for."""
        return {
            path: tuple(need for need in self._steps[path].depends_on if need in self._missing[path])
            for path in self._steps
            if path in self._left
        }

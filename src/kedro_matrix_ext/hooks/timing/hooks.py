"""Time and peak memory of every node, on the screen at the end of a run and on disk for later use."""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kedro_matrix_ext._variables import TASK_VARIABLE
from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks.hook_config import name_environment
from kedro_matrix_ext.hooks.timing.node_timer import NodeClock, OpenNode
from kedro_matrix_ext.hooks.timing.records import NodeTiming, append_timing, read_node_timings, timings_file
from kedro_matrix_ext.hooks.worker_state import attach_state, read_state

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

    from kedro_matrix_ext.hooks.timing.records import NodeStatus

__all__ = ["NodeTimerHooks"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Run:
    """What the main process knows of a run and its workers must."""

    run_id: str
    pipeline: str
    env: str | None
    task: str | None
    file: Path


class NodeTimerHooks:
    """Measure each node from its first load to its last save, under any of Kedro's runners.

    At the end of the run the slowest nodes are shown. All of them are in
    ``<project>/<folder>/<run id>.jsonl``, a line each, as
    ``NodeTiming`` describes it.

    Args:
        top: How many nodes to show.
        folder: Where the files go, relative to the project.

    Examples:
        >>> hooks = NodeTimerHooks(top=5)
    """

    def __init__(self, *, top: int = 20, folder: str = ".kedro_matrix/node_timings") -> None:
        self._top = top
        self._folder = folder
        self._env: str | None = None
        self._clock = NodeClock()
        self._runs: dict[str, _Run] = {}
        self._unwritten: dict[str, list[NodeTiming]] = {}
        self._watches_exit = False

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Remember the environment, which Kedro names to a run only where it was asked for."""
        self._env = name_environment(context)

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], catalog: CatalogProtocol[Any, Any]) -> None:
        """Remember the run, and let the catalog tell the workers about it."""
        run_id = str(run_params["run_id"])
        run = _Run(
            run_id=run_id,
            pipeline=",".join(run_params.get("pipeline_names") or ["__default__"]),
            env=run_params.get("env") or self._env,
            task=os.environ.get(TASK_VARIABLE),
            file=timings_file(Path(run_params["project_path"], self._folder), run_id),
        )
        self._runs[run_id] = run
        attach_state(catalog, type(self).__name__, run)

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """Begin to measure with the node's first input."""
        self._settle_others(node)
        self._clock.open(node)

    @hook_impl
    def before_node_run(self, node: Node, catalog: CatalogProtocol[Any, Any], run_id: str | None) -> None:
        """Learn which run the node belongs to; begin to measure here if it has no inputs."""
        self._settle_others(node)
        opened = self._clock.assign(node, run_id or "")
        run = self._runs.get(opened.run_id or "") or read_state(catalog, type(self).__name__)
        if run is None:  # a runner used without a session: nobody to report to
            self._clock.close(opened)
            return
        self._runs[run.run_id] = run
        self._watch_exit_of_worker()

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Write the record of a node without outputs."""
        opened = self._clock.find(node)
        if opened:
            opened.has_returned = True
            self._settle_if_saved(opened)

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """Write the record with the node's last output."""
        opened = self._clock.find(node)
        if opened:
            opened.saves += 1
            self._settle_if_saved(opened)

    @hook_impl
    def on_node_error(self, node: Node) -> None:
        """Write the record of a node that failed."""
        opened = self._clock.find(node)
        if opened:
            self._settle(opened, "failed")

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Show the table of a run that succeeded."""
        unmeasured: NodeStatus = "skipped" if run_params.get("only_missing_outputs") else "unmeasured"
        self._end_run(str(run_params["run_id"]), pipeline, still_open="succeeded", never_seen=unmeasured)

    @hook_impl
    def on_pipeline_error(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Show the table of a run that failed."""
        self._end_run(str(run_params["run_id"]), pipeline, still_open="failed", never_seen="skipped")

    def _settle_others(self, node: Node) -> None:
        for opened in self._clock.list_others(node):
            self._settle(opened, "succeeded" if opened.has_saved_all else "failed")

    def _settle_if_saved(self, opened: OpenNode) -> None:
        if opened.has_saved_all and not opened.is_generator:
            self._settle(opened, "succeeded")

    def _settle(self, opened: OpenNode, status: NodeStatus) -> None:
        """Close a node and write its record; one whose run Kedro never told is the process's latest run's."""
        measured = self._clock.close(opened)
        run = self._runs.get(opened.run_id or next(reversed(self._runs), ""))
        if run is not None:
            self._write(run, opened.node, status, process=os.getpid(), **vars(measured))

    def _write(self, run: _Run, node: Node, status: NodeStatus, **measured: Any) -> NodeTiming:
        timing = NodeTiming(
            run_id=run.run_id,
            pipeline=run.pipeline,
            env=run.env,
            task=run.task,
            node=node.name,
            namespace=node.namespace,
            tags=tuple(sorted(node.tags)),
            status=status,
            **measured,
        )
        try:
            append_timing(run.file, timing)
        except OSError as error:
            if run.run_id not in self._unwritten:
                logger.warning("Node timings are shown but not kept: %s", error)
            self._unwritten.setdefault(run.run_id, []).append(timing)
        return timing

    def _end_run(
        self, run_id: str, pipeline: Pipeline, *, still_open: NodeStatus, never_seen: NodeStatus
    ) -> None:
        run, nodes = self._runs[run_id], pipeline.nodes
        for opened in self._clock.list_open():
            if opened.run_id in {run_id, None} and opened.node in nodes:
                self._settle(opened, still_open)
        timings = {timing.node: timing for timing in _read_records(run.file) if timing.task == run.task}
        timings.update({timing.node: timing for timing in self._unwritten.pop(run_id, [])})
        for node in nodes:
            if node.name not in timings:
                timings[node.name] = self._write(run, node, never_seen)
        self._unwritten.pop(run_id, None)
        del self._runs[run_id]
        self._show([timings[node.name] for node in nodes], run.file)

    def _show(self, timings: list[NodeTiming], file: Path) -> None:
        import rich

        from kedro_matrix_ext.hooks.timing.table import draw_table, write_table

        console = rich.get_console()
        if console.is_terminal:
            console.print(draw_table(timings, self._top))
        else:
            sys.stdout.write(f"Node timings, all of them in {file}\n{write_table(timings, self._top)}\n")

    def _watch_exit_of_worker(self) -> None:
        """See to it that a generator which was a worker's last node is written when the worker ends."""
        if not self._watches_exit and multiprocessing.parent_process() is not None:
            self._watches_exit = True
            multiprocessing.util.Finalize(None, self._settle_all, exitpriority=10)

    def _settle_all(self) -> None:
        for opened in self._clock.list_open():
            self._settle(opened, "succeeded" if opened.has_saved_all else "failed")


def _read_records(file: Path) -> list[NodeTiming]:
    """Read a run's records; where that fails, as after a full disk, the run still ends as it did."""
    try:
        return read_node_timings(file) if file.exists() else []
    except (HookError, OSError) as error:
        logger.warning("The node timings of the run cannot be read: %s", error)
        return []

"""Measure time and peak memory of every node, for a table at the end of a run and for files on disk."""

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
from kedro_matrix_ext.hooks.timing.node_timer import NodeTimer, OpenNode
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
    """What the worker processes need to know about a run."""

    run_id: str
    pipeline: str
    env: str | None
    task: str | None
    file: Path


class NodeTimerHooks:
    """Measure each node from its first load to its last save, under any of Kedro's runners.

    At the end of the run the slowest nodes are shown. ``<project>/<folder>/<run id>.jsonl`` holds a line
    for every node, as ``NodeTiming`` describes it; ``read_node_timings`` reads the file.

    Args:
        top: How many nodes to show.
        folder: The folder of the files, relative to the project.

    Examples:
        >>> hooks = NodeTimerHooks(top=5)
    """

    def __init__(self, *, top: int = 20, folder: str = ".kedro_matrix/node_timings") -> None:
        self._top = top
        self._folder = folder
        self._env: str | None = None
        self._timer = NodeTimer()
        self._runs: dict[str, _Run] = {}
        self._unwritten: dict[str, list[NodeTiming]] = {}
        self._has_exit_handler = False

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Remember the environment: Kedro passes it to a run only if it was given explicitly."""
        self._env = name_environment(context)

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], catalog: CatalogProtocol[Any, Any]) -> None:
        """Remember the run, and attach it to the catalog, which Kedro sends to worker processes."""
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
        """Start measuring with the node's first input."""
        self._record_others(node)
        self._timer.open(node)

    @hook_impl
    def before_node_run(self, node: Node, catalog: CatalogProtocol[Any, Any], run_id: str | None) -> None:
        """Assign the node to its run; start measuring here if it has no inputs."""
        self._record_others(node)
        opened = self._timer.assign(node, run_id or "")
        run = self._runs.get(opened.run_id or "") or read_state(catalog, type(self).__name__)
        if run is None:  # a runner used without a session: there is no run to report to
            self._timer.close(opened)
            return
        self._runs[run.run_id] = run
        self._record_at_worker_exit()

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Write the record of a node without outputs."""
        opened = self._timer.find(node)
        if opened:
            opened.has_returned = True
            self._record_if_saved(opened)

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """Write the record with the node's last output."""
        opened = self._timer.find(node)
        if opened:
            opened.saves += 1
            self._record_if_saved(opened)

    @hook_impl
    def on_node_error(self, node: Node) -> None:
        """Write the record of a node that failed."""
        opened = self._timer.find(node)
        if opened:
            self._record(opened, "failed")

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Show the table of a run that succeeded."""
        unmeasured: NodeStatus = "skipped" if run_params.get("only_missing_outputs") else "unmeasured"
        self._end_run(str(run_params["run_id"]), pipeline, still_open="succeeded", never_seen=unmeasured)

    @hook_impl
    def on_pipeline_error(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Show the table of a run that failed."""
        self._end_run(str(run_params["run_id"]), pipeline, still_open="failed", never_seen="skipped")

    def _record_others(self, node: Node) -> None:
        for opened in self._timer.list_others(node):
            self._record(opened, "succeeded" if opened.has_saved_all else "failed")

    def _record_if_saved(self, opened: OpenNode) -> None:
        if opened.has_saved_all and not opened.is_generator:
            self._record(opened, "succeeded")

    def _record(self, opened: OpenNode, status: NodeStatus) -> None:
        """Stop measuring a node and write its record; if Kedro gave no run id, use the latest run."""
        measured = self._timer.close(opened)
        run = self._runs.get(opened.run_id or next(reversed(self._runs), ""))
        if run is not None and measured is not None:
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
                logger.warning("Node timings are shown but not saved: %s", error)
            self._unwritten.setdefault(run.run_id, []).append(timing)
        return timing

    def _end_run(
        self, run_id: str, pipeline: Pipeline, *, still_open: NodeStatus, never_seen: NodeStatus
    ) -> None:
        run, nodes = self._runs[run_id], pipeline.nodes
        for opened in self._timer.list_open():
            if opened.run_id in {run_id, None} and opened.node in nodes:
                self._record(opened, still_open)
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
            sys.stdout.write(
                f"Node timings; the complete list is in {file}\n{write_table(timings, self._top)}\n"
            )

    def _record_at_worker_exit(self) -> None:
        """Record what is still open when a worker process exits: a generator that was its last node."""
        if not self._has_exit_handler and multiprocessing.parent_process() is not None:
            self._has_exit_handler = True
            multiprocessing.util.Finalize(None, self._record_all, exitpriority=10)

    def _record_all(self) -> None:
        for opened in self._timer.list_open():
            self._record(opened, "succeeded" if opened.has_saved_all else "failed")


def _read_records(file: Path) -> list[NodeTiming]:
    """Read a run's records; if that fails, for example after a full disk, only warn."""
    try:
        return read_node_timings(file) if file.exists() else []
    except (HookError, OSError) as error:
        logger.warning("The node timings of the run cannot be read: %s", error)
        return []

"""Show the progress of a run in a terminal."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kedro_matrix_ext.hooks.worker_state import attach_state, read_state

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node
    from rich.live import Live

__all__ = ["ProgressHooks"]


@dataclass(frozen=True)
class _EventLog:
    """The file of a run's events: a line for each node started (``>``), done (``<``), or failed (``!``)."""

    file: Path

    def append(self, mark: str, node: Node) -> None:
        """Append a line with one write, so that lines of several processes do not mix."""
        with self.file.open("ab", buffering=0) as stream:
            stream.write(f"{mark}{node.name}\n".encode())


@dataclass
class _Display:
    """The progress line; rich renders it a few times a second."""

    total: int
    event_log: _EventLog
    live: Live | None = None
    running: list[str] = field(default_factory=list)
    done: int = 0
    position: int = 0
    started: float = field(default_factory=time.monotonic)

    def __rich__(self) -> str:
        from rich.markup import escape

        self.read_event_log()
        elapsed = time.strftime("%H:%M:%S", time.gmtime(time.monotonic() - self.started))
        others = f" and {len(self.running) - 1} more" if len(self.running) > 1 else ""
        current = f"  {escape(self.running[0])}{others}" if self.running else ""
        return f"[bold]{self.done} of {self.total} nodes[/]  {elapsed}{current}"

    def read_event_log(self) -> None:
        """Read the lines that were added since the last call."""
        with self.event_log.file.open("rb") as stream:
            stream.seek(self.position)
            lines = stream.read().rpartition(b"\n")[0]
        self.position += len(lines) + bool(lines)
        for line in lines.decode().splitlines():
            mark, name = line[:1], line[1:]
            if mark == ">":
                self.running.append(name)
            else:
                self.running.remove(name)
                self.done += mark == "<"


class ProgressHooks:
    """Show the number of finished nodes, the current node and the elapsed time below Kedro's log.

    In a pod, a pipe or a notebook, where there is no terminal, the hook does nothing. A node counts as done
    when its function has returned.

    Examples:
        >>> hooks = ProgressHooks()
    """

    def __init__(self) -> None:
        self._displays: dict[str, _Display] = {}

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
    ) -> None:
        """Show the progress line."""
        import rich
        from rich.live import Live

        console = rich.get_console()
        if not console.is_terminal or self._displays:  # only one run at a time has a line
            return
        descriptor, file = tempfile.mkstemp(prefix="kedro-progress-")
        os.close(descriptor)
        display = _Display(len(pipeline.nodes), _EventLog(Path(file)))
        attach_state(catalog, type(self).__name__, display.event_log)
        self._displays[str(run_params["run_id"])] = display
        display.live = Live(display, console=console, refresh_per_second=4, transient=True)
        display.live.start()

    @hook_impl
    def before_node_run(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Show the node as running."""
        self._log_event(">", node, catalog)

    @hook_impl
    def after_node_run(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Count the node as done."""
        self._log_event("<", node, catalog)

    @hook_impl
    def on_node_error(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Remove the failed node from the line."""
        self._log_event("!", node, catalog)

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Remove the line."""
        self._end(str(run_params["run_id"]))

    @hook_impl
    def on_pipeline_error(self, run_params: dict[str, Any]) -> None:
        """Remove the line."""
        self._end(str(run_params["run_id"]))

    def _log_event(self, mark: str, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        event_log: _EventLog | None = read_state(catalog, type(self).__name__)
        if event_log is not None:
            event_log.append(mark, node)

    def _end(self, run_id: str) -> None:
        display = self._displays.pop(run_id, None)
        if display is not None and display.live is not None:
            display.live.stop()
            display.event_log.file.unlink()

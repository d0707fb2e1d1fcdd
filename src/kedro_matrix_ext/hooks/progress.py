"""A line that tells how far a run is, for those who watch it in a terminal."""

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
class _Journal:
    """Where each process of a run notes what begins (``>``), is done (``<``) or fails (``!``)."""

    file: Path

    def note(self, mark: str, node: Node) -> None:
        """Add a line, at once, so that processes do not mix theirs."""
        with self.file.open("ab", buffering=0) as stream:
            stream.write(f"{mark}{node.name}\n".encode())


@dataclass
class _Display:
    """The line on the screen; rich asks it for its text a few times a second."""

    total: int
    journal: _Journal
    live: Live | None = None
    running: list[str] = field(default_factory=list)
    done: int = 0
    position: int = 0
    started: float = field(default_factory=time.monotonic)

    def __rich__(self) -> str:
        from rich.markup import escape

        self.read_journal()
        elapsed = time.strftime("%H:%M:%S", time.gmtime(time.monotonic() - self.started))
        others = f" and {len(self.running) - 1} more" if len(self.running) > 1 else ""
        current = f"  {escape(self.running[0])}{others}" if self.running else ""
        return f"[bold]{self.done} of {self.total} nodes[/]  {elapsed}{current}"

    def read_journal(self) -> None:
        """Take in the lines that are new."""
        with self.journal.file.open("rb") as stream:
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
    """Show nodes done of all, the current node and the time elapsed, below Kedro's log lines.

    Only in a terminal; in a pod, a pipe or a notebook the hook does nothing. A node counts as done when its
    function has returned.

    Examples:
        >>> hooks = ProgressHooks()
    """

    def __init__(self) -> None:
        self._displays: dict[str, _Display] = {}

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
    ) -> None:
        """Show the line."""
        import rich
        from rich.live import Live

        console = rich.get_console()
        if not console.is_terminal or self._displays:  # a second run at once has no line of its own
            return
        descriptor, file = tempfile.mkstemp(prefix="kedro-progress-")
        os.close(descriptor)
        display = _Display(len(pipeline.nodes), _Journal(Path(file)))
        attach_state(catalog, type(self).__name__, display.journal)
        self._displays[str(run_params["run_id"])] = display
        display.live = Live(display, console=console, refresh_per_second=4, transient=True)
        display.live.start()

    @hook_impl
    def before_node_run(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Name the node as running."""
        self._note(">", node, catalog)

    @hook_impl
    def after_node_run(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Count the node as done."""
        self._note("<", node, catalog)

    @hook_impl
    def on_node_error(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Name the node no more."""
        self._note("!", node, catalog)

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Take the line away."""
        self._end(str(run_params["run_id"]))

    @hook_impl
    def on_pipeline_error(self, run_params: dict[str, Any]) -> None:
        """Take the line away."""
        self._end(str(run_params["run_id"]))

    def _note(self, mark: str, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        journal: _Journal | None = read_state(catalog, type(self).__name__)
        if journal is not None:
            journal.note(mark, node)

    def _end(self, run_id: str) -> None:
        display = self._displays.pop(run_id, None)
        if display is not None and display.live is not None:
            display.live.stop()
            display.journal.file.unlink()

"""Write and read the records of node timings."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from kedro_matrix_ext._json_lines import is_measure, read_json_lines
from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NodeTiming", "append_timing", "read_node_timings", "timings_file"]

_TEXTS = ("run_id", "pipeline", "node", "status")
_OPTIONAL_TEXTS = ("env", "task", "namespace", "started", "memory_source")
_MEASURES = ("seconds", "cpu_seconds", "peak_memory_bytes", "start_memory_bytes", "process")

NodeStatus = Literal["succeeded", "failed", "skipped", "unmeasured"]


@dataclass(frozen=True)
class NodeTiming:
    """One node of one run.

    Attributes:
        run_id: Kedro's run id (the session id, and the save version of versioned datasets).
        pipeline: The selected pipelines, joined by commas; ``__default__`` if none was given.
        env: The configuration environment.
        task: The workflow's task that ran the node, from ``KEDRO_MATRIX_TASK``; ``None`` outside a workflow.
        node: The node's name.
        namespace: Its namespace.
        tags: Its tags, sorted.
        status: ``succeeded``, ``failed``, ``skipped`` (it never started), or ``unmeasured`` (it ran in a
            worker process in which Kedro called no hooks).
        started: When its first input started to load, ISO 8601 in UTC.
        seconds: Seconds from then until its last output was saved.
        cpu_seconds: CPU seconds of the process during the node; only those of the node's thread if nodes
            of the same process overlapped.
        peak_memory_bytes: The peak memory of the process during the node, in bytes.
        start_memory_bytes: Its memory when the node started, in bytes.
        memory_source: How the peak was measured: ``vmhwm``, or ``ru_maxrss`` (since the process started).
        process: The process id.

    Examples:
        >>> from kedro_matrix_ext.hooks import NodeTiming
        >>> NodeTiming("run", "__default__", None, None, "train", None, (), "succeeded", seconds=1.5).seconds
        1.5
    """

    run_id: str
    pipeline: str
    env: str | None
    task: str | None
    node: str
    namespace: str | None
    tags: tuple[str, ...]
    status: NodeStatus
    started: str | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None
    start_memory_bytes: int | None = None
    memory_source: str | None = None
    process: int | None = None


def timings_file(folder: Path, run_id: str) -> Path:
    """Return the file of a run; characters that file names cannot hold become ``_``."""
    return folder / (re.sub(r"[^\w.-]", "_", run_id) + ".jsonl")


def append_timing(file: Path, timing: NodeTiming) -> None:
    """Append a record to a run's file with one write, so that lines of several processes do not mix.

    A missing folder is created, with a ``.gitignore`` that ignores all of it.
    """
    line = json.dumps(vars(timing)) + "\n"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    try:
        descriptor = os.open(file, flags, 0o644)
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / ".gitignore").write_text("*\n")
        descriptor = os.open(file, flags, 0o644)
    try:
        if not _ends_with_newline(file):  # another process was killed while it wrote
            line = f"\n{line}"
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def _ends_with_newline(file: Path) -> bool:
    with file.open("rb") as stream:
        if stream.seek(0, os.SEEK_END) == 0:
            return True
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def read_node_timings(file: Path) -> list[NodeTiming]:
    """Read what ``NodeTimerHooks`` wrote about a run.

    Args:
        file: The JSON Lines file of a run, ``<folder>/<run id>.jsonl``. Unknown keys are ignored, since
            a later release may add some.

    Returns:
        A record for each node of each task; the last one if a node ran more than once. A line that is not
        whole, since a process was killed while it wrote, is left out with a warning.

    Raises:
        HookError: If a whole line is not a record of a node; it names the file and the line. If the file
            cannot be read.

    Examples:
        >>> from pathlib import Path
        >>> from kedro_matrix_ext.hooks import read_node_timings
        >>> files = sorted(Path(".kedro_matrix/node_timings").glob("*.jsonl"))
        >>> timings = [timing for file in files for timing in read_node_timings(file)]
    """
    latest: dict[tuple[str | None, str], NodeTiming] = {}
    try:
        for number, line, record in read_json_lines(file):
            timing = _make_timing(record)
            if timing is None:
                raise HookError(
                    f"{line[:80]!r} is not a record of a node",
                    file=str(file),
                    line=number,
                    hint="Remove the line: NodeTimerHooks did not write it.",
                )
            latest[timing.task, timing.node] = timing
    except OSError as error:
        raise HookError(f"cannot read this file: {error.strerror}", file=str(file)) from error
    return list(latest.values())


def _make_timing(record: Any) -> NodeTiming | None:
    """Make a timing of a record; None if it is not one."""
    known = {field.name for field in fields(NodeTiming)}
    try:
        known_values = {name: value for name, value in record.items() if name in known}
        timing = NodeTiming(**{**known_values, "tags": tuple(record["tags"])})
    except (TypeError, KeyError, AttributeError):
        return None
    texts = [getattr(timing, name) for name in _TEXTS]
    optional = [getattr(timing, name) for name in _OPTIONAL_TEXTS]
    measures = [getattr(timing, name) for name in _MEASURES]
    is_sound = all(isinstance(text, str) for text in (*texts, *timing.tags))
    is_sound = is_sound and all(text is None or isinstance(text, str) for text in optional)
    return timing if is_sound and all(map(is_measure, measures)) else None

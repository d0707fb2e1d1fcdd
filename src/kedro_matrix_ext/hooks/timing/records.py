"""What is written down about one node of one run, and how it is read again."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NodeTiming", "append_timing", "read_node_timings", "timings_file"]

NodeStatus = Literal["succeeded", "failed", "skipped", "unmeasured"]


@dataclass(frozen=True)
class NodeTiming:
    """One node of one run.

    Attributes:
        run_id: Kedro's run id (the session id, and the save version of versioned datasets).
        pipeline: The pipelines that were asked for, joined by commas; ``__default__`` for none.
        env: The configuration environment.
        task: The workflow's task that ran the node, from ``KEDRO_MATRIX_TASK``; ``None`` outside of one.
        node: The node's name.
        namespace: Its namespace.
        tags: Its tags, sorted.
        status: ``succeeded``, ``failed``, ``skipped`` (it never started), or ``unmeasured`` (it ran in a
            worker process in which Kedro called no hooks).
        started: When its first input began to load, ISO 8601 in UTC.
        seconds: From there until its last output was saved.
        cpu_seconds: CPU time of the process in that time; of the node's own thread alone where nodes of the
            same process overlapped.
        peak_memory_bytes: Most memory the process held in that time.
        start_memory_bytes: What it held at the beginning.
        memory_source: Where the peak is from: ``vmhwm``, or ``ru_maxrss`` (the peak since the process began).
        process: The process id.
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
    """Name the file of a run.

    Args:
        folder: The folder of all runs.
        run_id: Kedro's run id.

    Returns:
        ``<folder>/<run id>.jsonl``, characters that are no part of file names replaced by ``_``.
    """
    return folder / (re.sub(r"[^\w.-]", "_", run_id) + ".jsonl")


def append_timing(file: Path, timing: NodeTiming) -> None:
    """Add a record to a run's file, safely beside other processes that do the same.

    Args:
        file: The run's file; its folder is made if missing, with a ``.gitignore`` that covers it.
        timing: The record: one line, written at once in append mode.

    Raises:
        OSError: If the file cannot be written.
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
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def read_node_timings(file: Path) -> list[NodeTiming]:
    """Read what ``NodeTimerHooks`` wrote about a run.

    Args:
        file: A file of JSON lines. Keys that a later release may add are passed over.

    Returns:
        The records, one for each node of each task: where a node was run again, its last.

    Raises:
        HookError: If a line is not such a record, with the file and the line.
    """
    known = {field.name for field in fields(NodeTiming)}
    latest: dict[tuple[str | None, str], NodeTiming] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = {name: value for name, value in json.loads(line).items() if name in known}
            timing = NodeTiming(**{**record, "tags": tuple(record["tags"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise HookError(
                f"{line[:80]!r} is not a record of a node",
                file=str(file),
                line=number,
                hint="Remove the line, which something other than NodeTimerHooks wrote or cut short.",
            ) from error
        latest[timing.task, timing.node] = timing
    return list(latest.values())

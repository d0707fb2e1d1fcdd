"""Measurements: of whole tasks by rehearsals, of nodes by the node timer."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._json_lines import is_measure, read_json_lines
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Measured", "Measurements", "find_records", "read_measurements"]

_MEASURES = ("seconds", "cpu_seconds", "peak_memory_bytes")
TIMINGS = ".kedro_matrix/node_timings"
REHEARSALS = ".kedro_matrix/rehearsals"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a node or task needed.

    Attributes:
        seconds: How long it took.
        cpu_seconds: CPU time it used.
        cores: The average number of busy cores; for several nodes in sequence, the largest average.
        peak_memory_bytes: The most memory it held.

    Examples:
        >>> once = Measured.of(seconds=10.0, cpu_seconds=5.0, peak_memory_bytes=100)
        >>> once.largest(Measured.of(seconds=4.0, cpu_seconds=4.0, peak_memory_bytes=50)).cores
        1.0
    """

    seconds: float
    cpu_seconds: float
    cores: float
    peak_memory_bytes: int

    @classmethod
    def of(cls, *, seconds: float, cpu_seconds: float, peak_memory_bytes: int) -> Measured:
        """Return the measurement of one run."""
        cores = cpu_seconds / seconds if seconds else 0.0
        return cls(seconds=seconds, cpu_seconds=cpu_seconds, cores=cores, peak_memory_bytes=peak_memory_bytes)

    def largest(self, other: Measured) -> Measured:
        """Return the larger values of two runs of the same nodes."""
        return Measured(
            seconds=max(self.seconds, other.seconds),
            cpu_seconds=max(self.cpu_seconds, other.cpu_seconds),
            cores=max(self.cores, other.cores),
            peak_memory_bytes=max(self.peak_memory_bytes, other.peak_memory_bytes),
        )

    def then(self, other: Measured) -> Measured:
        """Return what both need in sequence in one process."""
        return Measured(
            seconds=self.seconds + other.seconds,
            cpu_seconds=self.cpu_seconds + other.cpu_seconds,
            cores=max(self.cores, other.cores),
            peak_memory_bytes=max(self.peak_memory_bytes, other.peak_memory_bytes),
        )


@dataclass(frozen=True)
class Measurements:
    """All measurements.

    Attributes:
        tasks: By the nodes that ran together in a separate process.
        nodes: By the node, in a process shared with others.
    """

    tasks: dict[frozenset[str], Measured] = field(default_factory=dict)
    nodes: dict[str, Measured] = field(default_factory=dict)

    def of_task(self, nodes: Sequence[str]) -> Measured | None:
        """Return what a task of these nodes needed.

        That is the measurement of just this task, else those of each of its nodes in sequence; none where one
        of them was not measured.
        """
        exact = self.tasks.get(frozenset(nodes))
        if exact is not None:
            return exact
        parts = [self.nodes.get(node) or self.tasks.get(frozenset({node})) for node in nodes]
        known = [part for part in parts if part is not None]
        if len(known) < len(nodes) or not known:
            return None
        whole = known[0]
        for part in known[1:]:
            whole = whole.then(part)
        return whole


def find_records(project: Path) -> list[Path]:
    """Return the latest records of a project: of the last rehearsal, and of the last run with the node timer.

    Raises:
        ArgoError: If there are none.
    """
    rehearsed = (project / REHEARSALS).glob("*/tasks.jsonl")
    timed = (project / TIMINGS).glob("*.jsonl")
    latest = [
        max(filter(Path.is_file, files), key=lambda file: file.stat().st_mtime, default=None)
        for files in (rehearsed, timed)
    ]
    found = [file for file in latest if file is not None]
    if not found:
        raise ArgoError(
            "nothing has been measured in this project yet",
            hint="Rehearse it ('kedro argo rehearse'), or run it with NodeTimerHooks.",
        )
    return found


def read_measurements(files: Iterable[Path]) -> Measurements:
    """Read records of rehearsals (``tasks.jsonl``) and of the node timer.

    Records that did not succeed are skipped; of several records of the same nodes, the largest values count.

    Raises:
        ArgoError: If a file is neither.

    Examples:
        >>> read_measurements([]).of_task(["train"]) is None
        True
    """
    found = Measurements()
    for file in files:
        for record in _read_records(file):
            if "node" in record:
                _keep(found.nodes, str(record["node"]), record)
            elif record["nodes"]:  # init templates and exit handlers have none
                _keep(found.tasks, frozenset(record["nodes"]), record)
    return found


def _read_records(file: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = list(read_json_lines(file))
    except OSError as error:
        raise ArgoError(f"cannot read this file: {error.strerror}", file=str(file)) from error
    for number, line, record in lines:
        if not _is_record(record):
            raise ArgoError(
                f"{line[:80]!r} is neither a record of a node nor of a task",
                file=str(file),
                line=number,
                hint="Pass files of '.kedro_matrix/node_timings', or 'tasks.jsonl' of a rehearsal.",
            )
        if record["status"] == "succeeded":
            yield record


def _is_record(record: object) -> bool:
    """Return whether a line describes a node or a task."""
    if not isinstance(record, dict) or "status" not in record:
        return False
    nodes = record.get("nodes")
    if not all(is_measure(record.get(name)) for name in _MEASURES):
        return False
    return isinstance(record.get("node"), str) or (
        "node" not in record and isinstance(nodes, list) and all(isinstance(node, str) for node in nodes)
    )


def _keep(kept: dict[Any, Measured], key: object, record: dict[str, Any]) -> None:
    values = {name: record.get(name) for name in _MEASURES}
    if None in values.values():
        return
    measured = Measured.of(**values)  # type: ignore[arg-type]
    kept[key] = kept[key].largest(measured) if key in kept else measured

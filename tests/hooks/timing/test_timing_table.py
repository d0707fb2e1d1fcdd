"""The table that ends a run: bars in a terminal, plain text elsewhere."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich
from kedro.pipeline import Pipeline, node
from rich.console import Console

from kedro_matrix_ext.hooks import NodeTimerHooks
from kedro_matrix_ext.hooks.timing.records import NodeTiming
from kedro_matrix_ext.hooks.timing.table import draw_table, write_table

if TYPE_CHECKING:
    import pytest

Run = Callable[..., dict[str, Any]]


def _nap(seconds: float) -> int:
    time.sleep(seconds)
    return 1


def test_plain_text_without_a_terminal(run_with_hooks: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The slowest node comes first, the rest beyond ``top`` is counted, nothing is coloured."""
    pipeline = Pipeline(
        [
            node(lambda: 1, None, "x", name="quick_a"),
            node(lambda: _nap(0.3), None, "y", name="slow"),
            node(lambda: 1, None, "z", name="quick_b"),
        ]
    )
    run_with_hooks([NodeTimerHooks(top=2)], pipeline)

    out = capsys.readouterr().out
    out = out[out.index("Node timings") :]
    rows = [line.split()[-1] for line in out.splitlines()[2:4]]
    assert rows[0] == "slow"
    assert "... and 1 more." in out
    assert "3 nodes, " in out
    assert "3 succeeded." in out
    assert "\x1b" not in out
    assert ".jsonl" in out.splitlines()[0]


def _timing(name: str, status: str, seconds: float | None) -> NodeTiming:
    return NodeTiming("r", "p", None, None, name, None, (), status, seconds=seconds)  # type: ignore[arg-type]


def test_the_last_line_counts_the_nodes() -> None:
    """One node is not "1 nodes"; none and several are plural."""
    timings = [_timing("a", "succeeded", 1.0), _timing("b", "failed", 0.5)]
    last = [write_table(timings[:count], 10).splitlines()[-1] for count in range(3)]
    assert last == [
        "0 nodes, 0.000 s in all: none ran.",
        "1 node, 1.000 s in all: 1 succeeded.",
        "2 nodes, 1.500 s in all: 1 succeeded, 1 failed.",
    ]


def test_bars_are_as_long_as_the_nodes_took() -> None:
    """The longest fills the column; a failed node comes first and is named, as is one that was skipped."""
    timings = [
        _timing("quick[red]", "succeeded", 1.0),
        _timing("slow", "succeeded", 4.0),
        _timing("broken", "failed", 0.0),
        _timing("after", "skipped", None),
    ]
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(draw_table(timings, 10))
    rows = [line for line in console.export_text().splitlines() if "│" in line]
    assert [row.split()[1] for row in rows] == ["broken", "slow", "quick[red]", "after"]
    assert [row.count("█") for row in rows] == [1, 24, 6, 0]
    assert ("failed" in rows[0], "skipped" in rows[3]) == (True, True)


def test_a_terminal_gets_bars(
    run_with_hooks: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where Kedro's console is a terminal, the table with bars is printed to it."""
    monkeypatch.setattr(rich, "_console", Console(force_terminal=True, width=120))
    run_with_hooks([NodeTimerHooks()], Pipeline([node(lambda: 1, None, "x", name="a")]))
    assert "█" in capsys.readouterr().out

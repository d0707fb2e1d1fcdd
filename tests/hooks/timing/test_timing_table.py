"""The table of node timings: bars in a terminal, plain text elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich
from kedro.pipeline import Pipeline, node
from rich.console import Console

from kedro_matrix_ext.hooks import NodeTimerHooks, NodeTiming
from kedro_matrix_ext.hooks.timing.table import draw_table, write_table

if TYPE_CHECKING:
    import pytest

Run = Callable[..., dict[str, Any]]


def test_the_slowest_node_comes_first() -> None:
    """Nodes beyond ``top`` are counted but not listed."""
    timings = [_timing("quick_a", "succeeded", 0.1), _timing("slow", "succeeded", 2.0)]
    text = write_table([*timings, _timing("quick_b", "succeeded", 0.0)], 2)
    assert [line.split()[-1] for line in text.splitlines()[1:3]] == ["slow", "quick_a"]
    assert "... and 1 more." in text


def test_plain_text_without_a_terminal(run_with_hooks: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal the table is plain text below the path of the file."""
    pipeline = Pipeline([node(lambda: 1, None, name, name=name) for name in ("a", "b", "c")])
    run_with_hooks([NodeTimerHooks(top=2)], pipeline)

    out = capsys.readouterr().out
    out = out[out.index("Node timings") :]
    assert "... and 1 more." in out
    assert "3 nodes, " in out
    assert "3 succeeded." in out
    assert "\x1b" not in out
    assert ".jsonl" in out.splitlines()[0]


def _timing(name: str, status: str, seconds: float | None) -> NodeTiming:
    return NodeTiming("r", "p", None, None, name, None, (), status, seconds=seconds)  # type: ignore[arg-type]


def test_the_last_line_counts_the_nodes() -> None:
    """The word "node" is singular for one node only."""
    timings = [_timing("a", "succeeded", 1.0), _timing("b", "failed", 0.5)]
    last = [write_table(timings[:count], 10).splitlines()[-1] for count in range(3)]
    assert last == [
        "0 nodes, 0.000 s in total: none ran.",
        "1 node, 1.000 s in total: 1 succeeded.",
        "2 nodes, 1.500 s in total: 1 succeeded, 1 failed.",
    ]


def test_bars_are_proportional_to_time() -> None:
    """The longest bar fills the column; failed nodes come first; failed and skipped ones are labelled."""
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
    """If Kedro's console is a terminal, the table with bars is printed to it."""
    monkeypatch.setattr(rich, "_console", Console(force_terminal=True, width=120))
    run_with_hooks([NodeTimerHooks()], Pipeline([node(lambda: 1, None, "x", name="a")]))
    assert "█" in capsys.readouterr().out

"""The progress line of a run."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import rich
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node
from rich.console import Console

from kedro_matrix_ext.hooks import ProgressHooks

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Make Kedro's console a terminal, and return what it is sent."""
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr(rich, "_console", console)
    return shown


def _line(hooks: ProgressHooks) -> str:
    (display,) = hooks._displays.values()
    return display.__rich__()


def test_the_line_counts_nodes_and_disappears(run_with_hooks: Run, terminal: io.StringIO) -> None:
    """While the second of two nodes runs, the line counts the first and names the second."""
    hooks, seen = ProgressHooks(), []

    def record_line(_: object) -> int:
        seen.append(_line(hooks))
        return 1

    pipeline = Pipeline(
        [node(lambda: 1, None, "x", name="first"), node(record_line, "x", "y", name="second")]
    )
    run_with_hooks([hooks], pipeline)
    assert "1 of 2 nodes" in seen[0]
    assert seen[0].endswith("  second")
    assert "0:00:0" in seen[0]
    assert "of 2 nodes" in terminal.getvalue()
    assert hooks._displays == {}


def test_a_failed_node_is_neither_named_nor_counted(run_with_hooks: Run, terminal: io.StringIO) -> None:
    """The line is removed when a run fails, too."""

    def fail() -> None:
        raise ValueError("broken on purpose")

    class Keeping(ProgressHooks):
        last = ""

        def _end(self, run_id: str) -> None:
            Keeping.last = _line(self)
            super()._end(run_id)

    hooks = Keeping()
    with pytest.raises(ValueError, match="on purpose"):
        run_with_hooks([hooks], Pipeline([node(fail, None, "x", name="fails")]))
    assert "0 of 1 nodes" in Keeping.last
    assert "fails" not in Keeping.last
    assert hooks._displays == {}


def test_nodes_in_worker_processes_count(terminal: io.StringIO) -> None:
    """The hook in a worker process gets the event log from the catalog that Kedro sends it."""
    hooks, catalog = ProgressHooks(), DataCatalog()
    first, second = (node(lambda: 1, None, name, name=name) for name in ("first", "second"))
    hooks.before_pipeline_run({"run_id": "r"}, Pipeline([first, second]), catalog)
    worker, sent = ProgressHooks(), pickle.loads(pickle.dumps(catalog))
    worker.before_node_run(first, sent)
    worker.before_node_run(second, sent)
    assert "0 of 2 nodes" in _line(hooks)
    assert _line(hooks).endswith("  first and 1 more")
    worker.after_node_run(first, sent)
    assert "1 of 2 nodes" in _line(hooks)
    assert _line(hooks).endswith("  second")
    hooks.after_pipeline_run({"run_id": "r"})


def test_without_a_terminal_nothing_is_shown_or_logged(
    run_with_hooks: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pod or a pipe the hook does nothing."""
    shown = io.StringIO()
    monkeypatch.setattr(rich, "_console", Console(file=shown, force_terminal=False))
    hooks, catalog = ProgressHooks(), DataCatalog()
    run_with_hooks([hooks], Pipeline([node(lambda: 1, None, "x", name="a")]), catalog=catalog)
    assert "nodes" not in shown.getvalue()
    assert vars(catalog).get("_kedro_matrix_state") is None


def test_a_second_concurrent_run_has_no_line(terminal: io.StringIO) -> None:
    """Only the first of two concurrent runs is shown."""
    hooks = ProgressHooks()
    one, two = Pipeline([node(lambda: 1, None, "x", name="a")]), DataCatalog()
    hooks.before_pipeline_run({"run_id": "one"}, one, DataCatalog())
    hooks.before_pipeline_run({"run_id": "two"}, one, two)
    hooks.before_node_run(one.nodes[0], two)
    assert "0 of 1 nodes" in _line(hooks)
    for run_id in ("two", "one"):
        hooks.after_pipeline_run({"run_id": run_id})
    assert hooks._displays == {}

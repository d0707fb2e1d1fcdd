"""Tests wait long enough for a busy machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE, wait_until

TESTS = Path(__file__).parent
WAITS = {"run", "communicate", "wait", "join", "result", "Barrier", "kedro", "python", "check_output"}


def test_condition_that_holds_ends_the_wait() -> None:
    """The condition is asked until it holds, and not again."""
    answers = iter([False, False, True])
    wait_until(lambda: next(answers))
    assert list(answers) == []


def test_process_that_ends_first_is_an_error() -> None:
    """Nobody waits for what a process cannot do any more."""
    with (
        subprocess.Popen([sys.executable, "-S", "-c", "raise SystemExit(3)"]) as process,
        pytest.raises(AssertionError, match="exited with 3 before the file"),
    ):
        wait_until(lambda: False, process=process, what="the file")


def test_no_test_waits_by_a_limit_of_its_own() -> None:
    """A wait that is limited in seconds takes `PATIENCE`: a busy machine must not fail a test."""
    short = [
        f"{file.relative_to(TESTS)}:{call.lineno}"
        for file in sorted(TESTS.rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and _called(call) in WAITS
        for keyword in call.keywords
        if keyword.arg == "timeout" and _is_short(keyword.value)
    ]
    assert short == []


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _is_short(limit: ast.expr) -> bool:
    return (
        isinstance(limit, ast.Constant) and isinstance(limit.value, (int, float)) and limit.value < PATIENCE
    )

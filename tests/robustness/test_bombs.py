"""Small files that would grow without end: each is refused in bounded memory and processor time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.robustness.bombs import BOMBS, BY_RIGHT
from tests.waiting import PATIENCE

from kedro_matrix_ext.config.interpolation.evaluator import Evaluator
from kedro_matrix_ext.errors import InterpolationError

DEEP, MUCH = "nested (or referred to )?too deeply", "copy more than 5,000,000 values"
EXPECTED = {
    "aliases": "the aliases of this file expand",
    "aliases in a variable": "the aliases of this file expand",
    "merge keys": "the aliases of this file expand",
    **dict.fromkeys(["text", "references", "references in a catalog", "merges", "many merges"], MUCH),
    **dict.fromkeys(["deep lists", "deep lists, closed", "deep mappings", "deep arguments"], DEEP),
    "deep variable": "is not YAML",
    "deep references": DEEP,
    "spaces": "too long for what its interpolations need",
    "long number": "a number of 400,001 characters is too long",
    "long chain": DEEP,
    **dict.fromkeys(BY_RIGHT, "^$"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the process said of each, as far as it came."""
    folder = tmp_path_factory.mktemp("bombs")
    (folder / "conf/base").mkdir(parents=True)
    script = str(Path(__file__).parent / "bombs.py")
    # The limits of CPU time are for the code that users run, without tracing.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    result = subprocess.run(
        [sys.executable, script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, f"{result.stdout[-2000:]}\n{result.stderr[-3000:]}"
    return {name: said for name, said, _ in map(json.loads, result.stdout.splitlines())}


def test_all_are_tried(answers: dict[str, str]) -> None:
    """None is left out, on either side."""
    assert set(answers) == set(EXPECTED) == {*BOMBS, *BY_RIGHT}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_grows_without_end_is_refused_and_what_is_large_by_right_loads(
    answers: dict[str, str], name: str
) -> None:
    """Within the limits of the process, and for the right reason."""
    assert re.search(EXPECTED[name], answers[name]), answers[name]


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_refused_is_told_with_its_place_and_what_to_do(answers: dict[str, str], name: str) -> None:
    """What is wrong, where, and a remedy, a line each."""
    _, *rest = answers[name].splitlines()
    assert rest
    assert any(map(re.compile(r"^  at .*(\.yml|KEDRO_)").search, rest)), answers[name]
    assert rest[-1][:4] != "  at", answers[name]


def test_resolvers_of_the_user_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """What OmegaConf resolves for us is copied, too; the bound is low here, since OmegaConf is slow."""
    monkeypatch.setattr("kedro_matrix_ext.config.interpolation.expansion_limit.MAX_COPIED", 200)
    raw = {"a0": ["x"], **{f"a{n}": f"${{pair:${{a{n - 1}}}}}" for n in range(1, 12)}}
    with ExitStack() as table, pytest.raises(InterpolationError, match="copy more than 200 values"):
        Evaluator(raw, "parameters", {}, {"pair": lambda value: [value, value]}, cleanup=table).evaluate_all()

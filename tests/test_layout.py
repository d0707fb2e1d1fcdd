"""The repository's own layout."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP_LEVEL = {
    *("src", "tests", "conf_examples", "docs"),
    *("pyproject.toml", "noxfile.py", "README.md", "LICENSE", "CHANGELOG.md"),
}
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "misc", "common"}


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """The files under version control; the test is skipped in an unpacked archive."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return [Path(line) for line in listed.stdout.splitlines()]


def test_top_level_holds_only_what_a_reader_looks_for(tracked: list[Path]) -> None:
    """Nothing but the listed files, the listed folders and dotfiles stands at the top."""
    assert {path.parts[0] for path in tracked if not path.parts[0].startswith(".")} <= TOP_LEVEL


def test_every_module_is_named_for_what_it_holds(tracked: list[Path]) -> None:
    """No file or folder is called utils, helpers, misc or common."""
    assert [path for path in tracked if NAMES_THAT_SAY_NOTHING & {*path.parts, path.stem}] == []


def test_no_module_is_over_350_lines(tracked: list[Path]) -> None:
    """A longer file is two."""
    modules = [path for path in tracked if path.suffix == ".py" and path.parts[0] == "src"]
    assert [path for path in modules if len((ROOT / path).read_text().splitlines()) > 350] == []

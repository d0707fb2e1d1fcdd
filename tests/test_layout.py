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
    """The top level has the listed files and folders, and dotfiles."""
    assert {path.parts[0] for path in tracked if not path.parts[0].startswith(".")} <= TOP_LEVEL


def test_every_module_is_named_for_what_it_holds(tracked: list[Path]) -> None:
    """No file or folder is called utils, helpers, misc or common."""
    assert [path for path in tracked if NAMES_THAT_SAY_NOTHING & {*path.parts, path.stem}] == []


# Folders with fewer than three modules, or more than nine, and the reason.
OTHER_SIZES = {
    ".": "modules that several folders share",
    "argo": "folders, the constants that they share, and what `kedro argo init` writes",
    "argo/configuration": "one module for each section of argo.yml",
    "argo/preflight/rules": "one module for each kind of finding",
    "argo/manifest": "one module for each part of an Argo workflow",
    "cli/argo": "one module for each command, and what several of them share",
    "injection": "folders, and the checks that use all of them",
}


def test_folders_hold_three_to_nine_modules() -> None:
    """A folder with more modules is split, one with fewer is merged; exceptions have a reason."""
    source = ROOT / "src" / "kedro_matrix_ext"
    if not source.is_dir():
        pytest.skip("the source tree is not here")
    counts = {
        folder.relative_to(source).as_posix(): len([*folder.glob("*.py")]) - 1  # without __init__.py
        for folder in [path.parent for path in source.rglob("__init__.py")]
    }
    del counts["cli/matrix/templates"]  # files that `kedro matrix init` writes, no modules
    assert {name for name, count in counts.items() if not 3 <= count <= 9} == set(OTHER_SIZES)


def test_no_module_is_over_350_lines(tracked: list[Path]) -> None:
    """A longer module is split."""
    modules = [path for path in tracked if path.suffix == ".py" and path.parts[0] == "src"]
    assert [path for path in modules if len((ROOT / path).read_text().splitlines()) > 350] == []

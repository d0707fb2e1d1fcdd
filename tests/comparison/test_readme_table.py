"""The README compares what `nox -s comparison` finds out, in the same words."""

from __future__ import annotations

from tests.comparison.compare import HEADER, LACK, README, ROWS


def test_the_readme_has_every_row_that_is_found_out_and_no_other() -> None:
    """Each cell says yes or nothing; a session beside the other packages finds out which."""
    lines = README.read_text(encoding="utf-8").splitlines()
    start = lines.index(HEADER)
    rows = [line.strip("| ").split(" | ") for line in lines[start + 2 : start + 2 + len(ROWS)]]
    assert [title for title, *_ in rows] == list(ROWS)
    assert {cell for _, *cells in rows for cell in cells} == {"yes", LACK}
    assert {len(cells) for _, *cells in rows} == {5}
    assert not lines[start + 2 + len(ROWS)].startswith("|")

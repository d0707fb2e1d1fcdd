"""The README shows the table that `nox -s comparison` recorded."""

from __future__ import annotations

from tests.comparison import configuration, workflows
from tests.comparison.compare import README, RECORD, ROWS
from tests.comparison.tools import TOOLS

CELLS = {
    *(configuration.YES, configuration.LACK, configuration.BY_HAND),
    *(workflows.BY_AIRFLOW, workflows.BY_GROUPING, workflows.OWN_SUM),
}


def test_the_readme_shows_the_table_as_it_was_recorded() -> None:
    """Every cell of the README is as recorded."""
    assert RECORD.read_text(encoding="utf-8") in README.read_text(encoding="utf-8")


def test_the_recorded_table_has_every_row_that_is_found_out_and_no_other() -> None:
    """Each row of the comparison is in the recorded table, so a changed row has to be recorded again."""
    header, _, *rows = [
        line.strip("| ").split(" | ") for line in RECORD.read_text(encoding="utf-8").splitlines()
    ]
    assert header == list(TOOLS)
    assert [title for title, *_ in rows] == list(ROWS)
    assert {len(cells) for _, *cells in rows} == {len(TOOLS)}
    assert {cell for _, *cells in rows for cell in cells} <= CELLS

"""The example's committed raw tables."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd

PROJECT = Path(__file__).parents[2] / "conf_examples/spaceflights"


def test_committed_tables_are_what_the_script_writes(tmp_path: Path) -> None:
    """Running the script again gives the tables that are committed, value for value."""
    script = tmp_path / "scripts/generate_inputs.py"
    script.parent.mkdir()
    script.write_text((PROJECT / "scripts/generate_inputs.py").read_text())
    runpy.run_path(str(script), run_name="__main__")
    written, committed = tmp_path / "data/01_raw", PROJECT / "data/01_raw"
    for name in ("companies.csv", "reviews.csv"):
        assert (written / name).read_text() == (committed / name).read_text()
    pd.testing.assert_frame_equal(
        pd.read_excel(written / "shuttles.xlsx"), pd.read_excel(committed / "shuttles.xlsx")
    )

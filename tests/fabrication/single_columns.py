"""Tables of one column."""

from __future__ import annotations

from typing import Any

import pytest

pd = pytest.importorskip("pandas")
np = pytest.importorskip("numpy")

from kedro_matrix_ext.fabrication import fabricate_datasets  # noqa: E402


def make_column(declaration: dict[str, Any], num_rows: int | None = 6, **others: dict[str, Any]) -> Any:
    """Make the column of a table; other columns by name."""
    rows = {} if num_rows is None else {"num_rows": num_rows}
    made = fabricate_datasets({"seed": 5, "t": {**rows, "columns": {**others, "c": declaration}}})
    return made["t"]["c"]

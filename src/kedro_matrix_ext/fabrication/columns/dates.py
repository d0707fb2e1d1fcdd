"""Make dates, with pandas' frequency aliases in their old and new spelling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from kedro_matrix_ext.fabrication.columns.space import ColumnSpace
    from kedro_matrix_ext.fabrication.schema.columns import GenerateDates

__all__ = ["make_dates"]

# pandas 2.2 renamed these, and pandas 3 refuses the old ones ("What's new in 2.2.0").
_NEW_ALIASES = {
    "M": "ME",
    "BM": "BME",
    "CBM": "CBME",
    "SM": "SME",
    "Q": "QE",
    "BQ": "BQE",
    "A": "YE",
    "Y": "YE",
    "AS": "YS",
    "BA": "BYE",
    "BY": "BYE",
    "BAS": "BYS",
    "H": "h",
    "BH": "bh",
    "CBH": "cbh",
    "T": "min",
    "S": "s",
    "L": "ms",
    "U": "us",
    "N": "ns",
}
_OLD_ALIASES = {new: old for old, new in _NEW_ALIASES.items() if old not in {"Y", "BY"}}
_RENAMED_IN = (2, 2)
_PART = re.compile(r"(?P<before>(?:^|[\d.]|\s))(?P<alias>[A-Za-z]+)(?=$|[-+\d\s])")


def make_dates(column: GenerateDates, space: ColumnSpace) -> Any:
    """Return dates drawn from a range, both ends included; as text if the column has a format."""
    dates = _list_dates(column, space)
    if dates.empty and space.num_rows:
        raise space.error(
            f"there is no date from {column.start_dt!r} to {column.end_dt!r}",
            hint="Write the earlier one first, or a shorter 'freq'.",
        )
    chosen = space.stream().integers(0, max(len(dates), 1), space.num_rows)
    if column.sorted:
        chosen.sort()
    if column.format is None:
        return dates[chosen]
    return dates.strftime(column.format).to_numpy(dtype=object)[chosen]


def _list_dates(column: GenerateDates, space: ColumnSpace) -> pd.DatetimeIndex:
    try:
        return pd.date_range(column.start_dt, column.end_dt, freq=_translate_alias(column.freq))
    except ValueError as error:
        raise space.error(
            f"no dates from {column.start_dt!r} to {column.end_dt!r}: {error}",
            hint="Write dates as 2024-01-31, and 'freq' as a pandas frequency alias.",
        ) from error


def _translate_alias(freq: str) -> str:
    """Return a frequency in the spelling of the installed pandas, for example ``ME`` for ``M``."""
    version = tuple(int(number) for number in pd.__version__.split(".")[:2])
    aliases = _NEW_ALIASES if version >= _RENAMED_IN else _OLD_ALIASES
    return _PART.sub(lambda part: part["before"] + aliases.get(part["alias"], part["alias"]), freq)

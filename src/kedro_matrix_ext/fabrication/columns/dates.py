"""Make dates, with pandas' frequency aliases in their old and new spelling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

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
    try:
        offset = _read_offset(column.freq)
        count = _count_ticks(column, offset)
        dates = None if count > space.num_rows else pd.date_range(column.start_dt, column.end_dt, freq=offset)
    except (TypeError, ValueError) as error:
        raise space.error(
            f"no dates from {column.start_dt!r} to {column.end_dt!r}: {error}",
            hint="Write dates as 2024-01-31, and 'freq' as a pandas frequency alias.",
        ) from error
    chosen = _draw(count if dates is None else len(dates), column, space)
    if dates is None:  # seconds of 20 years would fill the memory
        dates, chosen = _step_from_start(column, offset, chosen), np.arange(space.num_rows)
    if column.format is None:
        return dates[chosen]
    return dates.strftime(column.format).to_numpy(dtype=object)[chosen]


def _read_offset(freq: str) -> Any:
    offset = to_offset(_translate_alias(freq))
    if offset.n <= 0:
        raise ValueError(f"'freq' {freq!r} is not longer than 0")
    return offset


def _count_ticks(column: GenerateDates, offset: Any) -> int:
    """Return the number of dates if all are equally far apart; 0 for months, business days and such."""
    if not isinstance(offset, pd.tseries.offsets.Tick):
        return 0
    return int((pd.Timestamp(column.end_dt) - pd.Timestamp(column.start_dt)) // pd.Timedelta(offset)) + 1


def _draw(count: int, column: GenerateDates, space: ColumnSpace) -> np.ndarray[Any, Any]:
    if count <= 0 < space.num_rows:
        raise space.error(
            f"there is no date from {column.start_dt!r} to {column.end_dt!r}",
            hint="Write the earlier one first, or a shorter 'freq'.",
        )
    chosen = space.stream().integers(0, max(count, 1), space.num_rows)
    if column.sorted:
        chosen.sort()
    return chosen


def _step_from_start(column: GenerateDates, offset: Any, steps: np.ndarray[Any, Any]) -> pd.DatetimeIndex:
    first = pd.date_range(column.start_dt, periods=1, freq=offset)
    step = pd.Timedelta(offset).to_timedelta64().astype(f"timedelta64[{first.unit}]")
    dates: pd.DatetimeIndex = first.take(np.zeros(len(steps), dtype=int)) + steps * step
    return dates


def _translate_alias(freq: str) -> str:
    """Return a frequency in the spelling of the installed pandas, for example ``ME`` for ``M``."""
    version = tuple(int(number) for number in pd.__version__.split(".")[:2])
    aliases = _NEW_ALIASES if version >= _RENAMED_IN else _OLD_ALIASES
    return _PART.sub(lambda part: part["before"] + aliases.get(part["alias"], part["alias"]), freq)

"""Finish a column: nulls and dtype."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kedro_matrix_ext.fabrication.columns.copies import null_stream

if TYPE_CHECKING:
    from kedro_matrix_ext.fabrication.columns.space import ColumnSpace

__all__ = ["finish_column", "to_nullable"]


def finish_column(values: Any, column: Any, space: ColumnSpace) -> pd.Series[Any]:
    """Return values as a series of the declared dtype, with nulls at random places."""
    series = _as_series(values, space)
    if getattr(column, "sorted", False) and getattr(column, "format", None) is None:
        series = series.sort_values(ignore_index=True)
    if space.shared.nullable and column.dtype is None:
        series = to_nullable(series)
    if column.null_probability and len(series):
        series = _insert_nulls(series, column, space)
    if column.dtype is None:
        return series
    try:
        return series.astype(column.dtype)
    except (TypeError, ValueError) as error:
        raise space.error(
            f"values cannot be of dtype {column.dtype!r}: {error}",
            hint="Choose a 'dtype' that holds them, and nulls if 'null_probability' is above 0.",
        ) from error


def to_nullable(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return a series with pandas' nullable dtype: ``string``, ``Int64``, ``Float64`` or ``boolean``."""
    if pd.api.types.is_float_dtype(series.dtype):
        return series.astype("Float64")
    converted: pd.Series[Any] = series.convert_dtypes()
    return converted


def _insert_nulls(series: pd.Series[Any], column: Any, space: ColumnSpace) -> pd.Series[Any]:
    chosen = null_stream(column, space).random(len(series)) < column.null_probability
    drawn = space.shared.drawn.get(space.column)
    if drawn is not None:  # keys that refer to this column find no row there
        space.shared.drawn[space.column] = replace(drawn, positions=np.where(chosen, -1, drawn.positions))
    if column.null_value is None:
        return series.mask(chosen)
    try:
        return series.mask(chosen, column.null_value)
    except (TypeError, ValueError):  # the dtype does not hold it
        return series.astype(object).mask(chosen, column.null_value)


def _as_series(values: Any, space: ColumnSpace) -> pd.Series[Any]:
    if getattr(values, "ndim", 1) != 1:
        raise space.error(
            f"there are {values.shape[1]} values for each row of one column",
            hint="Choose a distribution or function that returns one value for each row.",
        )
    series: pd.Series[Any] = values if isinstance(values, pd.Series) else pd.Series(values)
    return series.reset_index(drop=True).infer_objects()

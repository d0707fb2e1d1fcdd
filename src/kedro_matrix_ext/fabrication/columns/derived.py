"""Make columns from other columns: mappings, buckets, and functions by import path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kedro_matrix_ext.fabrication.columns.copies import draw_input
from kedro_matrix_ext.fabrication.functions import call_function, import_function
from kedro_matrix_ext.fabrication.random_streams import stable_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.fabrication.columns.space import ColumnSpace
    from kedro_matrix_ext.fabrication.schema.columns import ColumnApply, HashMap, MapValues, RowApply

__all__ = ["apply_to_columns", "apply_to_rows", "hash_values", "map_values"]


def map_values(column: MapValues, space: ColumnSpace) -> Any:
    """Return another column's values looked up in a mapping."""
    inputs = draw_input(column.input_column, space)
    return _map_distinct(inputs, lambda value: column.mapping.get(value, column.default))


def hash_values(column: HashMap, space: ColumnSpace) -> Any:
    """Return a bucket for each of another column's values."""
    inputs, buckets = draw_input(column.input_column, space), column.buckets
    return _map_distinct(inputs, lambda value: buckets[stable_hash(str(value)) % len(buckets)])


def _map_distinct(values: pd.Series[Any], function: Callable[[Any], Any]) -> Any:
    """Call a function once for each distinct value; nulls stay nulls."""
    codes, distinct = pd.factorize(values)
    results = pd.Series([*(function(value) for value in distinct), None], dtype=object)
    taken = results.iloc[:-1].infer_objects() if (codes >= 0).all() else results
    return taken.take(codes).reset_index(drop=True).infer_objects()


def apply_to_rows(column: RowApply, space: ColumnSpace) -> Any:
    """Return what a function returns for each row of the input columns."""
    function = import_function(column.function, space.config_path)
    rows = zip(*(draw_input(name, space) for name in column.input_columns), strict=True)
    return [call_function(function, row, column.arguments, space.config_path) for row in rows]


def apply_to_columns(column: ColumnApply, space: ColumnSpace) -> Any:
    """Return what a function returns for the whole input columns."""
    function = import_function(column.function, space.config_path)
    inputs = [draw_input(name, space) for name in column.input_columns]
    values = call_function(function, inputs, column.arguments, space.config_path)
    if not hasattr(values, "__len__") or len(values) != space.num_rows:
        raise space.error(
            f"{column.function!r} returned {values if np.isscalar(values) else type(values).__name__!r}"
            f", not {space.num_rows:,} values",
            hint="Let it return a series or list as long as its inputs.",
        )
    return values

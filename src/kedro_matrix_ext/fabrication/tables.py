"""From declarations to frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.columns.values import ColumnSpace, make_values
from kedro_matrix_ext.fabrication.references import row_source
from kedro_matrix_ext.fabrication.schema.columns import CopyColumn, CrossProduct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.fabrication.parsing import Fabrication
    from kedro_matrix_ext.fabrication.schema.columns import Table

__all__ = ["make_frames"]


def make_frames(fabrication: Fabrication, sources: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Make all tables.

    Args:
        fabrication: What to make.
        sources: Existing frames that tables refer to; they are not changed.

    Returns:
        A frame per table, in the order they were made.

    Raises:
        FabricationError: If a table cannot be made as declared.
    """
    frames: dict[str, pd.DataFrame] = dict(sources)
    for name, table in fabrication.tables.items():
        frames[name] = _TableMaker(name, table, fabrication.seed, frames).make(fabrication.columns[name])
    return {name: frames[name] for name in fabrication.tables}


class _TableMaker:
    """Makes one table."""

    def __init__(self, name: str, table: Table, seed: int, frames: Mapping[str, pd.DataFrame]) -> None:
        self._name = name
        self._table = table
        self._seed = seed
        self._frames = frames
        self._made: dict[str, pd.Series[Any]] = {}

    def make(self, order: Sequence[str]) -> pd.DataFrame:
        """Make the columns in order and put them as declared."""
        sides = self._product_sides()
        num_rows = self._count_rows(sides)
        combinations = self._choose_combinations(sides, num_rows)
        for column_name in order:
            space = self._space(column_name, num_rows)
            column = self._table.columns[column_name]
            values = combinations[column_name] if column_name in sides else make_values(column, space)
            self._made[column_name] = _finish(values, column, space)
        frame: pd.DataFrame = pd.DataFrame({name: self._made[name] for name in self._table.columns})
        return frame

    def _space(self, column: str, num_rows: int) -> ColumnSpace:
        return ColumnSpace(self._seed, self._name, column, num_rows, self._made, self._frames)

    def _product_sides(self) -> dict[str, pd.Series[Any]]:
        sides = {}
        for name, column in self._table.columns.items():
            if isinstance(column, CrossProduct):
                source = None if column.source is None else self._space(name, 0).source(column.source)
                distinct = pd.Series(column.values) if source is None else source.drop_duplicates()
                sides[name] = distinct.reset_index(drop=True)
        return sides

    def _count_rows(self, sides: Mapping[str, pd.Series[Any]]) -> int:
        other = row_source(self._table)
        if other is not None:
            return len(self._frames[other])
        if isinstance(self._table.num_rows, int):
            return self._table.num_rows
        if sides:
            return int(np.prod([len(side) for side in sides.values()]))
        return self._copied_length()

    def _copied_length(self) -> int:
        lengths = {
            column.source: len(self._space(name, 0).source(column.source))
            for name, column in self._table.columns.items()
            if isinstance(column, CopyColumn)
        }
        if len(set(lengths.values())) == 1:
            return next(iter(lengths.values()))
        listed = ", ".join(f"{source} has {length:,}" for source, length in lengths.items())
        raise FabricationError(
            f"{self._name!r} does not say how many rows it has" + (f": {listed}" if listed else ""),
            config_path=render_config_path("fabricator", [self._name, "num_rows"]),
            hint="Write a number, or '@other_table.num_rows'.",
        )

    def _choose_combinations(
        self, sides: Mapping[str, pd.Series[Any]], num_rows: int
    ) -> dict[str, pd.Series[Any]]:
        """Take all combinations in order, or a sample of them where fewer rows are asked for."""
        if not sides:
            return {}
        lengths = [len(side) for side in sides.values()]
        total = int(np.prod(lengths))
        space = self._space(next(iter(sides)), num_rows)
        if num_rows > total:
            raise space.error(
                f"there are {total:,} combinations, too few for {num_rows:,} rows",
                hint="Leave out 'num_rows'.",
            )
        if num_rows == total:
            chosen = np.arange(total)
        else:
            chosen = np.sort(space.stream("combinations").choice(total, num_rows, replace=False))
        positions = np.unravel_index(chosen, lengths)
        return {name: side.take(at) for (name, side), at in zip(sides.items(), positions, strict=True)}


def _finish(values: Any, column: Any, space: ColumnSpace) -> pd.Series[Any]:
    """Put nulls in and cast."""
    series = _as_series(values, space)
    if column.null_probability and len(series):
        series = series.mask(space.stream("nulls").random(len(series)) < column.null_probability)
    if column.dtype is None:
        return series
    try:
        return series.astype(column.dtype)
    except (TypeError, ValueError) as error:
        raise space.error(
            f"values cannot be of dtype {column.dtype!r}: {error}",
            hint="Choose a 'dtype' that holds them, and nulls where 'null_probability' is above 0.",
        ) from error


def _as_series(values: Any, space: ColumnSpace) -> pd.Series[Any]:
    if getattr(values, "ndim", 1) != 1:
        raise space.error(
            f"there are {values.shape[1]} values for each row of one column",
            hint="Choose a distribution or function that gives one value per row.",
        )
    series: pd.Series[Any] = values if isinstance(values, pd.Series) else pd.Series(values)
    return series.reset_index(drop=True).infer_objects()

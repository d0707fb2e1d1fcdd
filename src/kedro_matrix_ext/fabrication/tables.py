"""Make the frames of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.columns.copies import record_product
from kedro_matrix_ext.fabrication.columns.finishing import finish_column
from kedro_matrix_ext.fabrication.columns.space import ColumnSpace, TableSpace
from kedro_matrix_ext.fabrication.columns.values import make_values
from kedro_matrix_ext.fabrication.references import row_source
from kedro_matrix_ext.fabrication.schema.columns import CopyColumn, CrossProduct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.fabrication.parsing import Fabrication
    from kedro_matrix_ext.fabrication.schema.table import Table

__all__ = ["make_frames"]


def make_frames(fabrication: Fabrication, sources: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return a frame for each table; ``sources`` are existing frames that they refer to.

    Raises:
        FabricationError: If a table cannot be made as declared.
    """
    frames: dict[str, pd.DataFrame] = dict(sources)
    for name, table in fabrication.tables.items():
        space = TableSpace(fabrication.seed, name, frames, nullable=table.nullable_dtypes)
        frames[name] = _TableMaker(table, space).make(fabrication.columns[name])
    return {name: frames[name] for name in fabrication.tables}


class _TableMaker:
    """Makes one table."""

    def __init__(self, table: Table, shared: TableSpace) -> None:
        self._table = table
        self._shared = shared

    def make(self, order: Sequence[str]) -> pd.DataFrame:
        """Make the columns in the given order, and return them in the declared one."""
        sides = self._product_sides()
        num_rows = self._count_rows(sides)
        combinations = self._choose_combinations(sides, num_rows)
        made = self._shared.made
        for column_name in order:
            space = self._space(column_name, num_rows)
            column = self._table.columns[column_name]
            values = combinations[column_name] if column_name in sides else make_values(column, space)
            made[column_name] = finish_column(values, column, space)
        frame: pd.DataFrame = pd.DataFrame({name: made[name] for name in self._table.columns})
        return frame

    def _space(self, column: str, num_rows: int) -> ColumnSpace:
        return ColumnSpace(self._shared, column, num_rows)

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
            return len(self._shared.frames[other])
        if isinstance(self._table.num_rows, int):
            return self._table.num_rows
        if sides:
            return int(np.prod([len(side) for side in sides.values()]))
        return self._copied_length()

    def _copied_length(self) -> int:
        lengths = {
            column.source: len(self._space(name, 0).source(column.source))
            for name, column in self._table.columns.items()
            if isinstance(column, CopyColumn) and column.key is None
        }
        if len(set(lengths.values())) == 1:
            return next(iter(lengths.values()))
        listed = ", ".join(f"{source} has {length:,}" for source, length in lengths.items())
        name = self._shared.name
        raise FabricationError(
            f"{name!r} does not say how many rows it has" + (f": {listed}" if listed else ""),
            config_path=render_config_path("fabricator", [name, "num_rows"]),
            hint="Write a number, or '@other_table.num_rows'.",
        )

    def _choose_combinations(
        self, sides: Mapping[str, pd.Series[Any]], num_rows: int
    ) -> dict[str, pd.Series[Any]]:
        """Return all combinations in order, or a sample of them if fewer rows are declared."""
        if not sides:
            return {}
        lengths = [len(side) for side in sides.values()]
        total = int(np.prod(lengths))
        space = self._space(next(iter(sides)), num_rows)
        if num_rows > total:
            raise space.error(
                f"there are {total:,} combinations, too few for {num_rows:,} rows",
                hint="Remove 'num_rows'.",
            )
        if num_rows == total:
            chosen = np.arange(total)
        else:
            chosen = np.sort(space.stream("combinations").choice(total, num_rows, replace=False))
        positions = dict(zip(sides, np.unravel_index(chosen, lengths), strict=True))
        for name, column in self._table.columns.items():
            if isinstance(column, CrossProduct):
                record_product(name, column.source, positions[name], space)
        return {name: side.take(positions[name]) for name, side in sides.items()}

"""The inputs of a column: its number of rows, its random streams, and the values made before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.random_streams import open_stream
from kedro_matrix_ext.fabrication.references import split_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd

__all__ = ["ColumnSpace", "DrawnRows", "TableSpace"]


@dataclass(frozen=True)
class DrawnRows:
    """The rows of another table that a column or a named draw was copied from.

    Attributes:
        source: The other table.
        positions: For each row of this table the position in the other one; -1 for none.
        options: ``sampling`` and ``weights``, as far as a column gave them.
    """

    source: str
    positions: np.ndarray[Any, Any]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TableSpace:
    """What all columns of a table share.

    Attributes:
        seed: The seed of the fabrication.
        name: The table's name.
        frames: The finished tables and the existing ones.
        made: The columns of this table that were made so far.
        drawn: Per column or ``draw <name>`` the rows it was copied from.
        nullable: Whether columns get nullable dtypes.
    """

    seed: int
    name: str
    frames: Mapping[str, pd.DataFrame]
    made: dict[str, pd.Series[Any]] = field(default_factory=dict)
    drawn: dict[str, DrawnRows] = field(default_factory=dict)
    nullable: bool = False


@dataclass(frozen=True)
class ColumnSpace:
    """What a column's values depend on.

    Attributes:
        shared: What all columns of the table share.
        column: The column's name.
        num_rows: The number of values to make.
        part: The part of the column that is made, for example its ``items``; empty for the whole.
    """

    shared: TableSpace
    column: str
    num_rows: int
    part: str = ""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.shared.name

    def stream(self, purpose: str = "values") -> np.random.Generator:
        """Open this column's own random stream for a purpose."""
        purposes = (self.part, purpose) if self.part else (purpose,)
        return open_stream(self.shared.seed, self.table, self.column, *purposes)

    @property
    def config_path(self) -> str:
        """The column's place in the configuration."""
        return render_config_path(
            "fabricator", [self.table, "columns", self.column, *([self.part] if self.part else [])]
        )

    def error(self, message: str, hint: str | None = None) -> FabricationError:
        """Return an error with the column's place."""
        return FabricationError(message, config_path=self.config_path, hint=hint)

    def source(self, reference: str) -> pd.Series[Any]:
        """Return a column of another table."""
        table, column = split_reference(reference)
        frame = self.shared.frames[table]
        if column not in frame.columns:
            raise self.error(
                f"table {table!r} has no column {column!r}",
                hint=did_you_mean(column, frame.columns) or None,
            )
        return frame[column]

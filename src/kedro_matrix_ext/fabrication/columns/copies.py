"""Copy columns of other tables: draw their rows, together where columns share a draw or a foreign key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.fabrication.columns.space import DrawnRows
from kedro_matrix_ext.fabrication.random_streams import open_stream
from kedro_matrix_ext.fabrication.references import own_column, split_reference

if TYPE_CHECKING:
    from kedro_matrix_ext.fabrication.columns.space import ColumnSpace
    from kedro_matrix_ext.fabrication.schema.columns import CopyColumn, Sampling

__all__ = ["copy_values", "draw_input", "null_stream", "record_product"]


def copy_values(column: CopyColumn, space: ColumnSpace) -> pd.Series[Any]:
    """Return the values of a source column in the rows that the column draws or its key refers to."""
    source = space.source(column.source)
    rows = _draw_rows(column, space) if column.key is None else _follow_key(column, space)
    if not space.part:
        space.shared.drawn[space.column] = rows
    return take_rows(source, rows.positions, nullable=space.shared.nullable)


def take_rows(source: pd.Series[Any], positions: np.ndarray[Any, Any], *, nullable: bool) -> pd.Series[Any]:
    """Return the values at positions, null at -1."""
    from kedro_matrix_ext.fabrication.columns.finishing import to_nullable

    absent = positions < 0
    if not absent.any():
        whole: pd.Series[Any] = source.take(positions).reset_index(drop=True)
        return whole
    if source.empty:
        return pd.Series([None] * len(positions), dtype=object)
    taken: pd.Series[Any] = source.take(np.where(absent, 0, positions)).reset_index(drop=True)
    masked: pd.Series[Any] = (to_nullable(taken) if nullable else taken).mask(absent)
    return masked


def draw_input(name: str, space: ColumnSpace) -> pd.Series[Any]:
    """Return an input of a derived column: of the same table, or drawn from another one."""
    own = own_column(name, space.table, space.shared.made)
    if own is not None:
        return space.shared.made[own]
    source = space.source(name)
    positions = _Draw(name, len(source), space.stream(f"input {name}")).positions(space)
    return take_rows(source, positions, nullable=space.shared.nullable)


def null_stream(column: Any, space: ColumnSpace) -> np.random.Generator:
    """Return the stream that decides on nulls: one for all columns of a draw, so their nulls coincide."""
    draw = getattr(column, "draw", None)
    if draw is None:
        return space.stream("nulls")
    return open_stream(space.shared.seed, space.table, f"draw {draw}", "nulls")


def record_product(
    name: str, source: str | None, positions: np.ndarray[Any, Any], space: ColumnSpace
) -> None:
    """Record from which rows one side of a cross product comes, for keys that refer to it."""
    if source is not None:
        first_rows = np.flatnonzero(~space.source(source).duplicated().to_numpy())
        space.shared.drawn[name] = DrawnRows(split_reference(source)[0], first_rows[positions])


def _draw_rows(column: CopyColumn, space: ColumnSpace) -> DrawnRows:
    table, _ = split_reference(column.source)
    options = {
        name: value for name in ("sampling", "weights") if (value := getattr(column, name)) is not None
    }
    shared = None if column.draw is None else space.shared.drawn.get(f"draw {column.draw}")
    if shared is not None:
        _require_same_draw(column, space, shared, table, options)
        return shared
    if column.draw is None:
        stream = space.stream()
    else:
        stream = open_stream(space.shared.seed, space.table, f"draw {column.draw}", "values")
    length = len(space.shared.frames[table])
    weights = None if column.weights is None else space.source(f"{table}.{column.weights}")
    draw = _Draw(column.source, length, stream, column.sampling, weights)
    rows = DrawnRows(table, draw.positions(space), options)
    if column.draw is not None:
        space.shared.drawn[f"draw {column.draw}"] = rows
    return rows


def _require_same_draw(
    column: CopyColumn, space: ColumnSpace, shared: DrawnRows, table: str, options: dict[str, Any]
) -> None:
    if table != shared.source:
        raise space.error(
            f"draw {column.draw!r} takes rows of {shared.source!r}, not of {table!r}",
            hint="Give the draw of each source table its own name.",
        )
    different = [name for name, value in options.items() if value != shared.options.get(name)]
    if different:
        raise space.error(
            f"{different[0]!r} differs from that of another column of draw {column.draw!r}",
            hint="Write it the same in all columns of the draw, or give this column another draw.",
        )


@dataclass(frozen=True)
class _Draw:
    """How rows of a source are drawn."""

    reference: str
    length: int
    stream: np.random.Generator
    sampling: Sampling | None = None
    weights: pd.Series[Any] | None = None

    def positions(self, space: ColumnSpace) -> np.ndarray[Any, Any]:
        """Return the position of a row of the source for each value to make."""
        sampling = self.sampling or self._default_sampling(space)
        probabilities = None if self.weights is None else _read_weights(self.weights, space)
        if sampling == "with_replacement":
            if not self.length and space.num_rows:
                raise space.error(
                    f"{self.reference!r} has no values to draw from",
                    hint="Give its table rows, or this one none.",
                )
            if probabilities is None:
                return self.stream.integers(0, max(self.length, 1), space.num_rows)
            return self.stream.choice(self.length, space.num_rows, p=probabilities)
        available = self.length if probabilities is None else int(np.count_nonzero(probabilities))
        if available < space.num_rows:
            raise space.error(
                f"{self.reference!r} has {available:,} values, too few for {space.num_rows:,} rows",
                hint="Write 'sampling: with_replacement'.",
            )
        if sampling == "in_order":
            return np.arange(space.num_rows)
        if probabilities is None:
            return self.stream.permutation(self.length)[: space.num_rows]
        return self.stream.choice(self.length, space.num_rows, replace=False, p=probabilities)

    def _default_sampling(self, space: ColumnSpace) -> Sampling:
        same_length = self.length == space.num_rows and self.weights is None and not space.part
        return "in_order" if same_length else "with_replacement"


def _read_weights(weights: pd.Series[Any], space: ColumnSpace) -> np.ndarray[Any, Any] | None:
    if weights.empty:
        return None
    numbers: np.ndarray[Any, Any] = pd.to_numeric(weights, errors="coerce").fillna(0).to_numpy(dtype=float)
    if (numbers < 0).any() or not numbers.sum():
        raise space.error(
            f"the weights in {str(weights.name)!r} are not numbers of 0 or more with a sum above 0",
            hint="Let 'weights' name a column of such numbers in the source table.",
        )
    shares: np.ndarray[Any, Any] = numbers / numbers.sum()
    return shares


def _follow_key(column: CopyColumn, space: ColumnSpace) -> DrawnRows:
    table, _ = split_reference(column.source)
    key = own_column(str(column.key_column), space.table, space.shared.made)
    values = space.shared.made[str(key)]
    drawn = space.shared.drawn.get(str(key))
    if drawn is not None and drawn.source == table and not isinstance(column.key, dict):
        return DrawnRows(table, drawn.positions)
    name = next(iter(column.key.values())) if isinstance(column.key, dict) else str(key)
    frame = space.shared.frames[table]
    if name not in frame.columns:
        raise space.error(
            f"'key' {key!r} is not copied from {table!r}, which has no column {name!r}",
            hint=f"Name the key column of {table!r}: key: {{{key}: <column of {table}>}}. "
            + did_you_mean(name, frame.columns),
        )
    first = frame[name].reset_index(drop=True).dropna().drop_duplicates()
    found = pd.Index(first).get_indexer(pd.Index(values))
    rows = first.index.to_numpy()
    return DrawnRows(table, np.append(rows, -1)[found])

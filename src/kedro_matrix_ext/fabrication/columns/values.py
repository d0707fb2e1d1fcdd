"""How the values of each type of column are made; vectorised but for ``faker`` and ``row_apply``.

Imported only when tables are fabricated: it needs NumPy and pandas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.functions import call_function, import_function
from kedro_matrix_ext.fabrication.random_streams import open_stream, stable_hash
from kedro_matrix_ext.fabrication.references import split_reference
from kedro_matrix_ext.fabrication.schema.columns import (
    ColumnApply,
    CopyColumn,
    Faker,
    GenerateDates,
    GenerateRandomNumbers,
    GenerateUniqueId,
    GenerateValues,
    HashMap,
    MapValues,
    RowApply,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ColumnSpace", "check_id_space", "make_values"]


@dataclass(frozen=True)
class ColumnSpace:
    """What a column's values may depend on.

    Attributes:
        seed: The seed of the fabrication.
        table: The table's name.
        column: The column's name.
        num_rows: How many values to make.
        made: The table's columns made so far.
        frames: The tables made so far, and the existing ones.
    """

    seed: int
    table: str
    column: str
    num_rows: int
    made: Mapping[str, pd.Series[Any]]
    frames: Mapping[str, pd.DataFrame]

    def stream(self, purpose: str = "values") -> np.random.Generator:
        """Open this column's own random stream for a purpose."""
        return open_stream(self.seed, self.table, self.column, purpose)

    @property
    def config_path(self) -> str:
        """Where the column is declared, for messages."""
        return render_config_path("fabricator", [self.table, "columns", self.column])

    def error(self, message: str, hint: str | None = None) -> FabricationError:
        """Make an error that says where the column is declared."""
        return FabricationError(message, config_path=self.config_path, hint=hint)

    def source(self, reference: str) -> pd.Series[Any]:
        """Find a column of another table."""
        table, column = split_reference(reference)
        frame = self.frames[table]
        if column not in frame.columns:
            raise self.error(
                f"table {table!r} has no column {column!r}",
                hint=did_you_mean(column, frame.columns) or None,
            )
        return frame[column]


@singledispatch
def make_values(column: Any, space: ColumnSpace) -> Any:
    """Make a column's values.

    Args:
        column: The column's declaration.
        space: What its values may depend on.

    Returns:
        ``space.num_rows`` values: an array, a list or a series.

    Raises:
        FabricationError: If they cannot be made as declared.
    """
    raise space.error(f"no values can be made for {type(column).__name__!r}")


@make_values.register
def _(column: GenerateUniqueId, space: ColumnSpace) -> Any:
    prefixes = _list_prefixes(column)
    distinct = len(prefixes)
    check_id_space(column, space)
    begins = np.array([f"{prefix}{column.delimiter}" for prefix in prefixes])
    positions = np.arange(space.num_rows)
    digits = _write_digits(positions // distinct, column.id_length)
    return np.strings.add(begins[positions % distinct], digits).astype(object)


def check_id_space(column: GenerateUniqueId, space: ColumnSpace) -> None:
    """Refuse a number of rows that prefixes and digits do not suffice for.

    Args:
        column: The column's declaration.
        space: What its values may depend on.

    Raises:
        FabricationError: If there are fewer identifiers than rows.
    """
    distinct = len(_list_prefixes(column))
    available = distinct * 10**column.id_length
    if space.num_rows > available:
        raise space.error(
            f"{column.id_length} digits and {distinct} prefixes make {available:,} "
            f"identifiers, too few for {space.num_rows:,} rows",
            hint="Raise 'id_length'.",
        )


def _list_prefixes(column: GenerateUniqueId) -> list[str]:
    return list(dict.fromkeys(column.prefixes or [column.prefix or ""]))


def _write_digits(numbers: np.ndarray[Any, Any], length: int) -> np.ndarray[Any, Any]:
    """Write numbers with leading zeros, as fixed-width text: 20 times faster than number by number."""
    places = 10 ** np.arange(length - 1, -1, -1, dtype=np.int64)
    characters = (numbers[:, None] // places % 10 + ord("0")).astype(np.uint32)
    return characters.view(f"U{length}").ravel()


@make_values.register
def _(column: Faker, space: ColumnSpace) -> Any:
    from kedro_matrix_ext._import_path import import_module

    fake = import_module("faker").Faker(column.locale)
    fake.seed_instance(stable_hash(f"{space.seed}.{space.table}.{space.column}"))
    provider = getattr(fake, column.provider, None)
    if not callable(provider):
        raise space.error(
            f"Faker has no provider {column.provider!r}",
            hint=did_you_mean(column.provider, dir(fake)) or None,
        )
    return [call_function(provider, (), column.arguments, space.config_path) for _ in range(space.num_rows)]


@make_values.register
def _(column: GenerateRandomNumbers, space: ColumnSpace) -> Any:
    stream = space.stream()
    known = [name for name in dir(stream) if not name.startswith("_")]
    if column.distribution not in known or column.distribution in ("bit_generator", "spawn", "shuffle"):
        raise space.error(
            f"numpy.random.Generator has no distribution {column.distribution!r}",
            hint=did_you_mean(column.distribution, known) or None,
        )
    arguments = {**column.arguments, "size": space.num_rows}
    return call_function(getattr(stream, column.distribution), (), arguments, space.config_path)


@make_values.register
def _(column: GenerateDates, space: ColumnSpace) -> Any:
    try:
        dates = pd.date_range(column.start_dt, column.end_dt, freq=column.freq)
    except ValueError as error:
        raise space.error(
            f"no dates from {column.start_dt!r} to {column.end_dt!r}: {error}",
            hint="Write dates as 2024-01-31, and 'freq' as a pandas frequency alias.",
        ) from error
    if dates.empty and space.num_rows:
        raise space.error(
            f"there is no date from {column.start_dt!r} to {column.end_dt!r}",
            hint="Put them further apart, the earlier first, or choose a shorter 'freq'.",
        )
    return dates[space.stream().integers(0, max(len(dates), 1), space.num_rows)]


@make_values.register
def _(column: GenerateValues, space: ColumnSpace) -> Any:
    weights = None if column.weights is None else np.array(column.weights) / sum(column.weights)
    chosen = space.stream().choice(len(column.choices), space.num_rows, p=weights)
    return pd.Series(column.choices).take(chosen).to_numpy()


@make_values.register
def _(column: CopyColumn, space: ColumnSpace) -> Any:
    source = space.source(column.source)
    sampling = column.sampling or ("in_order" if len(source) == space.num_rows else "with_replacement")
    if sampling == "with_replacement":
        if source.empty and space.num_rows:
            raise space.error(
                f"{column.source!r} has no values to draw from", hint="Give its table rows, or this one none."
            )
        return source.take(space.stream().integers(0, max(len(source), 1), space.num_rows)).array
    if len(source) < space.num_rows:
        raise space.error(
            f"{column.source!r} has {len(source):,} values, too few for {space.num_rows:,} rows",
            hint="Write 'sampling: with_replacement'.",
        )
    if sampling == "in_order":
        return source.array[: space.num_rows]
    return source.take(space.stream().permutation(len(source))[: space.num_rows]).array


@make_values.register
def _(column: MapValues, space: ColumnSpace) -> Any:
    return _map_distinct(
        space.made[column.input_column], lambda value: column.mapping.get(value, column.default)
    )


@make_values.register
def _(column: HashMap, space: ColumnSpace) -> Any:
    buckets = column.buckets
    return _map_distinct(
        space.made[column.input_column], lambda value: buckets[stable_hash(str(value)) % len(buckets)]
    )


def _map_distinct(values: pd.Series[Any], function: Callable[[Any], Any]) -> Any:
    """Call a function once per distinct value; nulls stay nulls."""
    codes, distinct = pd.factorize(values)
    results = pd.Series([*(function(value) for value in distinct), None], dtype=object)
    taken = results.iloc[:-1].infer_objects() if (codes >= 0).all() else results
    return taken.take(codes).reset_index(drop=True).infer_objects()


@make_values.register
def _(column: RowApply, space: ColumnSpace) -> Any:
    function = import_function(column.function, space.config_path)
    rows = zip(*(space.made[name] for name in column.input_columns), strict=True)
    return [call_function(function, row, column.arguments, space.config_path) for row in rows]


@make_values.register
def _(column: ColumnApply, space: ColumnSpace) -> Any:
    function = import_function(column.function, space.config_path)
    inputs = [space.made[name] for name in column.input_columns]
    values = call_function(function, inputs, column.arguments, space.config_path)
    if not hasattr(values, "__len__") or len(values) != space.num_rows:
        raise space.error(
            f"{column.function!r} gave {values if np.isscalar(values) else type(values).__name__!r}"
            f", not {space.num_rows:,} values",
            hint="Let it return a series or list as long as its inputs.",
        )
    return values

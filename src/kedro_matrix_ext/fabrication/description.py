"""Describe the tables that a declaration makes, and find foreign keys that will not join."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.fabrication.references import split_reference
from kedro_matrix_ext.fabrication.schema.columns import (
    CopyColumn,
    CrossProduct,
    Faker,
    GenerateDates,
    GenerateLists,
    GenerateRandomNumbers,
    GenerateUniqueId,
    GenerateValues,
    HashMap,
    MapValues,
    RowApply,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from kedro_matrix_ext.fabrication.parsing import Fabrication

__all__ = ["ColumnDescription", "TableDescription", "describe_tables", "find_broken_keys"]


@dataclass(frozen=True)
class ColumnDescription:
    """A column of a fabricated table.

    Attributes:
        name: Its name.
        dtype: Its pandas dtype.
        nulls: The number of nulls.
        origin: How its values are made.
    """

    name: str
    dtype: str
    nulls: int
    origin: str


@dataclass(frozen=True)
class TableDescription:
    """A fabricated table.

    Attributes:
        name: Its name.
        rows: The number of rows.
        columns: Its columns.
    """

    name: str
    rows: int
    columns: tuple[ColumnDescription, ...]


def describe_tables(fabrication: Fabrication, frames: Mapping[str, pd.DataFrame]) -> list[TableDescription]:
    """Return a description of each table and the frame that was made of it."""
    return [
        TableDescription(
            name,
            len(frames[name]),
            tuple(
                ColumnDescription(
                    column_name,
                    str(frames[name][column_name].dtype),
                    int(frames[name][column_name].isna().sum()),
                    describe_origin(column),
                )
                for column_name, column in table.columns.items()
            ),
        )
        for name, table in fabrication.tables.items()
    ]


@singledispatch
def describe_origin(column: Any) -> str:
    """Return in a few words how the values of a column are made."""
    return str(column.type)


@describe_origin.register
def _(column: GenerateUniqueId) -> str:
    prefixes = ", ".join(column.prefixes or ([column.prefix] if column.prefix else []))
    return f"identifiers{f' with {prefixes}' if prefixes else ''}"


@describe_origin.register
def _(column: Faker) -> str:
    return f"faker {column.provider}"


@describe_origin.register
def _(column: GenerateRandomNumbers) -> str:
    return f"{column.distribution} distribution"


@describe_origin.register
def _(column: GenerateDates) -> str:
    return f"dates from {column.start_dt} to {column.end_dt}"


@describe_origin.register
def _(column: GenerateValues) -> str:
    return f"one of {len(column.choices)} choices"


@describe_origin.register
def _(column: GenerateLists) -> str:
    return f"lists of {describe_origin(column.items)}"


@describe_origin.register
def _(column: CrossProduct) -> str:
    return (
        f"every value of {column.source}"
        if column.source
        else f"every one of {len(column.values or ())} values"  # noqa: PD011
    )


@describe_origin.register
def _(column: CopyColumn) -> str:
    if column.key_column is not None:
        return f"{column.source} of the row of {column.key_column}"
    return f"copied from {column.source}" + (f", draw {column.draw}" if column.draw else "")


@describe_origin.register
def _(column: MapValues) -> str:
    return f"mapped from {column.input_column}"


@describe_origin.register
def _(column: HashMap) -> str:
    return f"buckets of {column.input_column}"


@describe_origin.register
def _(column: RowApply) -> str:
    return f"{column.function}({', '.join(column.input_columns)})"


def find_broken_keys(fabrication: Fabrication, frames: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Report copied keys whose values are not in their source, rows that are mixed, and unrelated keys."""
    for name, table in fabrication.tables.items():
        copied = {
            column_name: column
            for column_name, column in table.columns.items()
            if isinstance(column, CopyColumn)
        }
        for column_name, column in copied.items():
            yield from _lost_values(name, column_name, column, frames)
        yield from _mixed_rows(name, copied, frames)
    yield from _unrelated_keys(fabrication, frames)


def _lost_values(
    name: str, column_name: str, column: CopyColumn, frames: Mapping[str, pd.DataFrame]
) -> Iterator[str]:
    table, source_column = split_reference(column.source)
    values, source = frames[name][column_name].dropna(), frames[table][source_column]
    lost = ~_as_objects(values).isin(_as_objects(source))
    if lost.any():
        yield (
            f"{name}.{column_name}: {int(lost.sum()):,} of {len(values):,} values are not in {column.source} "
            f"({values.dtype} and {source.dtype}): they do not join. Give both the same 'dtype', "
            "and a 'null_value' that is not a key"
        )


def _as_objects(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return values as Python objects, so that 1 and '1' differ whatever the dtypes."""
    objects: pd.Series[Any] = values.astype(object)
    return objects


def _mixed_rows(
    name: str, copied: Mapping[str, CopyColumn], frames: Mapping[str, pd.DataFrame]
) -> Iterator[str]:
    """Report columns that are copied next to a key of the same table, and not from its rows."""
    keys = {key: column for key, column in copied.items() if _is_key(_source(column, frames))}
    for value, column in copied.items():
        if column.key is not None or value in keys:
            continue
        table, _ = split_reference(column.source)
        related = [key for key, other in keys.items() if split_reference(other.source)[0] == table]
        if related and not any(_same_rows(name, key, value, copied, frames) for key in related):
            yield (
                f"{name}: {related[0]!r} and {value!r} are copied from different rows of {table!r}. "
                f"Give both the same 'draw', or {value!r} the key {related[0]!r}"
            )


def _same_rows(
    name: str, key: str, value: str, copied: Mapping[str, CopyColumn], frames: Mapping[str, pd.DataFrame]
) -> bool:
    one, other = copied[key], copied[value]
    if one.draw is not None and one.draw == other.draw:
        return True
    (table, source_key), (_, source_value) = split_reference(one.source), split_reference(other.source)
    return _pairs(frames[name], key, value) <= _pairs(frames[table], source_key, source_value)


def _source(column: CopyColumn, frames: Mapping[str, pd.DataFrame]) -> pd.Series[Any]:
    table, name = split_reference(column.source)
    source: pd.Series[Any] = frames[table][name]
    return source


def _pairs(frame: pd.DataFrame, *columns: str) -> set[tuple[str, ...]]:
    rows = frame[list(columns)].dropna().astype(str)
    return set(rows.itertuples(index=False, name=None))


def _is_key(values: pd.Series[Any]) -> bool:
    try:
        return bool(values.is_unique)
    except TypeError:  # lists
        return False


def _unrelated_keys(fabrication: Fabrication, frames: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Report columns that are named after another table's identifier and do not hold its values."""
    for table, column in _identifiers(fabrication, frames):
        for other, candidate in _columns_named_after(fabrication, table, column):
            values = frames[other][candidate].dropna()
            lost = int((~_as_objects(values).isin(_as_objects(frames[table][column]))).sum())
            if lost:
                yield (
                    f"{other}.{candidate}: {lost:,} of {len(values):,} values are not in "
                    f"{table}.{column}: they do not join. Copy the key: "
                    f"{{type: copy_column, source: {table}.{column}}}"
                )


def _identifiers(fabrication: Fabrication, frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str]]:
    """Yield declared identifiers, and those of existing frames by their name."""
    for table, declaration in fabrication.tables.items():
        for column, made in declaration.columns.items():
            if isinstance(made, GenerateUniqueId):
                yield table, column
    for table in frames.keys() - fabrication.tables.keys():
        for column in map(str, frames[table].columns):
            if (column == "id" or column.endswith("_id")) and _is_key(frames[table][column]):
                yield table, column


def _columns_named_after(fabrication: Fabrication, table: str, column: str) -> Iterator[tuple[str, str]]:
    """Yield the generated columns of other tables that are named like a reference to a column."""
    names = _reference_names(table, column)
    for other, declaration in fabrication.tables.items():
        for candidate, made in declaration.columns.items():
            generated = isinstance(made, GenerateUniqueId | GenerateValues | GenerateRandomNumbers | Faker)
            if other != table and candidate.lower() in names and generated:
                yield other, candidate


def _reference_names(table: str, column: str) -> set[str]:
    """Return the names that a foreign key usually has: ``customer_id`` for ``customers.id``."""
    table, column = table.lower(), column.lower()
    singular = table.removesuffix("s")
    if column not in {"id", "key", "name", "code"}:
        return {column}
    return {f"{one}{separator}{column}" for one in (table, singular) for separator in ("_", "")}

"""References between tables and columns, and the order in which they are made."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.schema.columns import (
    CopyColumn,
    CrossProduct,
    GenerateLists,
    HashMap,
    MapValues,
    RowApply,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kedro_matrix_ext.fabrication.schema.table import Table

    ReferenceError_ = tuple[tuple[str, ...], str]

__all__ = [
    "input_columns",
    "order_columns",
    "order_tables",
    "own_column",
    "reference_errors",
    "row_source",
    "source_columns",
    "split_reference",
]


def split_reference(reference: str) -> tuple[str, str]:
    """Split ``table.column``; the column's name may contain dots.

    Examples:
        >>> split_reference("companies.id")
        ('companies', 'id')
    """
    table, _, column = reference.partition(".")
    return table, column


def own_column(name: str, table_name: str, columns: Collection[str]) -> str | None:
    """Return the column of the table itself that an input names, also as ``table.column``; else None."""
    if name in columns:
        return name
    table, column = split_reference(name)
    return column if column and table == table_name else None


def row_source(table: Table) -> str | None:
    """Return the name of the table that this one takes its number of rows from."""
    if isinstance(table.num_rows, str):
        return table.num_rows.removeprefix("@").removesuffix(".num_rows")
    return None


def input_columns(column: Any) -> list[str]:
    """List the inputs of a column as written: columns of the same table, or ``table.column`` of others."""
    if isinstance(column, RowApply):
        return list(column.input_columns)
    if isinstance(column, CopyColumn) and column.key_column is not None:
        return [column.key_column]
    return [column.input_column] if isinstance(column, MapValues | HashMap) else []


def source_columns(column: Any, table_name: str, columns: Collection[str]) -> list[str]:
    """List the columns of other tables, as ``table.column``, that a column is made from."""
    if isinstance(column, GenerateLists):
        return source_columns(column.items, table_name, columns)
    if isinstance(column, CrossProduct):
        return [] if column.source is None else [column.source]
    if isinstance(column, CopyColumn):
        table, _ = split_reference(column.source)
        key = list(column.key.values()) if isinstance(column.key, dict) else []
        needed = [*key, *([column.weights] if column.weights else [])]
        return [column.source, *(f"{table}.{name}" for name in needed)]
    inputs = input_columns(column)
    return [name for name in inputs if "." in name and own_column(name, table_name, columns) is None]


def reference_errors(tables: Mapping[str, Table], sources: Collection[str]) -> Iterator[ReferenceError_]:
    """Find references to tables and columns that do not exist, with the path of each.

    ``sources`` are the names of existing frames, whose columns are not known yet.
    """
    known = {*tables, *sources}
    for name, table in tables.items():
        other = row_source(table)
        if other is not None and other not in known:
            yield (name, "num_rows"), f"there is no table {other!r}. {did_you_mean(other, known)}".rstrip()
        for column_name, column in table.columns.items():
            place = (name, "columns", column_name)
            outside = source_columns(column, name, table.columns)
            for needed in input_columns(column):
                own = own_column(needed, name, table.columns)
                if needed not in outside and (own is None or own not in table.columns):
                    hint = did_you_mean(own or needed, table.columns)
                    yield place, f"table {name!r} has no column {own or needed!r}. {hint}".rstrip()
            for source in outside:
                yield from _source_errors(place, source, tables, known)


def _source_errors(
    place: tuple[str, ...], source: str, tables: Mapping[str, Table], known: Collection[str]
) -> Iterator[ReferenceError_]:
    table, column = split_reference(source)
    if table not in known:
        yield place, f"there is no table {table!r}. {did_you_mean(table, known)}".rstrip()
    elif table in tables and column not in tables[table].columns:
        hint = did_you_mean(column, tables[table].columns)
        yield place, f"table {table!r} has no column {column!r}. {hint}".rstrip()


def order_tables(tables: Mapping[str, Table]) -> list[str]:
    """Sort the tables so that each comes after those it refers to.

    Raises:
        FabricationError: If tables refer to each other in a cycle; it shows the cycle.
    """
    needs = {name: sorted(_needed_tables(name, table) & tables.keys()) for name, table in tables.items()}
    return _sort(needs, kind="tables", place=())


def order_columns(name: str, table: Table) -> tuple[str, ...]:
    """Sort the columns of a table so that each comes after those it is made from.

    Raises:
        FabricationError: If columns are made from each other; it shows the cycle.
    """
    needs = {key: _own_inputs(name, table, column) for key, column in table.columns.items()}
    return tuple(_sort(needs, kind="columns", place=(name, "columns")))


def _own_inputs(name: str, table: Table, column: Any) -> list[str]:
    owned = [own_column(needed, name, table.columns) for needed in input_columns(column)]
    return [needed for needed in owned if needed is not None]


def _needed_tables(name: str, table: Table) -> set[str]:
    sources = {
        split_reference(source)[0]
        for column in table.columns.values()
        for source in source_columns(column, name, table.columns)
    }
    other = row_source(table)
    return sources | ({other} if other else set())


def _sort(needs: Mapping[str, list[str]], *, kind: str, place: tuple[str, ...]) -> list[str]:
    try:
        return list(
            TopologicalSorter({name: sorted(needed) for name, needed in needs.items()}).static_order()
        )
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise FabricationError(
            f"{kind} refer to each other in a cycle: {cycle}",
            config_path=render_config_path("fabricator", place),
            hint="Remove one of the references.",
        ) from error

"""What tables and columns need of each other, and the order that follows from it."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.schema.columns import CopyColumn, CrossProduct, HashMap, MapValues, RowApply, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    ReferenceError_ = tuple[tuple[str, ...], str]

__all__ = [
    "input_columns",
    "order_columns",
    "order_tables",
    "reference_errors",
    "row_source",
    "split_reference",
]


def split_reference(reference: str) -> tuple[str, str]:
    """Read ``table.column``; a column's name may hold dots.

    Args:
        reference: As written.

    Returns:
        Table and column.

    Examples:
        >>> split_reference("companies.id")
        ('companies', 'id')
    """
    table, _, column = reference.partition(".")
    return table, column


def row_source(table: Table) -> str | None:
    """Name the table that another takes its number of rows from.

    Args:
        table: The table.

    Returns:
        The other's name; None where it takes it from none.
    """
    if isinstance(table.num_rows, str):
        return table.num_rows.removeprefix("@").removesuffix(".num_rows")
    return None


def input_columns(column: Any) -> list[str]:
    """List the columns of the same table that a column is made from.

    Args:
        column: Its declaration.

    Returns:
        Their names.
    """
    if isinstance(column, RowApply):
        return list(column.input_columns)
    return [column.input_column] if isinstance(column, MapValues | HashMap) else []


def reference_errors(tables: Mapping[str, Table], sources: Collection[str]) -> Iterator[ReferenceError_]:
    """Find every reference to a table or column that does not exist.

    Args:
        tables: All tables.
        sources: Names of existing frames; what columns they have is not known yet.

    Yields:
        Where the reference stands, and what is wrong with it.
    """
    known = {*tables, *sources}
    for name, table in tables.items():
        other = row_source(table)
        if other is not None and other not in known:
            yield (name, "num_rows"), f"there is no table {other!r}. {did_you_mean(other, known)}".rstrip()
        for column_name, column in table.columns.items():
            place = (name, "columns", column_name)
            for needed in input_columns(column):
                if needed not in table.columns:
                    hint = did_you_mean(needed, table.columns)
                    yield place, f"table {name!r} has no column {needed!r}. {hint}".rstrip()
            if isinstance(column, CopyColumn | CrossProduct) and column.source is not None:
                yield from _source_errors(place, column.source, tables, known)


def _source_errors(
    place: tuple[str, ...], source: str, tables: Mapping[str, Table], known: Collection[str]
) -> Iterator[ReferenceError_]:
    table, column = split_reference(source)
    if table not in known:
        yield (*place, "source"), f"there is no table {table!r}. {did_you_mean(table, known)}".rstrip()
    elif table in tables and column not in tables[table].columns:
        hint = did_you_mean(column, tables[table].columns)
        yield (*place, "source"), f"table {table!r} has no column {column!r}. {hint}".rstrip()


def order_tables(tables: Mapping[str, Table]) -> list[str]:
    """Order tables so that each comes after those it refers to.

    Args:
        tables: All tables.

    Returns:
        Their names, as declared where nothing else is asked for.

    Raises:
        FabricationError: If tables refer to each other in a circle; it shows the circle.
    """
    needs = {name: sorted(_needed_tables(table) & tables.keys()) for name, table in tables.items()}
    return _sort(needs, kind="tables", place=())


def order_columns(name: str, table: Table) -> tuple[str, ...]:
    """Order a table's columns so that each comes after those it is made from.

    Args:
        name: The table's name.
        table: The table.

    Returns:
        The columns' names.

    Raises:
        FabricationError: If columns are made from each other; it shows the circle.
    """
    needs = {key: input_columns(column) for key, column in table.columns.items()}
    return tuple(_sort(needs, kind="columns", place=(name, "columns")))


def _needed_tables(table: Table) -> set[str]:
    sources = {
        split_reference(column.source)[0]
        for column in table.columns.values()
        if isinstance(column, CopyColumn | CrossProduct) and column.source is not None
    }
    other = row_source(table)
    return sources | ({other} if other else set())


def _sort(needs: Mapping[str, list[str]], *, kind: str, place: tuple[str, ...]) -> list[str]:
    try:
        return list(
            TopologicalSorter({name: sorted(needed) for name, needed in needs.items()}).static_order()
        )
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise FabricationError(
            f"{kind} refer to each other in a circle: {circle}",
            config_path=render_config_path("fabricator", place),
            hint="Make one of them without the others.",
        ) from error

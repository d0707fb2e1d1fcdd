"""Trying columns before tables are made, so that every mistake is known at once.

Imported only when tables are fabricated: it needs NumPy and pandas.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.functions import import_function
from kedro_matrix_ext.fabrication.columns.values import ColumnSpace, check_id_space, make_values
from kedro_matrix_ext.fabrication.references import split_reference
from kedro_matrix_ext.fabrication.schema.columns import (
    CopyColumn,
    CrossProduct,
    Faker,
    GenerateDates,
    GenerateRandomNumbers,
    GenerateUniqueId,
    RowApply,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["rehearse_column"]


def rehearse_column(column: Any, space: ColumnSpace) -> Iterator[FabricationError]:
    """Find what is wrong with a column that needs no other column to be known.

    Args:
        column: Its declaration.
        space: What its values may depend on; ``num_rows`` is 1 where the number is not known yet, and
            ``frames`` has the existing tables alone.

    Yields:
        What making its values would raise, whatever the other columns hold.
    """
    yield from _attempt(_try_values, column, space)
    yield from _attempt(_try_dtype, column, space)


def _attempt(
    attempt: Callable[[Any, ColumnSpace], None],
    column: Any,
    space: ColumnSpace,
) -> Iterator[FabricationError]:
    try:
        attempt(column, space)
    except FabricationError as error:
        yield error


def _try_values(column: Any, space: ColumnSpace) -> None:
    if isinstance(column, GenerateUniqueId):
        check_id_space(column, space)
    elif isinstance(column, GenerateRandomNumbers | GenerateDates | Faker):
        make_values(column, replace(space, num_rows=min(space.num_rows, 1)))
    elif isinstance(column, RowApply):
        import_function(column.function, space.config_path)
    elif isinstance(column, CopyColumn | CrossProduct) and _names_existing_table(column.source, space):
        space.source(str(column.source))


def _names_existing_table(source: str | None, space: ColumnSpace) -> bool:
    return source is not None and split_reference(source)[0] in space.frames


def _try_dtype(column: Any, space: ColumnSpace) -> None:
    if column.dtype is None:
        return
    try:
        pd.api.types.pandas_dtype(column.dtype)
    except (TypeError, ValueError) as error:
        raise space.error(
            f"there is no dtype {column.dtype!r}: {error}",
            hint="Write one of pandas, as 'Int64'.",
        ) from error

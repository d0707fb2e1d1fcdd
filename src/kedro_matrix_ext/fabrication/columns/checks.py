"""Check columns before tables are made, so that all errors are reported together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.columns.values import check_id_space, make_values
from kedro_matrix_ext.fabrication.functions import import_function
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
    RowApply,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext.fabrication.columns.space import ColumnSpace

__all__ = ["check_column"]


def check_column(column: Any, space: ColumnSpace) -> Iterator[FabricationError]:
    """Find the errors of a column that do not depend on other columns.

    ``space.num_rows`` is 1 if the number is not known yet, and ``frames`` has the existing tables only.
    """
    yield from _attempt(_check_values, column, space)
    yield from _attempt(_check_dtype, column, space)


def _attempt(
    check: Callable[[Any, ColumnSpace], None],
    column: Any,
    space: ColumnSpace,
) -> Iterator[FabricationError]:
    try:
        check(column, space)
    except FabricationError as error:
        yield error


def _check_values(column: Any, space: ColumnSpace) -> None:
    if isinstance(column, GenerateUniqueId):
        check_id_space(column, space)
    elif isinstance(column, GenerateValues) and column.unique:
        make_values(column, space)
    elif isinstance(column, GenerateRandomNumbers | GenerateDates | Faker):
        make_values(column, replace(space, num_rows=min(space.num_rows, 1)))
    elif isinstance(column, GenerateLists):
        longest = column.length if column.length is not None else column.max_length
        _check_values(column.items, replace(space, num_rows=longest or 0, part="items"))
    elif isinstance(column, RowApply):
        import_function(column.function, space.config_path)
    elif isinstance(column, CopyColumn | CrossProduct) and _names_existing_table(column.source, space):
        space.source(str(column.source))


def _names_existing_table(source: str | None, space: ColumnSpace) -> bool:
    return source is not None and split_reference(source)[0] in space.shared.frames


def _check_dtype(column: Any, space: ColumnSpace) -> None:
    if column.dtype is None:
        return
    try:
        pd.api.types.pandas_dtype(column.dtype)
    except (TypeError, ValueError) as error:
        raise space.error(
            f"there is no dtype {column.dtype!r}: {error}",
            hint="Write one of pandas, for example 'Int64'.",
        ) from error

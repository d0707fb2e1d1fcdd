"""From what YAML holds to tables in the order they are made, with every mistake said at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._section import ModelError, read_errors
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.references import order_columns, order_tables, reference_errors
from kedro_matrix_ext.fabrication.schema.columns import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["Fabrication", "parse_fabrication"]

_SEED = "seed"
_COLUMN_TYPES = frozenset(
    model.model_fields["type"].annotation.__args__[0]
    for model in Column.__origin__.__args__  # type: ignore[attr-defined]
)


@dataclass(frozen=True)
class Fabrication:
    """Tables to make.

    Attributes:
        seed: What all random streams start from.
        tables: The tables, in an order in which each finds what it refers to.
        columns: Per table the names of its columns, in such an order.
    """

    seed: int
    tables: Mapping[str, Table]
    columns: Mapping[str, tuple[str, ...]]


def parse_fabrication(
    data: Mapping[str, Any], *, frames: Mapping[str, pd.DataFrame] | None = None
) -> Fabrication:
    """Validate the declaration of tables.

    Args:
        data: Tables by name, and ``seed`` (0 where absent).
        frames: Existing frames that tables may refer to.

    Returns:
        The tables in order.

    Raises:
        FabricationError: If anything is wrong; it lists every mistake with its path.

    Examples:
        >>> cars = {"num_rows": 2, "columns": {"id": {"type": "generate_unique_id"}}}
        >>> list(parse_fabrication({"cars": cars}).tables)
        ['cars']
    """
    seed, existing = data.get(_SEED, 0), frames or {}
    mistakes = [] if _is_seed(seed) else [f"{_place(_SEED)}: {seed!r} is not a whole number of 0 or more"]
    declared = {str(name): table for name, table in data.items() if name != _SEED}
    read = {name: _read_table(name, table) for name, table in declared.items()}
    mistakes += [mistake for _, found in read.values() for mistake in found]
    tables = {name: table for name, (table, _) in read.items() if table is not None}
    references = reference_errors(tables, {*existing, *declared})
    mistakes += [f"{_place(*path)}: {text}" for path, text in references]
    mistakes += _rehearse(declared, existing)
    if mistakes:
        raise _listed(mistakes)
    ordered = {name: tables[name] for name in order_tables(tables)}
    return Fabrication(seed, ordered, {name: order_columns(name, table) for name, table in ordered.items()})


def _read_table(name: str, data: object) -> tuple[Table | None, list[str]]:
    try:
        return Table.model_validate(data), []
    except ValidationError as error:
        return None, [_describe(name, each) for each in read_errors(error)]


def _rehearse(declared: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Try each column that is well-formed, also of tables with others that are not."""
    from kedro_matrix_ext.fabrication.columns.checks import rehearse_column
    from kedro_matrix_ext.fabrication.columns.values import ColumnSpace

    for name, column_name, column, num_rows in _well_formed_columns(declared):
        space = ColumnSpace(0, name, column_name, num_rows, {}, frames)
        for error in rehearse_column(column, space):
            yield f"{error.config_path}: {error.message}{f'. {error.hint}' if error.hint else ''}"


def _well_formed_columns(declared: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, int]]:
    """Give table, name, column and number of rows, 1 where it is not a number."""
    adapter: TypeAdapter[Any] = TypeAdapter(Column)
    for name, table in declared.items():
        columns = table.get("columns") if isinstance(table, Mapping) else None
        num_rows = table.get("num_rows") if isinstance(table, Mapping) else None
        for column_name, column in (columns if isinstance(columns, Mapping) else {}).items():
            with suppress(ValidationError):  # told with its table
                checked = adapter.validate_python(column)
                yield name, str(column_name), checked, num_rows if isinstance(num_rows, int) else 1


def _is_seed(seed: object) -> bool:
    return isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0


def _place(*path: object) -> str:
    return render_config_path("fabricator", path)


def _describe(table: str, error: ModelError) -> str:
    path = [table, *(key for key in error.keys if key not in _COLUMN_TYPES)]
    message = error.message
    if error.kind == "union_tag_invalid":
        tag = str(error.value["type"])
        remedy = did_you_mean(tag, _COLUMN_TYPES) or f"Known types: {', '.join(sorted(_COLUMN_TYPES))}."
        message = f"unknown column type {tag!r}. {remedy}"
    elif error.kind == "union_tag_not_found":
        message = f"no 'type'. Known types: {', '.join(sorted(_COLUMN_TYPES))}."
    return f"{_place(*path)}: {message}"


def _listed(mistakes: list[str]) -> FabricationError:
    unique = list(dict.fromkeys(mistakes))
    count = f"{len(unique)} error{'s' if len(unique) > 1 else ''}"
    return FabricationError(
        f"the tables to fabricate have {count}:\n" + "\n".join(f"  {mistake}" for mistake in unique)
    )

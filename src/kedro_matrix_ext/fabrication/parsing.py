"""Read the declarations of tables, and report all errors together."""

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
from kedro_matrix_ext.fabrication.schema.columns import Column, CopyColumns
from kedro_matrix_ext.fabrication.schema.old_keys import CONVERT_HINT, OLD_TYPES
from kedro_matrix_ext.fabrication.schema.table import Table

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
        seed: The seed of all random streams.
        tables: The tables, each after those it refers to.
        columns: Per table the names of its columns, each after those it is made from.
    """

    seed: int
    tables: Mapping[str, Table]
    columns: Mapping[str, tuple[str, ...]]


def parse_fabrication(
    data: Mapping[str, Any], *, frames: Mapping[str, pd.DataFrame] | None = None
) -> Fabrication:
    """Validate the declaration of tables; ``frames`` are existing ones that they may refer to.

    Raises:
        FabricationError: If anything is wrong; it lists every error with its path.

    Examples:
        >>> cars = {"num_rows": 2, "columns": {"id": {"type": "generate_unique_id"}}}
        >>> list(parse_fabrication({"cars": cars}).tables)
        ['cars']
    """
    seed, existing = data.get(_SEED, 0), frames or {}
    errors = [] if _is_seed(seed) else [f"{_place(_SEED)}: {seed!r} is not a whole number of 0 or more"]
    declared = {str(name): table for name, table in data.items() if name != _SEED}
    read = {name: _read_table(name, table) for name, table in declared.items()}
    errors += [error for _, found in read.values() for error in found]
    tables = {name: table.expand() for name, (table, _) in read.items() if table is not None}
    references = reference_errors(tables, {*existing, *declared})
    errors += [f"{_place(*path)}: {text}" for path, text in references]
    errors += _check_columns(declared, existing)
    if errors:
        raise _listed(errors)
    ordered = {name: tables[name] for name in order_tables(tables)}
    return Fabrication(seed, ordered, {name: order_columns(name, table) for name, table in ordered.items()})


def _read_table(name: str, data: object) -> tuple[Table | None, list[str]]:
    try:
        return Table.model_validate(data), []
    except ValidationError as error:
        return None, [_describe(name, each) for each in read_errors(error)]


def _check_columns(declared: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Check each valid column, also those of tables with invalid ones."""
    from kedro_matrix_ext.fabrication.columns.checks import check_column
    from kedro_matrix_ext.fabrication.columns.space import ColumnSpace, TableSpace

    for name, column_name, column, num_rows in _valid_columns(declared):
        space = ColumnSpace(TableSpace(0, name, frames), column_name, num_rows)
        for error in check_column(column, space):
            yield f"{error.config_path}: {error.message}{f'. {error.hint}' if error.hint else ''}"


def _valid_columns(declared: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, int]]:
    """Yield table, name, column and number of rows, which is 1 if it is not a number."""
    adapter: TypeAdapter[Any] = TypeAdapter(Column)
    for name, table in declared.items():
        columns = table.get("columns") if isinstance(table, Mapping) else None
        num_rows = table.get("num_rows") if isinstance(table, Mapping) else None
        for column_name, column in (columns if isinstance(columns, Mapping) else {}).items():
            with suppress(ValidationError):  # reported with its table
                checked = adapter.validate_python(column)
                if not isinstance(checked, CopyColumns):
                    yield name, str(column_name), checked, num_rows if isinstance(num_rows, int) else 1


def _is_seed(seed: object) -> bool:
    return isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0


def _place(*path: object) -> str:
    return render_config_path("fabricator", path)


def _describe(table: str, error: ModelError) -> str:
    path = [table, *_without_types(error.keys)]
    message = error.message
    if error.kind == "union_tag_invalid":
        tag = str(error.value["type"])
        old = f"Write {OLD_TYPES[tag]!r}. {CONVERT_HINT}" if tag in OLD_TYPES else None
        remedy = (
            old or did_you_mean(tag, _COLUMN_TYPES) or f"Known types: {', '.join(sorted(_COLUMN_TYPES))}."
        )
        message = f"unknown column type {tag!r}. {remedy}"
    elif error.kind == "union_tag_not_found":
        message = f"no 'type'. Known types: {', '.join(sorted(_COLUMN_TYPES))}."
    return f"{_place(*path)}: {message}"


def _without_types(keys: tuple[int | str, ...]) -> list[int | str]:
    """Remove the column types that pydantic adds to a path: after a column's name, and after its items."""
    if keys[:1] != ("columns",):
        return list(keys)
    name, inner = keys[1:2], keys[3:]
    return ["columns", *name, *(inner[:1] + inner[2:] if inner[:1] == ("items",) else inner)]


def _listed(errors: list[str]) -> FabricationError:
    unique = list(dict.fromkeys(errors))
    count = f"{len(unique)} error{'s' if len(unique) > 1 else ''}"
    return FabricationError(
        f"the tables to fabricate have {count}:\n" + "\n".join(f"  {error}" for error in unique)
    )

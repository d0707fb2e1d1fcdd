"""From what YAML holds to tables in the order they are made, with every mistake said at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.references import order_columns, order_tables, reference_errors
from kedro_matrix_ext.fabrication.schema import Column, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic_core import ErrorDetails

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


def parse_fabrication(data: Mapping[str, Any], *, sources: Collection[str] = ()) -> Fabrication:
    """Validate the declaration of tables.

    Args:
        data: Tables by name, and ``seed`` (0 where absent).
        sources: Names of existing frames that tables may refer to.

    Returns:
        The tables in order.

    Raises:
        FabricationError: If anything is wrong; it lists every mistake with its path.

    Examples:
        >>> cars = {"num_rows": 2, "columns": {"id": {"type": "generate_unique_id"}}}
        >>> list(parse_fabrication({"cars": cars}).tables)
        ['cars']
    """
    seed = data.get(_SEED, 0)
    mistakes = [] if _is_seed(seed) else [f"{_place(_SEED)}: {seed!r} is not a whole number of 0 or more"]
    declared = {str(name): table for name, table in data.items() if name != _SEED}
    try:
        tables = TypeAdapter(dict[str, Table]).validate_python(declared)
    except ValidationError as error:
        mistakes += [_describe(detail) for detail in error.errors()]
        raise _listed(mistakes) from error
    mistakes += [f"{_place(*path)}: {text}" for path, text in reference_errors(tables, sources)]
    if mistakes:
        raise _listed(mistakes)
    ordered = {name: tables[name] for name in order_tables(tables)}
    return Fabrication(seed, ordered, {name: order_columns(name, table) for name, table in ordered.items()})


def _is_seed(seed: object) -> bool:
    return isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0


def _place(*path: object) -> str:
    return render_config_path("fabricator", path)


def _describe(detail: ErrorDetails) -> str:
    path = [key for key in detail["loc"] if key not in _COLUMN_TYPES]
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "union_tag_invalid":
        tag = str(detail["input"]["type"])
        remedy = did_you_mean(tag, _COLUMN_TYPES) or f"Known types: {', '.join(sorted(_COLUMN_TYPES))}."
        message = f"unknown column type {tag!r}. {remedy}"
    elif detail["type"] == "union_tag_not_found":
        message = f"no 'type'. Known types: {', '.join(sorted(_COLUMN_TYPES))}."
    return f"{_place(*path)}: {message}"


def _listed(mistakes: list[str]) -> FabricationError:
    unique = list(dict.fromkeys(mistakes))
    count = f"{len(unique)} error{'s' if len(unique) > 1 else ''}"
    return FabricationError(
        f"the tables to fabricate have {count}:\n" + "\n".join(f"  {mistake}" for mistake in unique)
    )

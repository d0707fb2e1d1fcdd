"""What may be declared of a table to fabricate: pydantic models, parsed once."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from kedro_matrix_ext._section import Section

__all__ = [
    "Column",
    "ColumnApply",
    "CopyColumn",
    "CrossProduct",
    "Faker",
    "GenerateDates",
    "GenerateRandomNumbers",
    "GenerateUniqueId",
    "GenerateValues",
    "HashMap",
    "MapValues",
    "RowApply",
    "Table",
]


def _write_date(value: object) -> object:
    """Take the dates that some YAML parsers make of ``2024-01-01``."""
    return value.isoformat() if isinstance(value, date) else value


Date = Annotated[str, BeforeValidator(_write_date)]
ColumnReference = Annotated[str, Field(pattern=r"^[^.\s]+\.[^.]+$", description="table.column")]


class _AnyColumn(Section):
    """What every column may say besides its type."""

    dtype: str | None = None
    """The pandas dtype of the finished column, as ``Int64`` or ``datetime64[ms]``."""
    null_probability: Annotated[float, Field(ge=0, le=1)] = 0.0
    """The probability, 0 to 1, that a value is replaced by a null."""


class GenerateUniqueId(_AnyColumn):
    """Distinct identifiers: a prefix, a delimiter and digits."""

    type: Literal["generate_unique_id"]
    prefix: str | None = None
    """What each identifier begins with."""
    prefixes: Annotated[list[str], Field(min_length=1)] | None = None
    """What they begin with in turn."""
    id_length: Annotated[int, Field(ge=1, le=18)] = 8
    """How many digits follow; the number of rows must fit."""
    delimiter: str = ""
    """What stands between prefix and digits."""

    @model_validator(mode="after")
    def _take_one_of_the_two(self) -> GenerateUniqueId:
        if self.prefix is not None and self.prefixes is not None:
            raise ValueError("give 'prefix' or 'prefixes', not both")
        return self


class Faker(_AnyColumn):
    """Values of a provider of the package Faker."""

    type: Literal["faker"]
    provider: str
    """The provider's method, as ``company``."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Its keyword arguments."""
    locale: str = "en_US"
    """The locale of the values."""


class GenerateRandomNumbers(_AnyColumn):
    """Draws from a distribution of ``numpy.random.Generator``."""

    type: Literal["generate_random_numbers"]
    distribution: str = "uniform"
    """The Generator's method, as ``normal`` or ``integers``."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Its keyword arguments, as ``loc`` and ``scale``; never ``size``."""


class GenerateDates(_AnyColumn):
    """Draws from the dates between two."""

    type: Literal["generate_dates"]
    start_dt: Date
    """The first date, ISO 8601."""
    end_dt: Date
    """The last date, included."""
    freq: str = "D"
    """The step between dates, a pandas frequency alias."""


class GenerateValues(_AnyColumn):
    """Draws from a list of values."""

    type: Literal["generate_values"]
    choices: Annotated[list[Any], Field(min_length=1)]
    """The values to draw from."""
    weights: list[Annotated[float, Field(ge=0)]] | None = None
    """How often each is drawn, relative to the others; equally where absent."""

    @model_validator(mode="after")
    def _match_weights(self) -> GenerateValues:
        if self.weights is not None and len(self.weights) != len(self.choices):
            raise ValueError(f"{len(self.weights)} weights for {len(self.choices)} choices")
        if self.weights is not None and not sum(self.weights):
            raise ValueError("at least one weight must be above 0")
        return self


class CrossProduct(_AnyColumn):
    """One side of the product of all ``cross_product`` columns of the table: every combination is a row."""

    type: Literal["cross_product"]
    values: Annotated[list[Any], Field(min_length=1)] | None = None
    """The side's values."""
    source: ColumnReference | None = None
    """Or a column whose distinct values they are."""

    @model_validator(mode="after")
    def _take_one_of_the_two(self) -> CrossProduct:
        if (self.values is None) == (self.source is None):
            raise ValueError("give 'values' or 'source', one of them")
        return self


class CopyColumn(_AnyColumn):
    """Values of a column of another table."""

    type: Literal["copy_column"]
    source: ColumnReference
    """The column to take values from, ``table.column``."""
    sampling: Literal["in_order", "with_replacement", "without_replacement"] | None = None
    """How values are taken; absent: in order where the table has no other length, else with replacement."""


class _Derived(_AnyColumn):
    input_column: str
    """The column of the same table that it is made from."""


class MapValues(_Derived):
    """Another column's values looked up in a mapping."""

    type: Literal["map_values"]
    mapping: dict[Any, Any]
    """Per value what becomes of it."""
    default: Any = None
    """What becomes of values that the mapping lacks."""


class HashMap(_Derived):
    """A bucket for each of another column's values: equal values always get the same."""

    type: Literal["hash_map"]
    buckets: Annotated[list[Any], Field(min_length=1)]
    """The values to choose from."""


class RowApply(_AnyColumn):
    """What a function makes of the other columns' values, row by row."""

    type: Literal["row_apply"]
    function: str
    """The function's import path; it is called with a value per input column."""
    input_columns: Annotated[list[str], Field(min_length=1)]
    """Columns of the same table."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Further keyword arguments."""


class ColumnApply(RowApply):
    """What a function makes of whole columns at once; faster than ``row_apply``."""

    type: Literal["column_apply"]  # type: ignore[assignment]


Column = Annotated[
    GenerateUniqueId
    | Faker
    | GenerateRandomNumbers
    | GenerateDates
    | GenerateValues
    | CrossProduct
    | CopyColumn
    | MapValues
    | HashMap
    | RowApply
    | ColumnApply,
    Field(discriminator="type"),
]

RowReference = Annotated[str, Field(pattern=r"^@[^.\s]+\.num_rows$")]


class Table(Section):
    """A table to fabricate."""

    num_rows: Annotated[int, Field(ge=0)] | RowReference | None = None
    """How many rows: a number, ``@other_table.num_rows``, or absent where the columns say it."""
    columns: Annotated[dict[str, Column], Field(min_length=1)]
    """The columns by name, in order."""

    @field_validator("num_rows", mode="before")
    @classmethod
    def _refuse_other_rows(cls, value: Any) -> Any:
        text = isinstance(value, str) and not (value.startswith("@") and value.endswith(".num_rows"))
        if text or isinstance(value, bool | float):
            raise ValueError(f"{value!r} is neither a whole number nor '@other_table.num_rows'")
        return value

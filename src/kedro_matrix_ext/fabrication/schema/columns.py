"""The types of columns that a table may declare."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.fabrication.schema.old_keys import CONVERT_HINT, OLD_KEYS

if TYPE_CHECKING:
    from kedro_matrix_ext._section import ModelError

__all__ = [
    "Column",
    "ColumnApply",
    "CopyColumn",
    "CopyColumns",
    "CrossProduct",
    "Faker",
    "GenerateDates",
    "GenerateLists",
    "GenerateRandomNumbers",
    "GenerateUniqueId",
    "GenerateValues",
    "HashMap",
    "MapValues",
    "RowApply",
]


def _write_date(value: object) -> object:
    """Return dates, which some YAML parsers make of ``2024-01-01``, as text."""
    return value.isoformat() if isinstance(value, date) else value


Date = Annotated[str, BeforeValidator(_write_date)]
TableName = Annotated[str, Field(pattern=r"^[^.\s]+$")]
ColumnReference = Annotated[str, Field(pattern=r"^[^.\s]+\..+$", description="table.column")]
Sampling = Literal["in_order", "with_replacement", "without_replacement"]


class _AnyColumn(Section):
    """The keys that every column has besides its type."""

    dtype: str | None = None
    """The pandas dtype of the finished column, for example ``Int64`` or ``datetime64[ms]``."""
    null_probability: Annotated[float, Field(ge=0, le=1)] = 0.0
    """The probability, 0 to 1, that a value is replaced by a null."""
    null_value: Any = None
    """The value that is written instead of a null."""

    @classmethod
    def _explain(cls, error: ModelError) -> ModelError:
        """Name our key where one of another fabricator's vocabulary is used."""
        if error.kind == "extra_forbidden" and len(error.keys) == 1 and error.keys[0] in OLD_KEYS:
            return error._replace(message=f"unknown key. {OLD_KEYS[str(error.keys[0])]} {CONVERT_HINT}")
        return super()._explain(error)


class GenerateUniqueId(_AnyColumn):
    """Distinct identifiers: a prefix, a delimiter and digits."""

    type: Literal["generate_unique_id"]
    prefix: str | None = None
    """The text that each identifier begins with."""
    prefixes: Annotated[list[str], Field(min_length=1)] | None = None
    """Several prefixes, used in turn."""
    id_length: Annotated[int, Field(ge=1, le=128)] = 8
    """The number of digits; it must be enough for the number of rows."""
    delimiter: str = ""
    """The text between prefix and digits."""

    @model_validator(mode="after")
    def _require_one_kind_of_prefix(self) -> GenerateUniqueId:
        if self.prefix is not None and self.prefixes is not None:
            raise ValueError("give 'prefix' or 'prefixes', not both")
        return self


class Faker(_AnyColumn):
    """Values of a provider of the package Faker."""

    type: Literal["faker"]
    provider: str
    """The provider's method, for example ``company``."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """The method's keyword arguments."""
    locale: str | Annotated[list[str], Field(min_length=1)] = "en_US"
    """The locale of the values, or several to choose from."""
    unique: bool = False
    """Whether all values are distinct."""
    pool_size: Annotated[int, Field(ge=1)] = 1000
    """The number of values that are made; longer columns repeat them in random order."""


class GenerateRandomNumbers(_AnyColumn):
    """Draws from a distribution of ``numpy.random.Generator``."""

    type: Literal["generate_random_numbers"]
    distribution: str = "uniform"
    """The Generator's method, for example ``normal`` or ``integers``."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """The method's keyword arguments, for example ``loc`` and ``scale``; not ``size``."""
    sorted: bool = False
    """Whether the values are in ascending order."""

    @field_validator("arguments")
    @classmethod
    def _refuse_size(cls, arguments: dict[str, Any]) -> dict[str, Any]:
        if "size" in arguments:
            raise ValueError(
                "'size' is the table's 'num_rows'. Remove it, or write 'generate_lists' for lists of numbers"
            )
        return arguments

    @classmethod
    def _explain(cls, error: ModelError) -> ModelError:
        """Direct arguments of the distribution to ``arguments``."""
        if error.kind == "extra_forbidden" and error.keys in {(name,) for name in _DISTRIBUTION_ARGUMENTS}:
            return error._replace(message=f"unknown key. Write it below 'arguments'. {CONVERT_HINT}")
        return super()._explain(error)


_DISTRIBUTION_ARGUMENTS = (
    *("a", "alpha", "b", "colors", "cov", "df", "dfden", "dfnum", "endpoint", "high", "kappa", "lam", "left"),
    *("loc", "low", "mean", "mode", "mu", "n", "nbad", "ngood", "nonc", "nsample", "p", "pvals", "right"),
    *("scale", "shape", "sigma"),
)


class GenerateDates(_AnyColumn):
    """Draws from the dates between two."""

    type: Literal["generate_dates"]
    start_dt: Date
    """The first date, ISO 8601."""
    end_dt: Date
    """The last date, included."""
    freq: str = "D"
    """The step between dates: a pandas frequency alias, old or new, for example ``M`` or ``ME``."""
    format: str | None = None
    """The format of the dates as text, for example ``%d.%m.%Y``; without it they are timestamps."""
    sorted: bool = False
    """Whether the dates are in ascending order."""


class GenerateValues(_AnyColumn):
    """Draws from a list of values."""

    type: Literal["generate_values"]
    choices: Annotated[list[Any], Field(min_length=1)]
    """The values to draw from."""
    weights: list[Annotated[float, Field(ge=0)]] | None = None
    """How often each is drawn, relative to the others; equally often without weights."""
    unique: bool = False
    """Whether each choice is drawn at most once."""
    sorted: bool = False
    """Whether the values are in ascending order."""

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
    """The values of this side."""
    source: ColumnReference | None = None
    """Or the column, ``table.column``, whose distinct values they are."""

    @model_validator(mode="after")
    def _require_one_kind_of_values(self) -> CrossProduct:
        if (self.values is None) == (self.source is None):
            raise ValueError("give 'values' or 'source', one of them")
        return self


class CopyColumn(_AnyColumn):
    """Values of a column of another table."""

    type: Literal["copy_column"]
    source: ColumnReference
    """The column to copy, ``table.column``."""
    sampling: Sampling | None = None
    """How rows are drawn; by default in order if both tables have the same length, else with replacement."""
    draw: str | None = None
    """A name for the draw; columns with the same name are copied from the same rows."""
    weights: str | None = None
    """A column of the source table: how often each of its rows is drawn, relative to the others."""
    key: str | dict[str, str] | None = None
    """A foreign key of this table, whose row is copied; a mapping also names the key column of the source."""

    @field_validator("key", mode="after")
    @classmethod
    def _require_one_key(cls, value: str | dict[str, str] | None) -> str | dict[str, str] | None:
        if isinstance(value, dict) and len(value) != 1:
            raise ValueError("give one pair, {column of this table: key column of the source}")
        return value

    @model_validator(mode="after")
    def _follow_the_key_alone(self) -> CopyColumn:
        if self.key is not None and (self.sampling or self.draw or self.weights):
            raise ValueError("'key' decides the rows: remove 'sampling', 'draw' and 'weights'")
        return self

    @property
    def key_column(self) -> str | None:
        """The foreign key, a column of the same table."""
        return next(iter(self.key)) if isinstance(self.key, dict) else self.key


class CopyColumns(_AnyColumn):
    """Several columns of another table, copied from the same rows; the entry's name is that of the draw."""

    type: Literal["copy_columns"]
    source: TableName
    """The table to copy from."""
    columns: Annotated[list[str], Field(min_length=1)] | Annotated[dict[str, str], Field(min_length=1)]
    """The columns to copy: a list, or a mapping of new names to names in the source."""
    sampling: Sampling | None = None
    """How rows are drawn; by default in order if both tables have the same length, else with replacement."""
    weights: str | None = None
    """A column of the source table: how often each of its rows is drawn, relative to the others."""

    def expand(self, draw: str) -> dict[str, CopyColumn]:
        """Return a ``copy_column`` for each column, with a common draw."""
        names = self.columns if isinstance(self.columns, dict) else {name: name for name in self.columns}
        return {
            new: CopyColumn(
                type="copy_column",
                source=f"{self.source}.{old}",
                draw=draw,
                **self.model_dump(include={"sampling", "weights", "dtype", "null_probability", "null_value"}),
            )
            for new, old in names.items()
        }


class _Derived(_AnyColumn):
    input_column: str
    """A column of the same table, or ``table.column`` of another, drawn as ``copy_column`` does."""


class MapValues(_Derived):
    """Another column's values looked up in a mapping."""

    type: Literal["map_values"]
    mapping: dict[Any, Any]
    """The result for each value."""
    default: Any = None
    """The result for values that are not in the mapping."""


class HashMap(_Derived):
    """A bucket for each of another column's values: equal values always get the same."""

    type: Literal["hash_map"]
    buckets: Annotated[list[Any], Field(min_length=1)]
    """The values to choose from."""


class RowApply(_AnyColumn):
    """The results of a function of other columns' values, called for each row."""

    type: Literal["row_apply"]
    function: str
    """The function's import path; it is called with one value of each input column."""
    input_columns: Annotated[list[str], Field(min_length=1)]
    """Columns of the same table, or ``table.column`` of another, drawn as ``copy_column`` does."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Further keyword arguments."""


class ColumnApply(RowApply):
    """The result of a function of whole columns, called once; faster than ``row_apply``."""

    type: Literal["column_apply"]  # type: ignore[assignment]


Item = Annotated[
    GenerateUniqueId | Faker | GenerateRandomNumbers | GenerateDates | GenerateValues | CopyColumn,
    Field(discriminator="type"),
]


class GenerateLists(_AnyColumn):
    """A list of items in each row, or text made of it."""

    type: Literal["generate_lists"]
    items: Item
    """The column type that makes the items: choices, numbers, dates, identifiers, faker or copied values."""
    length: Annotated[int, Field(ge=0)] | None = None
    """The number of items of each list."""
    min_length: Annotated[int, Field(ge=0)] = 1
    """The smallest number of items, if ``length`` is not given."""
    max_length: Annotated[int, Field(ge=0)] | None = None
    """The largest number of items."""
    unique: bool = False
    """Whether the items of a list are distinct."""
    delimiter: str | None = None
    """The text that joins the items; without it, each value is a list."""
    as_json: bool = False
    """Whether the lists are written as JSON text."""

    @model_validator(mode="after")
    def _check_lengths(self) -> GenerateLists:
        if (self.length is None) == (self.max_length is None):
            raise ValueError("give 'length', or 'max_length' with 'min_length'")
        if self.max_length is not None and self.max_length < self.min_length:
            raise ValueError(f"'max_length' {self.max_length} is below 'min_length' {self.min_length}")
        if self.delimiter is not None and self.as_json:
            raise ValueError("give 'delimiter' or 'as_json', not both")
        if isinstance(self.items, CopyColumn) and (self.items.draw or self.items.key):
            raise ValueError("items are drawn one by one: remove 'draw' and 'key'")
        return self


Column = Annotated[
    GenerateUniqueId
    | Faker
    | GenerateRandomNumbers
    | GenerateDates
    | GenerateValues
    | GenerateLists
    | CrossProduct
    | CopyColumn
    | CopyColumns
    | MapValues
    | HashMap
    | RowApply
    | ColumnApply,
    Field(discriminator="type"),
]

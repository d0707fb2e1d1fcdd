"""A table as YAML declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, field_validator, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.fabrication.schema.columns import Column, CopyColumns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext._section import ModelError

__all__ = ["Table"]

RowReference = Annotated[str, Field(pattern=r"^@[^.\s]+\.num_rows$")]


class Table(Section):
    """A table to fabricate."""

    num_rows: Annotated[int, Field(ge=0)] | RowReference | None = None
    """The number of rows: a number, ``@other_table.num_rows``, or absent if the columns decide it."""
    nullable_dtypes: bool = False
    """Whether columns without a ``dtype`` get pandas' nullable one: ``string``, ``Int64``, ``boolean``."""
    columns: Annotated[dict[str, Column], Field(min_length=1)]
    """The columns by name, in order."""

    @field_validator("num_rows", mode="before")
    @classmethod
    def _refuse_other_rows(cls, value: Any) -> Any:
        text = isinstance(value, str) and not (value.startswith("@") and value.endswith(".num_rows"))
        if text or isinstance(value, bool | float):
            raise ValueError(f"{value!r} is neither a whole number nor '@other_table.num_rows'")
        return value

    @model_validator(mode="after")
    def _require_distinct_columns(self) -> Table:
        expanded = [name for entry in self.columns for name in self._expand(entry)]
        twice = sorted({name for name in expanded if expanded.count(name) > 1})
        if twice:
            raise ValueError(f"column {twice[0]!r} is declared twice. Rename it: columns: {{new_name: name}}")
        return self

    @classmethod
    def _explain(cls, error: ModelError) -> ModelError:
        """Say what a mapping without columns may be."""
        if error.kind == "missing" and error.keys == ("columns",) and isinstance(error.value, dict):
            nested = [key for key, value in error.value.items() if isinstance(value, dict)]
            if nested:
                return error._replace(
                    message=f"no 'columns'. If it is a group of tables ({', '.join(map(str, nested[:3]))}), "
                    "give each group a parameter: create_fabricator_pipeline(parameters='params:<group>')"
                )
        return super()._explain(error)

    def expand(self) -> Table:
        """Return the table with each ``copy_columns`` replaced by the columns it copies."""
        columns: dict[str, Any] = {}
        for entry in self.columns:
            columns.update(self._expand(entry))
        return self.model_copy(update={"columns": columns})

    def _expand(self, entry: str) -> Mapping[str, Any]:
        column = self.columns[entry]
        return column.expand(entry) if isinstance(column, CopyColumns) else {entry: column}

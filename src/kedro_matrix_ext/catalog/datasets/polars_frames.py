"""The dataset for polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from kedro_matrix_ext.catalog.datasets.arrow.frames import ArrowFrameDataset
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

__all__ = ["PolarsFrameDataset"]

_WIDE_INTEGERS = ("Int128", "UInt128")  # by name: older versions of polars do not have them


class PolarsFrameDataset(ArrowFrameDataset):
    """A table as a polars frame; see ``ArrowFrameDataset`` for the arguments. A lazy frame is collected.

    Examples:
        >>> import tempfile
        >>> dataset = PolarsFrameDataset(filepath=f"{tempfile.mkdtemp()}/t.csv", file_format="csv")
        >>> dataset.save(pl.DataFrame({"name": ["a", "", None]}))
        >>> dataset.load()["name"].to_list()
        ['a', '', None]
    """

    _engine = "polars"
    _conversions: ClassVar[Mapping[str, str]] = {
        "pandas": "polars.from_pandas(frame)",
        "spark": "polars.from_pandas(frame.toPandas())",
    }

    def _to_arrow(self, data: pl.DataFrame | pl.LazyFrame) -> pa.Table:
        if not isinstance(data, pl.DataFrame | pl.LazyFrame):
            raise self._wrong_frame(data)
        frame = data.collect() if isinstance(data, pl.LazyFrame) else data
        for name, kind in frame.schema.items():
            if not _is_portable(kind):
                raise CatalogError(
                    f"column {name!r} is of type {kind}, which not every engine has",
                    hint="Convert it to numbers of 64 bits, text or lists.",
                )
        return frame.to_arrow()

    def _from_arrow(self, table: pa.Table) -> pl.DataFrame:
        frame = pl.DataFrame(table)
        frame.columns = table.column_names  # polars calls a column without a name column_0
        return frame


def _is_portable(kind: Any) -> bool:
    """Return whether a type is one of Arrow's: no Python objects, no integers of 128 bits, at any depth."""
    inside = [field.dtype for field in getattr(kind, "fields", ())]
    if isinstance(kind, pl.List | pl.Array):
        inside.append(kind.inner)
    return kind != pl.Object and str(kind) not in _WIDE_INTEGERS and all(map(_is_portable, inside))

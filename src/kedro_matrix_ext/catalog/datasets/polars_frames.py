"""The dataset for polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import polars as pl

from kedro_matrix_ext.catalog.datasets.arrow.frames import ArrowFrameDataset

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

__all__ = ["PolarsFrameDataset"]


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
        return (data.collect() if isinstance(data, pl.LazyFrame) else data).to_arrow()

    def _from_arrow(self, table: pa.Table) -> pl.DataFrame:
        return pl.DataFrame(table)

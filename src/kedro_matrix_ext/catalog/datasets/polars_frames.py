"""The dataset for polars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kedro_matrix_ext.catalog.datasets.arrow.frames import ArrowFrameDataset

if TYPE_CHECKING:
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

    def _to_arrow(self, data: pl.DataFrame | pl.LazyFrame) -> pa.Table:
        return (data.collect() if isinstance(data, pl.LazyFrame) else data).to_arrow()

    def _from_arrow(self, table: pa.Table) -> pl.DataFrame:
        return pl.DataFrame(table)

"""The dataset for pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
import pyarrow as pa

from kedro_matrix_ext.catalog.datasets.arrow.frames import ArrowFrameDataset
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PandasFrameDataset"]

_NULLABLE: dict[pa.DataType, pd.api.extensions.ExtensionDtype] = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


class PandasFrameDataset(ArrowFrameDataset):
    """A table as a pandas frame; see ``ArrowFrameDataset`` for the arguments.

    Integers and booleans load as NumPy types if the column has no null, else as pandas' nullable types
    (``Int64``, ``boolean``), never as floats. Lists load as Python lists. The index is not stored, since no
    other engine has one; any other than 0, 1, 2 ... is refused.

    Examples:
        >>> import tempfile
        >>> dataset = PandasFrameDataset(filepath=f"{tempfile.mkdtemp()}/t.parquet", file_format="parquet")
        >>> dataset.save(pd.DataFrame({"id": pd.array([1, None], dtype="Int64")}))
        >>> dataset.load()["id"].dtype
        Int64Dtype()
    """

    _engine = "pandas"
    _conversions: ClassVar[Mapping[str, str]] = {"polars": "frame.to_pandas()", "spark": "frame.toPandas()"}

    def _to_arrow(self, data: pd.DataFrame) -> pa.Table:
        if not isinstance(data, pd.DataFrame):
            raise self._wrong_frame(data)
        self._check_index(data.index)
        for name in data.columns:
            if not isinstance(name, str):
                raise CatalogError(
                    f"column {name!r} of the frame for {str(self._filepath)!r} has a name that is not text",
                    hint="Rename it: 'frame.columns = frame.columns.map(str)'.",
                )
        columns = [(name, _to_column(str(name), series)) for name, series in data.items()]
        return pa.Table.from_arrays([column for _, column in columns], [str(name) for name, _ in columns])

    def _check_index(self, index: Any) -> None:
        """Refuse an index that would be lost: one with a name, or other than 0, 1, 2 ..."""
        counts = index.nlevels == 1 and index.equals(pd.RangeIndex(len(index)))
        if not counts or index.name is not None:
            shown = f"named {list(index.names)!r}" if any(index.names) else f"from {_shorten(index)}"
            raise CatalogError(
                f"the index of the frame for {str(self._filepath)!r}, {shown}, would be lost",
                hint="Make it a column with reset_index(), or drop it with reset_index(drop=True).",
            )

    def _from_arrow(self, table: pa.Table) -> pd.DataFrame:
        columns = {
            name: _to_series(column) for name, column in zip(table.column_names, table.columns, strict=True)
        }
        frame: pd.DataFrame = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
        return frame


def _shorten(index: Any) -> str:
    return f"{index[0]!r} to {index[-1]!r}"


def _to_column(name: str, series: Any) -> pa.Array:
    if not isinstance(series.dtype, pd.DatetimeTZDtype):
        try:
            column = pa.Array.from_pandas(series)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise CatalogError(
                f"column {name!r} has values that Arrow cannot store: {error}",
                hint="Convert them to one type.",
            ) from error
        if pa.types.is_list(column.type) and series.map(type).isin((set, frozenset)).any():
            raise CatalogError(
                f"column {name!r} holds sets, which would come back as lists", hint="Store sorted lists."
            )
        return column
    # Arrow reads zoned times by an attribute that pandas 3.1 deprecates.
    instants = pa.Array.from_pandas(series.dt.tz_convert(None))
    return instants.cast(pa.timestamp(instants.type.unit, "UTC"))


def _to_series(column: pa.ChunkedArray) -> Any:
    if pa.types.is_nested(column.type):
        return pd.Series(column.to_pylist(), dtype=object)
    if column.null_count and column.type in _NULLABLE:
        return column.to_pandas(types_mapper=_NULLABLE.get)
    return column.to_pandas()

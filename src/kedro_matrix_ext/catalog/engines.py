"""The dataset class for each engine and format: one row each; a project may add rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EngineFormat", "add_engine_format", "engines", "find_engine_format", "formats_of"]

_ACCEPTS = frozenset({"credentials", "fs_args"})


@dataclass(frozen=True)
class EngineFormat:
    """The dataset that stores one format for one engine.

    Attributes:
        dataset: The dataset class, as a catalog entry's ``type`` names it.
        arguments: Arguments that its constructor always gets.
        load_args: Its default ``load_args``.
        save_args: Its default ``save_args``.
        accepts: Which of ``credentials``, ``fs_args`` and ``dialect`` its constructor accepts.

    Examples:
        >>> sorted(EngineFormat("ibis.FileDataset", {"file_format": "parquet"}).accepts)
        ['credentials', 'fs_args']
    """

    dataset: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    load_args: Mapping[str, Any] = field(default_factory=dict)
    save_args: Mapping[str, Any] = field(default_factory=dict)
    accepts: frozenset[str] = _ACCEPTS


_PANDAS = "kedro_matrix_ext.catalog.datasets.PandasFrameDataset"
_POLARS = "kedro_matrix_ext.catalog.datasets.PolarsFrameDataset"
_SPARK = "kedro_matrix_ext.catalog.datasets.SparkFrameDataset"

_FORMATS = {
    "parquet": _ACCEPTS,
    "csv": _ACCEPTS | {"dialect"},
    "tsv": _ACCEPTS | {"dialect"},
    "json": _ACCEPTS,
    "delta": _ACCEPTS,
}
_ROWS: dict[tuple[str, str], EngineFormat] = {
    (engine, file_format): EngineFormat(dataset, arguments={"file_format": file_format}, accepts=accepts)
    for engine, dataset in (("pandas", _PANDAS), ("polars", _POLARS), ("spark", _SPARK))
    for file_format, accepts in _FORMATS.items()
}


def add_engine_format(engine: str, file_format: str, row: EngineFormat) -> None:
    """Add an engine or format for ``transcode:`` entries; call it in ``settings.py``.

    Args:
        engine: The engine behind the ``@``, as ``ibis``.
        file_format: The value of ``format:``.
        row: The dataset for them; it replaces an existing row.

    Examples:
        >>> add_engine_format("ibis", "parquet", EngineFormat("ibis.FileDataset", {"file_format": "parquet"}))
        >>> formats_of("ibis")
        ['parquet']
    """
    _ROWS[engine, file_format] = row


def find_engine_format(engine: str, file_format: str) -> EngineFormat | None:
    """Return the row of an engine and format, or None."""
    return _ROWS.get((engine, file_format))


def engines() -> list[str]:
    """Return the names of all engines, sorted.

    Examples:
        >>> {"pandas", "polars", "spark"} <= set(engines())
        True
    """
    return sorted({engine for engine, _ in _ROWS})


def formats_of(engine: str) -> list[str]:
    """Return the formats of an engine, sorted.

    Examples:
        >>> formats_of("pandas")
        ['csv', 'delta', 'json', 'parquet', 'tsv']
    """
    return sorted(file_format for name, file_format in _ROWS if name == engine)

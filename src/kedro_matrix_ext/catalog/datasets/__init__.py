"""Datasets that store one table for several engines; imported only if a catalog names one."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from kedro_matrix_ext.catalog.datasets.pandas_frames import PandasFrameDataset as PandasFrameDataset
    from kedro_matrix_ext.catalog.datasets.polars_frames import PolarsFrameDataset as PolarsFrameDataset
    from kedro_matrix_ext.catalog.datasets.spark_frames import SparkFrameDataset as SparkFrameDataset

__all__ = ["PandasFrameDataset", "PolarsFrameDataset", "SparkFrameDataset"]

# Exported name -> its module, the extra that installs its packages, the packages.
_EXPORTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "PandasFrameDataset": ("pandas_frames", "pandas", ("pandas", "pyarrow")),
    "PolarsFrameDataset": ("polars_frames", "polars", ("polars", "pyarrow")),
    "SparkFrameDataset": ("spark_frames", "spark", ("pyspark",)),
}


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kedro_matrix_ext._import_path import import_module

    module, extra, packages = _EXPORTS[name]
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise CatalogError(
            f"{name} needs {missing[0]!r}, which is not installed",
            hint=f"Install 'kedro-matrix-ext[{extra}]'.",
        ) from ModuleNotFoundError(f"No module named {missing[0]!r}", name=missing[0])
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

"""``transcode:`` entries, datasets, and checks of catalogs. Each name is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily

if TYPE_CHECKING:
    from kedro_matrix_ext.catalog.checks import check_transcoding as check_transcoding
    from kedro_matrix_ext.catalog.engines import EngineFormat as EngineFormat
    from kedro_matrix_ext.catalog.engines import add_engine_format as add_engine_format
    from kedro_matrix_ext.catalog.transcoding import expand_transcoding as expand_transcoding
    from kedro_matrix_ext.catalog.undeclared import UndeclaredDataset as UndeclaredDataset

__all__ = [
    "EngineFormat",
    "UndeclaredDataset",
    "add_engine_format",
    "check_transcoding",
    "expand_transcoding",
]

# Exported name -> the module that defines it.
_EXPORTS: dict[str, str] = {
    "EngineFormat": "engines",
    "UndeclaredDataset": "undeclared",
    "add_engine_format": "engines",
    "check_transcoding": "checks",
    "expand_transcoding": "transcoding",
}

__getattr__, __dir__ = export_lazily(__name__, _EXPORTS)

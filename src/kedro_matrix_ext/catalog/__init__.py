"""Catalog entries that expand, and checks on them. Nothing is imported until it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:  # noqa: ANN401  an export may be anything
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kedro_matrix_ext._import_path import import_module

    value = getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

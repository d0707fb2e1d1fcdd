"""Packages whose names are imported when they are asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["export_lazily"]

_LIBRARY = f"{__name__.partition('.')[0]}."


def export_lazily(
    package: str, exports: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and ``__dir__`` of a package that imports its exports on first use.

    Examples:
        >>> getter, lister = export_lazily("kedro_matrix_ext", {"KedroMatrixError": "errors"})
        >>> getter("KedroMatrixError").__name__
        'KedroMatrixError'
    """

    def get_attribute(name: str) -> Any:
        if name not in exports:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from kedro_matrix_ext._import_path import import_module

        module, _, original = exports[name].partition(":")
        path = module if module.startswith(_LIBRARY) else f"{package}.{module}"
        value = getattr(import_module(path), original or name)
        setattr(sys.modules[package], name, value)
        return value

    def list_names() -> list[str]:
        return sorted(sys.modules[package].__all__)

    return get_attribute, list_names

"""Deprecated: use ``from kedro_matrix_ext.config import find_provenance``."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kedro_matrix_ext.config.inspection.provenance import find_provenance

__all__ = ["find_provenance"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kedro_matrix_ext.config.inspection import provenance

    warnings.warn(
        f"{__name__}.{name} will be removed in 0.3.0: import {name} from kedro_matrix_ext.config",
        DeprecationWarning,
        stacklevel=2,
    )
    return getattr(provenance, name)

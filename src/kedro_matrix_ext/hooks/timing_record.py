"""Deprecated: use ``from kedro_matrix_ext.hooks import NodeTiming, read_node_timings``."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kedro_matrix_ext.hooks.timing.records import NodeTiming, read_node_timings

__all__ = ["NodeTiming", "read_node_timings"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kedro_matrix_ext.hooks.timing import records

    warnings.warn(
        f"{__name__}.{name} will be removed in 0.3.0: import {name} from kedro_matrix_ext.hooks",
        DeprecationWarning,
        stacklevel=2,
    )
    return getattr(records, name)

"""One value or another: ``${if_null:...}``."""

from __future__ import annotations

from typing import Any

__all__ = ["choose_if_null"]


def choose_if_null(value: Any, then: Any, otherwise: Any) -> Any:
    """Resolve ``${if_null:value,then,else}``.

    OmegaConf evaluates all three before the choice, so each must be resolvable.

    Examples:
        >>> choose_if_null(None, "sample", "full"), choose_if_null(0, "sample", "full")
        ('sample', 'full')
    """
    return then if value is None else otherwise

"""One value or another: ``${if_null:...}``."""

from __future__ import annotations

from typing import Any

__all__ = ["choose_if_null"]


def choose_if_null(value: Any, then: Any, otherwise: Any) -> Any:
    """Resolve ``${if_null:value,then,else}``.

    OmegaConf evaluates all three before the choice, so each must be resolvable.

    Args:
        value: What is asked about.
        then: The result where it is null.
        otherwise: The result where it is anything else, also where it is empty, zero or false.

    Returns:
        One of the two, as it is.

    Examples:
        >>> choose_if_null(None, "sample", "full"), choose_if_null(0, "sample", "full")
        ('sample', 'full')
    """
    return then if value is None else otherwise

"""What happens to the entries of a catalog after they are resolved and before anyone sees them."""

from __future__ import annotations

from typing import Any

__all__ = ["finish_catalog_entries"]


def finish_catalog_entries(entries: dict[str, Any]) -> dict[str, Any]:
    """Apply the steps that turn entries into entries, each in turn.

    Args:
        entries: The resolved catalog, by entry name.

    Returns:
        The entries as every Kedro tool sees them.
    """
    return entries

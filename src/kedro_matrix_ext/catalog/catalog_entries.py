"""What happens to the entries of a catalog after they are resolved and before anyone sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.transcoding import TRANSCODE, expand_transcoding

if TYPE_CHECKING:
    from kedro_matrix_ext.catalog.transcoding import Locate
    from kedro_matrix_ext.errors import CatalogError

__all__ = ["finish_catalog_entries"]


def finish_catalog_entries(
    entries: dict[str, Any], *, locate: Locate | None = None, faults: list[CatalogError] | None = None
) -> dict[str, Any]:
    """Apply the steps that turn entries into entries, each in turn.

    Raises:
        CatalogError: If an entry cannot be expanded.
    """
    if any(isinstance(entry, dict) and TRANSCODE in entry for entry in entries.values()):
        return expand_transcoding(entries, locate=locate, faults=faults)
    return entries

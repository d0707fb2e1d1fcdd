"""What happens to the entries of a catalog after they are resolved and before anyone sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.transcoding import TRANSCODE, expand_transcoding

if TYPE_CHECKING:
    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext.catalog.transcoding import Locate
    from kedro_matrix_ext.errors import CatalogError

    _Loader = OmegaConfigLoader
else:
    _Loader = object

__all__ = ["TranscodingMixin", "finish_catalog_entries"]


def finish_catalog_entries(
    entries: dict[str, Any], *, locate: Locate | None = None, faults: list[CatalogError] | None = None
) -> dict[str, Any]:
    """Apply the steps that turn entries into entries, each in turn.

    Args:
        entries: The resolved catalog, by entry name.
        locate: Gives file and line of a key path, for messages.
        faults: Where given, takes the errors of entries that cannot be expanded; they are left out.

    Returns:
        The entries as every Kedro tool sees them; the same dictionary where there is nothing to do.

    Raises:
        CatalogError: If an entry cannot be expanded.
    """
    if any(isinstance(entry, dict) and TRANSCODE in entry for entry in entries.values()):
        return expand_transcoding(entries, locate=locate, faults=faults)
    return entries


class TranscodingMixin(_Loader):
    """Give Kedro's own config loader, or a subclass of it, ``transcode:`` entries.

    ``LayeredConfigLoader`` has them already. In ``settings.py``::

        class ConfigLoader(TranscodingMixin, OmegaConfigLoader):
            pass

        CONFIG_LOADER_CLASS = ConfigLoader

    Raises:
        CatalogError: When the catalog is loaded and an entry cannot be expanded.

    Examples:
        >>> class ConfigLoader(TranscodingMixin, dict):
        ...     pass  # a dictionary stands in for OmegaConfigLoader
        >>> entry = {"transcode": ["pandas", "polars"], "format": "csv", "filepath": "cars.csv"}
        >>> list(ConfigLoader(catalog={"cars": entry})["catalog"])
        ['cars@pandas', 'cars@polars']
    """

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Load one type of configuration, the catalog with its entries expanded."""
        loaded = super().__getitem__(key)
        return finish_catalog_entries(loaded, locate=self._locate_entry) if key == "catalog" else loaded

    def _locate_entry(self, keys: tuple[str, ...]) -> tuple[str | None, int | None]:
        from kedro_matrix_ext.config.provenance import ProvenanceReader

        return ProvenanceReader(self).raw("catalog").locate(keys)

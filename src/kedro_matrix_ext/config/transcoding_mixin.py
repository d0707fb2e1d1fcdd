"""``transcode:`` entries for projects that keep Kedro's own config loader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.transcoding import expand_transcoding

if TYPE_CHECKING:
    from kedro.config import OmegaConfigLoader

    _Loader = OmegaConfigLoader
else:
    _Loader = object

__all__ = ["TranscodingMixin"]


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
        return expand_transcoding(loaded, locate=self._locate_entry) if key == "catalog" else loaded

    def _locate_entry(self, keys: tuple[str, ...]) -> tuple[str | None, int | None]:
        from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader  # for an error alone

        return ProvenanceReader(self).raw("catalog").locate(keys)

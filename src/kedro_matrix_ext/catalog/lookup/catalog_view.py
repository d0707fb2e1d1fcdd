"""What a catalog says about datasets, found without loading data and without changing the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.dataset_types import find_dataset_class, find_wrapped
from kedro_matrix_ext.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro.io import AbstractDataset, DataCatalog

__all__ = ["CatalogView", "list_classes"]

_CHUNKED = frozenset({"PartitionedDataset", "IncrementalDataset"})
_IN_MEMORY = frozenset({"MemoryDataset", "SharedMemoryDataset"})


class CatalogView:
    """A catalog, looked at. Without one, no dataset has an entry.

    Args:
        catalog: Kedro's catalog of the environment that is planned for.

    Examples:
        >>> from kedro.io import DataCatalog
        >>> view = CatalogView(DataCatalog.from_config({"cars": {"type": "MemoryDataset"}}))
        >>> view.type_name("cars"), view.is_in_memory("wheels")
        ('MemoryDataset', True)
    """

    def __init__(self, catalog: DataCatalog | None = None) -> None:
        self._catalog = catalog
        self._registered = frozenset(catalog.keys()) if catalog is not None else frozenset()
        self._entries: dict[str, Mapping[str, Any] | AbstractDataset[Any, Any] | None] = {}

    def entry(self, name: str) -> Mapping[str, Any] | AbstractDataset[Any, Any] | None:
        """Find a dataset's entry."""
        if name not in self._entries:
            self._entries[name] = self._find_entry(name)
        return self._entries[name]

    def _find_entry(self, name: str) -> Mapping[str, Any] | AbstractDataset[Any, Any] | None:
        if self._catalog is None:
            return None
        declared: Mapping[str, Any] | None = self._catalog.config_resolver.config.get(name)
        if declared is not None:
            return declared
        if name in self._registered:
            return self._catalog.get(name)
        if name in self._catalog:
            resolved: Mapping[str, Any] = self._catalog.config_resolver.resolve_pattern(name)
            return resolved
        return None

    @property
    def entries_written(self) -> frozenset[str]:
        """The names and patterns of the entries in the catalog's configuration."""
        if self._catalog is None:
            return frozenset()
        resolver = self._catalog.config_resolver
        return frozenset({*resolver.config, *resolver.list_patterns()})

    def entry_name(self, name: str) -> str | None:
        """Name the entry that a dataset has."""
        if self._catalog is None:
            return None
        resolver = self._catalog.config_resolver
        if name in resolver.config:
            return name
        pattern: str | None = resolver.match_dataset_pattern(name)
        return pattern or resolver.match_user_catch_all_pattern(name)

    def is_in_memory(self, name: str) -> bool:
        """Return whether saved data is lost with the process."""
        return self.entry(name) is None or any(
            _IN_MEMORY & _class_names(layer) for layer in self.classes(name)
        )

    def is_declared(self, name: str) -> bool:
        """Return whether a dataset has its own entry, or matches a pattern that contains literal text."""
        if self._catalog is None:
            return False
        resolver = self._catalog.config_resolver
        if name in resolver.config or resolver.match_dataset_pattern(name):
            return True
        return name in self._registered

    def is_versioned(self, name: str) -> bool:
        """Return whether each save makes a new version: set in the entry, inside it, or by its class."""
        return any(map(_is_versioned, self.entries_inside(name))) or any(
            getattr(layer, "versioned", False) is True for layer in self.classes(name)
        )

    def is_tracked(self, name: str) -> bool:
        """Return whether the dataset is an MLflow artifact, metric or model."""
        return any("mlflow" in base.__module__ for layer in self.classes(name) for base in layer.__mro__)

    def is_chunked(self, name: str) -> bool:
        """Return whether a dataset loads something else than what was saved."""
        return any(_CHUNKED & _class_names(layer) for layer in self.classes(name))

    def classes(self, name: str) -> Iterator[type]:
        """Yield the classes of a dataset and of those it wraps."""
        yield from list_classes(name, self.entry(name))

    def find_unknown_type(self, name: str) -> CatalogError | None:
        """Return why the class of a dataset, or of one that it wraps, cannot be imported; none if it can."""
        for layer in self.entries_inside(name):
            entry = {"type": layer} if isinstance(layer, str) else layer
            if isinstance(entry, dict):
                try:
                    find_dataset_class(name, entry)
                except CatalogError as error:
                    return error
        return None

    def entries_inside(self, name: str) -> Iterator[object]:
        """Yield a dataset's entry or object, then those it wraps."""
        layer: object = self.entry(name)
        while layer is not None:
            yield layer
            layer = find_wrapped(layer) if isinstance(layer, dict) else getattr(layer, "_dataset", None)

    def type_name(self, name: str) -> str | None:
        """Name a dataset's type."""
        entry = self.entry(name)
        if entry is None:
            return None
        kind = entry["type"] if isinstance(entry, dict) else type(entry)
        return f"{kind.__module__}.{kind.__qualname__}" if isinstance(kind, type) else str(kind)

    def metadata(self, name: str) -> dict[str, Any]:
        """Read a dataset's ``metadata``."""
        entry = self.entry(name)
        found = entry.get("metadata") if isinstance(entry, dict) else getattr(entry, "metadata", None)
        metadata = dict(found) if isinstance(found, dict) else {}
        layer = (metadata.get("kedro-viz") or {}).get("layer")
        return {"layer": layer, **metadata} if layer else metadata


def list_classes(name: str, entry: object) -> Iterator[type]:
    """Yield the class of a dataset's entry or object, and those of the datasets that it wraps.

    Examples:
        >>> entry = {"type": "CachedDataset", "dataset": "absent.Type"}
        >>> [each.__name__ for each in list_classes("cars", entry)]
        ['CachedDataset', 'Type']
    """
    layer = entry
    while layer is not None:
        if isinstance(layer, str):
            layer = {"type": layer}
        if isinstance(layer, dict):
            yield _find_class(name, layer)
            layer = find_wrapped(layer)
        else:
            yield type(layer)
            layer = vars(layer).get("_dataset")


def _find_class(name: str, entry: Mapping[str, Any]) -> type:
    """Import the class of an entry; where that is not possible, judge by the name that is written."""
    try:
        return find_dataset_class(name, entry)
    except CatalogError:
        module, _, class_name = str(entry.get("type")).rpartition(".")
        if module and "." not in module:  # Kedro's short form, as pandas.CSVDataset
            module = f"kedro_datasets.{module}"
        return type(class_name, (), {"__module__": module})


def _is_versioned(entry: object) -> bool:
    if isinstance(entry, dict):
        return bool(entry.get("versioned"))
    return getattr(entry, "_version", None) is not None


def _class_names(dataset_class: type) -> frozenset[str]:
    return frozenset(base.__name__ for base in dataset_class.__mro__)

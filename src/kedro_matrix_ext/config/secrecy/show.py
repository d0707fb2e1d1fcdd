"""What ``kedro matrix config show`` shows of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.lookup.explained_match import match_dataset
from kedro_matrix_ext.config.inspection.key_lookup import find_keys, no_such_key
from kedro_matrix_ext.config.inspection.load_type import list_types, load_type
from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader
from kedro_matrix_ext.config.layers.values import value_at
from kedro_matrix_ext.config.secrecy.secret_paths import SecretPaths
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from kedro.config import OmegaConfigLoader

__all__ = ["select_configuration"]

_CATALOG = "catalog"


def select_configuration(
    loader: OmegaConfigLoader,
    config_type: str | None = None,
    key: str | None = None,
    *,
    dataset: str | None = None,
) -> Any:
    """Load what was asked for, redacted.

    Raises:
        ConfigurationError: If there is no such type, key or entry, or something cannot be resolved.
    """
    secrets = SecretPaths(loader)
    secrets.remember()
    if dataset is not None:
        return _dataset(loader, secrets, dataset, config_type, key)
    if config_type is None:
        types = list_types(ProvenanceReader(loader))
        return {name: secrets.redact(name, load_type(loader, name)) for name in types}
    return _value(secrets, config_type, key, loader)


def _dataset(
    loader: OmegaConfigLoader, secrets: SecretPaths, dataset: str, config_type: str | None, key: str | None
) -> Any:
    if config_type not in (None, _CATALOG):
        raise ConfigurationError(
            f"a dataset's entry is in the catalog, not in the {config_type}",
            hint=f"Write 'show catalog --dataset {dataset}'.",
        )
    match = match_dataset(load_type(loader, _CATALOG), dataset)
    entry = match.config
    if key is None:
        return {dataset: secrets.redact(_CATALOG, entry, (match.entry,))}
    keys = find_keys(key, entry)
    if keys is None:
        raise no_such_key(_CATALOG, key, entry, loader.env)
    return secrets.redact(_CATALOG, value_at(entry, keys), (match.entry, *keys))


def _value(secrets: SecretPaths, config_type: str, key: str | None, loader: OmegaConfigLoader) -> Any:
    tree = load_type(loader, config_type)
    if key is None:
        return secrets.redact(config_type, tree)
    keys = find_keys(key, tree)
    if keys is None:
        raise no_such_key(config_type, key, tree, loader.env)
    return secrets.redact(config_type, value_at(tree, keys), keys)

"""Credentials while a workflow is planned: those of ``argo.yml`` have placeholders for their secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.resolvers.placeholders import Placeholders

__all__ = ["give_planned_credentials"]


def give_planned_credentials(
    loader: AbstractConfigLoader, config: ArgoConfig, placeholders: Placeholders
) -> dict[str, tuple[str, ...]]:
    """Give the loader everything that the catalog names, so that a catalog can be made without secrets.

    What this machine has and ``argo.yml`` does not give stays; what nobody has is empty.

    Returns:
        Per name of credentials the keys of the catalog that name it first.
    """
    from kedro_matrix_ext.argo.configuration.credentials import name_variables
    from kedro_matrix_ext.hooks.pod_credentials import fill_credentials, read_files

    uses = _list_uses(loader)
    if not uses and not config.credentials:
        return {}

    def hide(variable: str) -> str:
        known = variable in placeholders.variables
        return placeholders.of(variable) if known else ""  # a loader whose files nobody has read

    given = fill_credentials(name_variables(config.credentials), hide)
    loader["credentials"] = {**{name: {} for name in uses}, **read_files(loader), **given}
    return uses


def _list_uses(loader: AbstractConfigLoader) -> dict[str, tuple[str, ...]]:
    from kedro.config import MissingConfigException

    from kedro_matrix_ext.catalog.lookup.explained_match import named_credentials

    try:
        catalog: dict[str, Any] = loader["catalog"] or {}
    except MissingConfigException:  # Kedro reports it
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name, entry in catalog.items():
        for keys, credentials in named_credentials(entry, (name,)):
            found.setdefault(str(credentials), tuple(keys))
    return found

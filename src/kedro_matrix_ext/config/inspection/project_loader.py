"""The config loader of a project, as Kedro's session would build it, without a session and its hooks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.layers.environments import unknown_environment
from kedro_matrix_ext.config.layers.sources import open_config_source
from kedro_matrix_ext.errors import ConfigurationError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext.config.layers.sources import ConfigSource

__all__ = ["build_config_loader", "find_conf_source", "find_loader_class", "require_environment"]


def build_config_loader(
    project_path: Path,
    *,
    env: str | None = None,
    conf_source: str | None = None,
    params: Mapping[str, Any] | None = None,
) -> OmegaConfigLoader:
    """Build the loader that ``settings.py`` names, for one environment.

    Raises:
        UnknownEnvironmentError: If there is no such environment.
        SettingsError: If the project's loader is not a kind of OmegaConfigLoader.
    """
    from kedro.framework.project import settings

    source = find_conf_source(project_path, conf_source)
    loader_class = find_loader_class()
    loader: OmegaConfigLoader = loader_class(
        conf_source=source,
        env=env or os.getenv("KEDRO_ENV"),
        runtime_params=dict(params or {}),
        **settings.CONFIG_LOADER_ARGS,
    )
    require_environment(loader)
    return loader


def find_loader_class() -> type[OmegaConfigLoader]:
    """Give the loader class that ``settings.py`` names.

    Raises:
        SettingsError: If it is not a kind of OmegaConfigLoader.
    """
    from kedro.config import OmegaConfigLoader
    from kedro.framework.project import settings

    loader_class: type[OmegaConfigLoader] = settings.CONFIG_LOADER_CLASS
    if not issubclass(loader_class, OmegaConfigLoader):
        raise SettingsError(
            f"the project's config loader is {loader_class.__qualname__!r}, whose files we cannot read",
            hint="CONFIG_LOADER_CLASS must be LayeredConfigLoader, OmegaConfigLoader or a subclass of one.",
        )
    return loader_class


def find_conf_source(project_path: Path, conf_source: str | None = None) -> str:
    """Say where the configuration is.

    Raises:
        ConfigurationError: If there is nothing.
    """
    from kedro.framework.project import settings

    source = conf_source or str(project_path / settings.CONF_SOURCE)
    if not os.path.exists(source) and "://" not in source:  # noqa: PTH110  it may be a URL
        raise ConfigurationError(f"there is no configuration at {source!r}", hint="Correct --conf-source.")
    return source


def require_environment(loader: OmegaConfigLoader) -> None:
    """Refuse an environment without a folder, which Kedro's loader reports late or not at all."""
    env = loader.env or loader.default_run_env
    source = open_config_source(str(loader.conf_source), base_env=loader.base_env)
    if source.is_archive:
        _require_folder_in_archive(loader, source)
    if source.has_environment(env) or not source.environments() or not loader.env:
        return
    raise unknown_environment(env, source)


def _require_folder_in_archive(loader: OmegaConfigLoader, source: ConfigSource) -> None:
    """Refuse an archive whose environments are not where Kedro's loader looks: in its last folder."""
    from kedro_matrix_ext.config.loader import LayeredConfigLoader

    if isinstance(loader, LayeredConfigLoader):  # takes them at the top too, and reports a missing base
        return
    top = [str(name).strip("/") for name in source.filesystem.ls("", detail=False)]
    if top and source.filesystem.isdir(f"{top[-1]}/{loader.base_env}"):
        return
    raise ConfigurationError(
        f"the archive {str(loader.conf_source)!r} does not hold one folder with the environments; at its top "
        f"are {', '.join(map(repr, top)) or 'no files'}",
        hint=f"Pack the folder itself, as 'kedro package' does: 'conf/{loader.base_env}/...'.",
    )

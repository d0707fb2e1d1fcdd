"""What a hook reads from the configuration of the run's environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.config import MissingConfigException

from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader
    from kedro.framework.context import KedroContext

__all__ = ["name_environment", "read_hook_config"]


def read_hook_config(config_loader: AbstractConfigLoader, config_type: str) -> dict[str, Any]:
    """Load one type of configuration that only a hook reads, such as ``spark`` or ``tracking``.

    A loader whose ``config_patterns`` do not name the type yet is taught the usual file names, so a hook
    works without any line in ``CONFIG_LOADER_ARGS``.

    Args:
        config_loader: The session's loader.
        config_type: The type; its files are ``<type>*.yml``, at any depth of the environment's folder.

    Returns:
        The loaded mapping; empty where no environment has such a file.

    Raises:
        HookError: If the files hold something other than a mapping.
    """
    patterns = getattr(config_loader, "config_patterns", {})
    patterns.setdefault(config_type, [f"{config_type}*", f"{config_type}*/**", f"**/{config_type}*"])
    try:
        config = config_loader[config_type]
    except MissingConfigException:
        return {}
    if not isinstance(config, Mapping):
        raise HookError(
            f"{config_type}.yml holds {type(config).__name__}, not a mapping",
            config_path=config_type,
            hint="Write '<key>: <value>' lines.",
        )
    return dict(config)


def name_environment(context: KedroContext) -> str | None:
    """Name the configuration environment of a session, also where none was asked for.

    Args:
        context: The session's context.

    Returns:
        The environment: the one asked for, else the one that the loader takes by default; ``None`` where the
        loader does not tell.
    """
    return context.env or getattr(context.config_loader, "default_run_env", None) or None

"""Read a hook's configuration from the run's environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from kedro.config import MissingConfigException

from kedro_matrix_ext._terminal_output import keep_output_short
from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader, OmegaConfigLoader
    from kedro.framework.context import KedroContext

__all__ = ["locate_hook_config", "name_environment", "read_hook_config"]


def read_hook_config(config_loader: AbstractConfigLoader, config_type: str) -> dict[str, Any]:
    """Load one type of configuration that only a hook reads, such as ``spark`` or ``tracking``.

    If the loader's ``config_patterns`` do not have the type, the usual file names are added, so a hook works
    without ``CONFIG_LOADER_ARGS``. Without such a file the result is empty.

    Raises:
        HookError: If the files hold something other than a mapping.
    """
    keep_output_short()
    patterns = getattr(config_loader, "config_patterns", {})
    patterns.setdefault(config_type, [f"{config_type}*", f"{config_type}*/**", f"**/{config_type}*"])
    try:
        config = config_loader[config_type]
    except MissingConfigException as error:
        from kedro_matrix_ext.errors import UnknownEnvironmentError

        if isinstance(error, UnknownEnvironmentError):  # set on the loader after it was built
            raise
        return {}
    if not isinstance(config, Mapping):
        raise HookError(
            f"{config_type}.yml holds {type(config).__name__}, not a mapping",
            config_path=config_type,
            hint="Write '<key>: <value>' lines.",
        )
    return dict(config)


def locate_hook_config(
    config_loader: AbstractConfigLoader, config_type: str
) -> Callable[[Sequence[object]], tuple[str | None, int | None]]:
    """Return a function that finds file and line of a key path; it reads files only when called."""

    def locate(keys: Sequence[object]) -> tuple[str | None, int | None]:
        from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader

        return ProvenanceReader(cast("OmegaConfigLoader", config_loader)).raw(config_type).locate(keys)

    return locate


def name_environment(context: KedroContext) -> str | None:
    """Return the session's environment, else the loader's default; None if the loader has none."""
    return context.env or getattr(context.config_loader, "default_run_env", None) or None

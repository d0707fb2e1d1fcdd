"""The options that say which configuration is meant, and the loader that they make."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.config import OmegaConfigLoader
    from kedro.framework.startup import ProjectMetadata

__all__ = [
    "conf_source_option",
    "env_option",
    "loader_options",
    "open_loader",
    "params_option",
]

env_option = click.option(
    "--env", "-e", default=None, help="The environment; KEDRO_ENV or the project's default if not given."
)
conf_source_option = click.option(
    "--conf-source", default=None, help="A configuration folder or archive instead of the project's."
)
params_option = click.option(
    "--params", default="", help="Parameters of the run, as for 'kedro run': key=value,nested.key=value."
)


def loader_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the project's loader for the environment, folder and parameters that its user names."""

    @wraps(command)
    def with_loader(
        metadata: ProjectMetadata,
        *args: Any,
        env: str | None,
        conf_source: str | None,
        params: str,
        **options: Any,
    ) -> Any:
        loader = open_loader(metadata, env=env, conf_source=conf_source, params=params)
        return command(*args, loader=loader, **options)

    decorated: Callable[..., Any] = click.pass_obj(with_loader)
    for option in (params_option, conf_source_option, env_option):
        decorated = option(decorated)
    return decorated


def open_loader(
    metadata: ProjectMetadata, *, env: str | None, conf_source: str | None = None, params: str = ""
) -> OmegaConfigLoader:
    """Build the project's loader.

    Raises:
        KedroMatrixError: If there is no such environment or folder.
        click.BadParameter: If the parameters are not of Kedro's form.
    """
    from kedro_matrix_ext.cli.run_params import parse_params
    from kedro_matrix_ext.config.inspection.project_loader import build_config_loader

    return build_config_loader(
        metadata.project_path,
        env=env,
        conf_source=conf_source,
        params=parse_params(params) if params else None,
    )

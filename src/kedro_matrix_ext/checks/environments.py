"""Which environments are checked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kedro_matrix_ext.config.layers.environments import unknown_environment
from kedro_matrix_ext.config.layers.sources import open_config_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.checks.project import Project

__all__ = ["choose_environments"]

_KEDRO_ENV = "KEDRO_ENV"


def choose_environments(project: Project, named: Sequence[str], *, every: bool = False) -> list[str]:
    """Choose the environments to check.

    Raises:
        UnknownEnvironmentError: If one has no folder; the default one needs none.
    """
    base = project.loader_arguments.get("base_env") or ""
    default = project.loader_arguments.get("default_run_env") or ""
    source = open_config_source(project.conf_source, base_env=base)
    if every:
        return source.environments()
    chosen = list(dict.fromkeys(named)) or [os.environ.get(_KEDRO_ENV) or default]
    for env in chosen:
        if not source.has_environment(env) and env != default:
            raise unknown_environment(env, source)
    return chosen

"""Files that look like parameters or catalog and that no pattern of the loader reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_matrix_ext.config.layers.sources import open_config_source
from kedro_matrix_ext.findings import Location, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.checks.project import Project
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_unread_files"]

_TYPES = ("catalog", "parameters")
_LOOKS_LIKE = re.compile(r"(?<![a-z])(param(?:eter)?s?|catalogs?)(?![a-z])", re.IGNORECASE)


def find_unread_files(project: Project, env: str) -> Iterator[Finding]:
    """Report such files of an environment, and of the base."""
    arguments = project.loader_arguments
    base_env = arguments.get("base_env") or "base"
    kedro = {name: [f"{name}*", f"{name}*/**", f"**/{name}*"] for name in (*_TYPES, "credentials", "globals")}
    patterns = {**kedro, **(arguments.get("config_patterns") or {})}
    every = [pattern for globs in patterns.values() for pattern in globs]
    source = open_config_source(project.conf_source, base_env=base_env)
    for layer in dict.fromkeys((base_env, env)):
        for name in source.unread_files(layer, every) if source.has_environment(layer) else ():
            if _LOOKS_LIKE.search(name):
                yield finding(
                    "unread-configuration-file",
                    f"no pattern of the loader reads {name!r}",
                    location=Location(env=env, file=source.display(f"{layer}/{name}")),
                )

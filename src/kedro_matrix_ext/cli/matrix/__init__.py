"""``kedro matrix``: set up a project, and inspect its configuration."""

from __future__ import annotations

import click

from kedro_matrix_ext.cli.command_group import LazyCommandGroup

__all__ = ["commands"]

_HERE = __name__

# Command name -> import path, line of help.
_COMMANDS: dict[str, tuple[str, str]] = {
    "init": (f"{_HERE}.init.init", "Add environments to this project."),
    "config": (f"{_HERE}.config.config", "Show, explain, compare and check the configuration."),
    "variants": (f"{_HERE}.variants.variants", "Show the dynamic pipelines mapping, overrides and nodes."),
    "hooks": (f"{_HERE}.hooks.hooks", "List hooks, in order, and what switches them off."),
    "fabricate": (f"{_HERE}.fabricate.fabricate", "Show the tables that the project fabricates."),
    "schema": (f"{_HERE}.schema.schema", "Give editors JSON Schemas of our YAML files."),
}


@click.group()
def commands() -> None:
    """Layered configuration and dynamic pipelines."""


matrix = LazyCommandGroup(
    name="matrix",
    lazy=_COMMANDS,
    help="Add environments, show where values come from, check the configuration.",
)
commands.add_command(matrix)

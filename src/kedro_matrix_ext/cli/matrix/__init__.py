"""``kedro matrix``: lay out a project, and see through its configuration."""

from __future__ import annotations

import click

from kedro_matrix_ext.cli.command_group import LazyCommandGroup

__all__ = ["commands"]

_HERE = __name__

# Command name -> import path, line of help.
_COMMANDS: dict[str, tuple[str, str]] = {
    "variants": (f"{_HERE}.variants.variants", "Show the dynamic pipelines mapping, overrides and nodes."),
    "hooks": (f"{_HERE}.hooks.hooks", "List hooks, in order, and what switches them off."),
    "config": (f"{_HERE}.config.config", "Show, explain, compare and check the configuration."),
    "schema": (f"{_HERE}.schema.schema", "Give editors JSON Schemas of our YAML files."),
    "init": (f"{_HERE}.init.init", "Lay environments into this project."),
}


@click.group()
def commands() -> None:
    """Layered configuration and dynamic pipelines."""


matrix = LazyCommandGroup(
    name="matrix",
    lazy=_COMMANDS,
    help="Lay out environments, and see where configured values come from.",
)
commands.add_command(matrix)

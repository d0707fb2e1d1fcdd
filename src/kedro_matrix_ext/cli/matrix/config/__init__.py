"""``kedro matrix config``: see through the configuration, and have all of it checked."""

from __future__ import annotations

from kedro_matrix_ext.cli.command_group import LazyCommandGroup

__all__ = ["config"]

_HERE = __name__

# Command name -> import path, line of help.
_COMMANDS: dict[str, tuple[str, str]] = {
    "show": (f"{_HERE}.show.show", "Show the configuration as Kedro uses it, secrets redacted."),
    "explain": (f"{_HERE}.explain.explain", "Explain where a value comes from, and what it was made from."),
    "diff": (f"{_HERE}.diff.diff", "Show what two environments resolve differently."),
    "check": (f"{_HERE}.check.check", "Check all of the configuration in one or all environments."),
}

config = LazyCommandGroup(
    name="config",
    lazy=_COMMANDS,
    help="Show configuration, explain where it comes from, compare environments, check all of it.",
)

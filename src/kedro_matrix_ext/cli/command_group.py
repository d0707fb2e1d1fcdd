"""A click group that imports a command when it is called, and shows our errors as one message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LazyCommandGroup"]


class LazyCommandGroup(click.Group):
    """A group whose commands are named by import path, with the help line that lists them.

    Args:
        lazy: Per command name its import path and the one line of help shown in the group's listing.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of all commands, in the order they were declared."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name, or give None where there is none."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        from kedro_matrix_ext._import_path import import_object

        command: click.Command = import_object(self._lazy[cmd_name][0])
        path = f"{ctx.command_path.partition(' ')[2]} {cmd_name}".strip()
        if examples := EXAMPLES.get(path.removeprefix("kedro ")):
            command.epilog = "\b\n" + "\n".join(["Examples:", *(f"  {example}" for example in examples)])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the listing from the declared help lines, importing no command."""
        rows = [(name, help_line) for name, (_, help_line) in self._lazy.items()]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes one message and exit status 1."""
        from kedro_matrix_ext._known_secrets import scrub
        from kedro_matrix_ext._terminal_output import hide_deprecated_calls
        from kedro_matrix_ext.errors import KedroMatrixError

        hide_deprecated_calls()
        try:
            return super().invoke(ctx)
        except KedroMatrixError as error:
            raise click.ClickException(scrub(str(error))) from error

"""``kedro matrix hooks``: which hooks run, in which order, and what switched the others off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.output import format_option, output_option, render_json, write_output

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_matrix_ext.settings.hook_listing import ListedHook

__all__ = ["hooks"]


@click.command()
@format_option("text", "json")
@output_option("the list")
def hooks(*, output_format: str, output: Path | None) -> None:
    """List the project's hooks in the order in which Kedro calls them.

    Hooks of plugins are listed too. Those of HOOKS are built, and what is wrong with one is an error. A
    single hook method may ask to go before or after the others (tryfirst, trylast); that is not shown.
    """
    from kedro.framework.project import settings

    from kedro_matrix_ext.settings import unmatched_variables
    from kedro_matrix_ext.settings.hook_listing import list_hooks

    listed = list_hooks(settings.HOOKS, settings.DISABLE_HOOKS_FOR_PLUGINS, check=True)
    unmatched = unmatched_variables(hook.name for hook in listed if hook.source == "HOOKS")
    if output_format == "json":
        text = render_json({"hooks": [_row(hook) for hook in listed], "unmatched_variables": unmatched})
        write_output(text, output)
    else:
        write_output(_render(listed) if listed else "This project has no hooks.", output)
        _report(listed, unmatched)
    if any(hook.error for hook in listed):
        raise click.exceptions.Exit(1)


def _report(listed: list[ListedHook], unmatched: dict[str, str | None]) -> None:
    for hook in listed:
        if hook.error is not None:
            click.echo(f"error: {hook.error}", err=True)
    for variable, nearest in unmatched.items():
        meant = f"; the nearest is {nearest!r}" if nearest else ""
        click.echo(f"warning: {variable} matches no hook{meant}", err=True)


def _row(hook: ListedHook) -> dict[str, str | int | bool | None]:
    return {
        "order": hook.order,
        "name": hook.name,
        "class": hook.hook,
        "source": hook.source,
        "enabled": hook.disabled_by is None,
        "disabled_by": hook.disabled_by,
        "error": None if hook.error is None else hook.error.message,
    }


def _render(listed: list[ListedHook]) -> str:
    from kedro_matrix_ext.argo.report.text import align_columns

    rows = [("order", "name", "class", "from", "state")]
    for hook in listed:
        state = (
            "fails" if hook.error else f"disabled by {hook.disabled_by}" if hook.disabled_by else "enabled"
        )
        rows.append((str(hook.order or "-"), hook.name, hook.hook, hook.source, state))
    return "\n".join(align_columns(rows))

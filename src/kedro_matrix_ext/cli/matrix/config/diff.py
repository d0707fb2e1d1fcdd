"""``kedro matrix config diff``: what two environments resolve differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.matrix.config.options import (
    conf_source_option,
    open_loader,
    params_option,
)
from kedro_matrix_ext.cli.output import (
    format_option,
    logs_on_stderr,
    output_option,
    render_json,
    write_output,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata

__all__ = ["diff"]


@click.command()
@click.argument("env_a")
@click.argument("env_b")
@click.argument("config_type", metavar="[TYPE]", required=False)
@format_option("text", "json")
@output_option("the differences")
@params_option
@conf_source_option
@click.pass_obj
def diff(  # noqa: PLR0913  every option is an argument
    metadata: ProjectMetadata,
    *,
    env_a: str,
    env_b: str,
    config_type: str | None,
    output_format: str,
    output: Path | None,
    params: str,
    conf_source: str | None,
) -> None:
    """Show what ENV_A and ENV_B resolve differently; the exit status is 1 where they do.

    Each difference names the places that make it. '+' is only in ENV_B, '-' only in ENV_A, '~' in both.
    """
    from kedro_matrix_ext.config.explain.diff import (
        compare_environments,
        differences_as_dict,
        render_differences,
    )

    with logs_on_stderr():
        found = compare_environments(
            lambda env: open_loader(metadata, env=env, conf_source=conf_source, params=params),
            (env_a, env_b),
            config_type,
        )
    if output_format == "json":
        text = render_json(differences_as_dict(found, (env_a, env_b)))
    else:
        text = render_differences(found, (env_a, env_b))
    write_output(text, output)
    if found:
        raise click.exceptions.Exit(1)

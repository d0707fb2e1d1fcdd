"""``kedro matrix config check``: everything that is wrong with the configuration, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.matrix.config.options import conf_source_option, params_option
from kedro_matrix_ext.cli.output import (
    colour_findings,
    format_option,
    logs_on_stderr,
    output_option,
    render_json,
    write_output,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.framework.startup import ProjectMetadata

__all__ = ["check"]


@click.command()
@click.option(
    "--env",
    "-e",
    "environments",
    multiple=True,
    help="An environment, may be given several times; KEDRO_ENV or the project's default if not given.",
)
@click.option("--all-envs", is_flag=True, help="Check every environment of the configuration.")
@click.option(
    "--pipeline",
    "-p",
    "pipelines",
    multiple=True,
    help="Check what this pipeline uses, may be given several times; all registered ones if not given.",
)
@conf_source_option
@params_option
@format_option("text", "json")
@output_option("the findings")
@click.pass_obj
def check(  # noqa: PLR0913  every argument is an option
    metadata: ProjectMetadata,
    *,
    environments: tuple[str, ...],
    all_envs: bool,
    pipelines: tuple[str, ...],
    conf_source: str | None,
    params: str,
    output_format: str,
    output: Path | None,
) -> None:
    """Check all of the configuration, and what pipelines use of it.

    The exit status is 1 where there is an error.
    """
    from kedro_matrix_ext.checks import check_environments, load_project
    from kedro_matrix_ext.checks.environments import choose_environments
    from kedro_matrix_ext.cli.run_params import parse_params
    from kedro_matrix_ext.findings import findings_as_dict, has_errors, render_findings

    if all_envs and environments:
        raise click.UsageError("name environments with --env, or ask for all with --all-envs, not both")
    with logs_on_stderr():
        project = load_project(
            metadata.project_path,
            pipelines=pipelines,
            conf_source=conf_source,
            runtime_params=parse_params(params) if params else None,
        )
        chosen = choose_environments(project, environments, every=all_envs)
        findings = check_environments(project, chosen)
    if output_format == "json":
        text = render_json({"environments": chosen, **findings_as_dict(findings)})
    else:
        text = colour_findings(render_findings(findings))
    write_output(text, output)
    if has_errors(findings):
        raise click.exceptions.Exit(1)

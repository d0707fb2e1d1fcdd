"""``kedro argo task``: what a pod runs."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["task"]


def _decode(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    from kedro_matrix_ext.argo.template_tags.name_lists import decode_names

    return decode_names(value)


def _decode_versions(context: click.Context, parameter: click.Parameter, value: str) -> dict[str, str]:
    from kedro_matrix_ext.cli.load_versions import split_versions

    return split_versions(_decode(context, parameter, value))


def _check_source(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    from kedro.framework.cli.utils import validate_conf_source

    return validate_conf_source(context, parameter, value or "")


def _parse_params(_context: click.Context, _parameter: click.Parameter, value: str) -> dict[str, Any]:
    from kedro_matrix_ext.cli.run_params import parse_params

    return parse_params(value)


@click.command()
@click.option("--pipelines", default="", callback=_decode, help="The registered pipelines to load.")
@click.option("--nodes", "-n", default="", callback=_decode, help="The nodes to run.")
@click.option("--env", "-e", help="The configuration environment.")
@click.option(
    "--memory-datasets", default="", callback=_decode, help="Datasets to keep in memory in this run."
)
@click.option("--conf-source", callback=_check_source, help="Where the configuration is.")
@click.option(
    "--load-versions",
    "-lv",
    default="",
    callback=_decode_versions,
    help="dataset:version,...",
)
@click.option(
    "--params", default="", callback=_parse_params, help="Parameters that win over those of the workflow."
)
@click.option(
    "--runner",
    "-r",
    default="SequentialRunner",
    show_default=True,
    envvar="KEDRO_MATRIX_RUNNER",
    show_envvar=True,
    help="The runner, as for 'kedro run'.",
)
@click.option(
    "--runner-params",
    default="",
    callback=_parse_params,
    envvar="KEDRO_MATRIX_RUNNER_PARAMS",
    show_envvar=True,
    help="Arguments for the runner.",
)
@click.option(
    "--grace-period",
    type=click.FloatRange(min=0),
    default=20,
    show_default=True,
    envvar="KEDRO_MATRIX_GRACE_PERIOD",
    show_envvar=True,
    help="Seconds to clean up in after SIGTERM.",
)
def task(
    *,
    load_versions: dict[str, str],
    params: dict[str, Any],
    grace_period: float,
    **options: Any,
) -> None:
    """Run nodes as a task of a workflow does; lists are joined by commas, odd signs percent-encoded.

    Exit status: 0 done; 1 a node failed; 2 wrong options; 75 worth retrying, as the connection to a service
    broke; 143 ended by SIGTERM.
    """
    from kedro_matrix_ext.argo.task.execution import TaskRun, run_task
    from kedro_matrix_ext.argo.task.exit_status import exiting_by_error
    from kedro_matrix_ext.argo.task.termination import ending_on_sigterm

    with ending_on_sigterm(grace_period), exiting_by_error():
        run_task(TaskRun(load_versions=load_versions, runtime_params=params, **options))

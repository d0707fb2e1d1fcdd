"""Errors of configuration in Kedro's own commands, as a few lines; Kedro finds this hook by its entry point.

``kedro run`` and other commands of Kedro show an uncaught error with the whole stack. An error that says
which file, line or variable is wrong needs no stack.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kedro.framework.cli.hooks import cli_hook_impl

from kedro_matrix_ext._terminal_output import TRACEBACK_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro.framework.startup import ProjectMetadata

__all__ = ["LoadErrorHooks", "load_errors"]


class LoadErrorHooks:
    """Show errors of configuration without a stack, and where ``argo.yml`` names a missing variable."""

    @cli_hook_impl(trylast=True)
    def after_command_run(
        self, project_metadata: ProjectMetadata | None, command_args: Sequence[str]
    ) -> None:
        """End a command that failed with such an error with its message and exit status 1."""
        error = sys.exc_info()[1]
        wanted = os.environ.get(TRACEBACK_VARIABLE)
        if wanted or project_metadata is None or not isinstance(error, Exception):
            return
        message, variables = _describe(error)
        if message is None:
            return
        import click

        from kedro_matrix_ext._known_secrets import scrub

        lines = [message, *_name_lines(project_metadata, command_args, variables)]
        click.secho(f"Error: {scrub(chr(10).join(lines))}", err=True)
        raise SystemExit(1) from error


def _describe(error: Exception) -> tuple[str | None, tuple[str, ...]]:
    """Return the message of an error of configuration, and the variables that are missing; else none."""
    from kedro_matrix_ext.cli.argo.pod_values import find_missing_variable
    from kedro_matrix_ext.errors import ConfigurationError, KedroMatrixError, MissingVariablesError

    missing = find_missing_variable(error)
    if isinstance(error, MissingVariablesError):
        return str(error), error.variables
    if missing is not None:
        key = getattr(error, "full_key", None)  # what OmegaConf was resolving
        needed = f"\n  needed at {key}" if key and missing is not error else ""
        return f"{missing.message}{needed}\n  {missing.hint}", (missing.variable,)
    cause = error.__cause__
    if isinstance(error, ConfigurationError) and (cause is None or isinstance(cause, KedroMatrixError)):
        return str(error), ()
    return None, ()


def _name_lines(project: ProjectMetadata, arguments: Sequence[str], variables: Sequence[str]) -> list[str]:
    """Say where ``argo.yml`` names variables that are missing here."""
    if not variables:
        return []
    from kedro.framework.project import settings

    from kedro_matrix_ext.argo.configuration.pod_variables import read_pod_variables
    from kedro_matrix_ext.errors import KedroMatrixError

    env, conf_source = _find_options(arguments)
    try:
        found = read_pod_variables(
            conf_source or str(project.project_path / settings.CONF_SOURCE),
            env=env,
            loader_class=settings.CONFIG_LOADER_CLASS,
            loader_args=settings.CONFIG_LOADER_ARGS,
        )
    except KedroMatrixError:  # the command's own error is the one to report
        return []
    return [
        f"  Tasks on the cluster get {each.name!r} from argo.yml ({each.file}:{each.line})."
        for each in found
        if each.name in variables
    ]


def _find_options(arguments: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the environment and the configuration source that Kedro's command was given."""
    from argparse import ArgumentParser

    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--env", "-e", default=os.environ.get("KEDRO_ENV"))
    parser.add_argument("--conf-source")
    given, _ = parser.parse_known_args(list(arguments))
    return given.env, given.conf_source


load_errors = LoadErrorHooks()

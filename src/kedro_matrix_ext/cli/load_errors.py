"""Errors of this package in Kedro's own commands, as a few lines; Kedro finds this hook by its entry point.

``kedro run`` and other commands of Kedro show an uncaught error with the whole stack. An error that says
which file, line or variable is wrong needs no stack.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from kedro.framework.cli.hooks import cli_hook_impl

from kedro_matrix_ext._terminal_output import describe_error, put_hook_in_front

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro.framework.startup import ProjectMetadata

__all__ = ["LoadErrorHooks", "load_errors"]


class LoadErrorHooks:
    """Show errors of this package without a stack, and where ``argo.yml`` names a missing variable."""

    @cli_hook_impl(trylast=True)
    def after_command_run(
        self, project_metadata: ProjectMetadata | None, command_args: Sequence[str]
    ) -> None:
        """Let the error that ended a command be shown in a few lines."""
        error = sys.exc_info()[1]
        if project_metadata is not None and isinstance(error, Exception):
            put_hook_in_front(partial(_name_lines, project_metadata, command_args))
            if describe_error(error) is not None:
                _remember_secrets(project_metadata, command_args)


def _remember_secrets(project: ProjectMetadata, arguments: Sequence[str]) -> None:
    """Keep the secrets of the configuration out of the error, as where one was looked up as a name."""
    from kedro.framework.project import settings

    from kedro_matrix_ext.config.inspection.lenient_loader import LenientLoader
    from kedro_matrix_ext.config.loader import LayeredConfigLoader
    from kedro_matrix_ext.config.secrecy import SecretPaths

    env, conf_source = _find_options(arguments)
    source = conf_source or str(project.project_path / settings.CONF_SOURCE)
    with suppress(Exception):  # the command's own error is the one to report
        is_layered = issubclass(settings.CONFIG_LOADER_CLASS, LayeredConfigLoader)
        loader = LenientLoader(source, env, per_environment=not is_layered, **settings.CONFIG_LOADER_ARGS)
        SecretPaths(loader).remember()


def _name_lines(project: ProjectMetadata, arguments: Sequence[str], error: BaseException) -> Sequence[str]:
    """Say where ``argo.yml`` names variables that are missing here."""
    variables = _find_variables(error)
    if not variables:
        return ()
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
        return ()
    return [
        f"  Tasks on the cluster get {each.name!r} from argo.yml ({each.file}:{each.line})."
        for each in found
        if each.name in variables
    ]


def _find_variables(error: BaseException) -> tuple[str, ...]:
    """Return the environment variables that are missing according to an error."""
    from kedro_matrix_ext.cli.argo.pod_values import find_missing_variable
    from kedro_matrix_ext.errors import MissingVariablesError

    if isinstance(error, MissingVariablesError):
        return error.variables
    missing = find_missing_variable(error)
    return (missing.variable,) if missing else ()


def _find_options(arguments: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the environment and the configuration source that Kedro's command was given."""
    from argparse import ArgumentParser

    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--env", "-e", default=os.environ.get("KEDRO_ENV"))
    parser.add_argument("--conf-source")
    given, _ = parser.parse_known_args(list(arguments))
    return given.env, given.conf_source


load_errors = LoadErrorHooks()

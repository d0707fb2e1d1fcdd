"""Make a run part of a workflow, for any command and loader; Kedro finds this hook by its entry point."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kedro_matrix_ext._variables import (
    CREDENTIALS_VARIABLE,
    PARAMETERS_VARIABLE,
    REHEARSAL_VARIABLE,
    RUN_ID_VARIABLE,
    TASK_VARIABLE,
)

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline

__all__ = ["CONSENT_VARIABLE", "WorkflowTaskHooks", "workflow_task"]

CONSENT_VARIABLE = "KEDRO_MATRIX_RUN_GUARDED"
"""The name of a guarded environment that ``kedro run`` may run in."""


class WorkflowTaskHooks:
    """Take the workflow's parameters and its run id from the environment; without them, do nothing."""

    def __init__(self) -> None:
        self._config_loader: AbstractConfigLoader | None = None

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Give the loader the workflow's parameters and credentials, and guard it against untrusted callers.

        Raises:
            ConfigurationError: If a variable does not hold a JSON object, or one of a secret is not set.
        """
        if os.environ.get(PARAMETERS_VARIABLE):
            from kedro_matrix_ext.config.runtime_params import collect_runtime_parameters

            loader = context.config_loader
            loader.runtime_params = collect_runtime_parameters(loader.runtime_params)

        if getattr(context.config_loader, "restrict_runtime_params_type_selection", False):
            from kedro_matrix_ext.hooks.untrusted_callers import guard_parameters

            guard_parameters(context.config_loader)
        self._config_loader = context.config_loader
        if os.environ.get(CREDENTIALS_VARIABLE) or os.environ.get(REHEARSAL_VARIABLE):
            from kedro_matrix_ext.hooks.pod_credentials import give_credentials

            give_credentials(context.config_loader)

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
        """Save and load versions of the workflow's run.

        Raises:
            ConfigurationError: If the environment is guarded, this is not a task, and nobody consents.
            ResolverError: If the run's id cannot be a version.
        """
        if not os.environ.get(TASK_VARIABLE) and not os.environ.get(RUN_ID_VARIABLE):
            _refuse_guarded(self._config_loader)
        run_id = os.environ.get(RUN_ID_VARIABLE)
        if run_id:
            from kedro_matrix_ext.argo.task.versions import use_run_versions
            from kedro_matrix_ext.resolvers.run_ids import require_version_format

            use_run_versions(pipeline, catalog, require_version_format(run_id))


def _refuse_guarded(loader: AbstractConfigLoader | None) -> None:
    """Refuse a run outside of a workflow in an environment with ``guarded: true``, without consent."""
    from kedro.config import OmegaConfigLoader

    if not isinstance(loader, OmegaConfigLoader):
        return
    from kedro_matrix_ext.config.layers.environments import read_environment_chain
    from kedro_matrix_ext.config.layers.sources import open_config_source
    from kedro_matrix_ext.errors import ConfigurationError

    source = open_config_source(str(loader.conf_source), base_env=loader.base_env)
    chain = read_environment_chain(
        source, env=loader.env, base_env=loader.base_env, default_run_env=loader.default_run_env
    )
    guarded = any(layer.guarded for layer in chain.layers)
    if guarded and os.environ.get(CONSENT_VARIABLE) != chain.run_env:
        raise ConfigurationError(
            f"environment {chain.run_env!r} is guarded: a run here would write where workflows write",
            hint=f"Set {CONSENT_VARIABLE}={chain.run_env} to run here anyway, or choose another one.",
        )


workflow_task = WorkflowTaskHooks()

"""Make a run part of a workflow, for any command and loader; Kedro finds this hook by its entry point."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kedro_matrix_ext._variables import PARAMETERS_VARIABLE, RUN_ID_VARIABLE

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline

__all__ = ["WorkflowTaskHooks", "workflow_task"]


class WorkflowTaskHooks:
    """Take the workflow's parameters and its run id from the environment; without them, do nothing."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Give the loader the workflow's parameters, whichever loader it is.

        Raises:
            ConfigurationError: If the variable does not hold a JSON object.
        """
        if os.environ.get(PARAMETERS_VARIABLE):
            from kedro_matrix_ext.config.runtime_params import collect_runtime_parameters

            loader = context.config_loader
            loader.runtime_params = collect_runtime_parameters(loader.runtime_params)

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> None:
        """Save and load versions of the workflow's run.

        Raises:
            ResolverError: If the run's id cannot be a version.
        """
        run_id = os.environ.get(RUN_ID_VARIABLE)
        if run_id:
            from kedro_matrix_ext.argo.task.versions import use_run_versions
            from kedro_matrix_ext.resolvers.run_ids import require_version_format

            use_run_versions(pipeline, catalog, require_version_format(run_id))


workflow_task = WorkflowTaskHooks()

"""Notify hooks of the workflow level that a workflow starts and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro import __version__ as kedro_version
from kedro.framework.hooks.markers import HOOK_NAMESPACE
from kedro.framework.hooks.specs import PipelineSpecs
from kedro.framework.project import pipelines, settings
from pluggy import PluginManager

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.settings.workflow_hooks import is_workflow_level, speaking_for_the_workflow

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext

__all__ = ["WorkflowFailedError", "tell_end", "tell_start"]

# What Kedro reports for a run and a whole workflow does not have.
_SELECTIONS = (
    "tags",
    "from_nodes",
    "to_nodes",
    "node_names",
    "from_inputs",
    "to_outputs",
    "load_versions",
    "namespaces",
    "runner",
)


class WorkflowFailedError(HookError):
    """What ``on_pipeline_error`` is given of a workflow; which of its tasks failed, Argo knows."""


def tell_start(context: KedroContext, *, run_id: str, pipeline: str) -> list[str]:
    """Call ``before_pipeline_run`` of the hooks that are marked ``workflow_level``.

    Args:
        context: The project's context in the workflow's environment.
        run_id: The workflow's run id.
        pipeline: The name of its pipeline.

    Returns:
        The classes of the hooks.

    Raises:
        HookError: If there is no such pipeline.
    """
    return _tell("before_pipeline_run", context, run_id, pipeline)


def tell_end(context: KedroContext, *, run_id: str, pipeline: str, status: str) -> list[str]:
    """Call ``after_pipeline_run`` of those hooks, or ``on_pipeline_error`` if the workflow did not succeed.

    Args:
        context: The project's context in the workflow's environment.
        run_id: The workflow's run id.
        pipeline: The name of its pipeline.
        status: The workflow's status, as Argo says it: ``Succeeded`` or another.

    Returns:
        The classes of the hooks.

    Raises:
        HookError: If there is no such pipeline.
    """
    if status == "Succeeded":
        return _tell("after_pipeline_run", context, run_id, pipeline, run_result={})
    error = WorkflowFailedError(f"the workflow of run {run_id} ended with status {status!r}")
    return _tell("on_pipeline_error", context, run_id, pipeline, error=error)


def _tell(event: str, context: KedroContext, run_id: str, pipeline: str, **more: Any) -> list[str]:
    marked = [hook for hook in settings.HOOKS if is_workflow_level(hook)]
    if not marked:
        return []
    if pipeline not in pipelines:
        raise HookError(
            f"there is no pipeline {pipeline!r}",
            hint=did_you_mean(pipeline, pipelines) or f"Registered are: {', '.join(sorted(pipelines))}.",
        )
    manager = PluginManager(HOOK_NAMESPACE)
    manager.add_hookspecs(PipelineSpecs)
    for hook in marked:
        manager.register(hook)
    run_params = {
        **dict.fromkeys(_SELECTIONS),
        "run_id": run_id,
        "project_path": context.project_path.as_posix(),
        "env": context.env,
        "kedro_version": kedro_version,
        "runtime_params": dict(context.config_loader.runtime_params or {}),
        "pipeline_names": [pipeline],
        "only_missing_outputs": False,
    }
    with speaking_for_the_workflow():
        getattr(manager.hook, event)(
            run_params=run_params, pipeline=pipelines[pipeline], catalog=context.catalog, **more
        )
    return [type(hook).__name__ for hook in marked]

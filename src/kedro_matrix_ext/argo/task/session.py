"""The project's own session class, with the run's id and the datasets that stay in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro.config import OmegaConfigLoader
from kedro.framework.session import KedroSession

from kedro_matrix_ext.argo.registry.lookup import find_pipeline, require_nodes
from kedro_matrix_ext.argo.registry.pipeline_cover import DEFAULT_PIPELINE
from kedro_matrix_ext.argo.registry.selective_loading import load_only
from kedro_matrix_ext.argo.task.memory_entries import keep_in_memory
from kedro_matrix_ext.config.inspection.project_loader import require_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro.framework.context import KedroContext

__all__ = ["derive_session_class"]


def derive_session_class(  # noqa: PLR0913  the arguments of a task
    base: type[Any],
    *,
    run_id: str,
    memory_datasets: Sequence[str],
    memory_type: str,
    pipelines: Sequence[str] = (),
    nodes: Sequence[str] = (),
) -> type[Any]:
    """Derive a session class that differs from the project's in three things.

    A ``KedroSession`` gets the run's id for its own, which Kedro also makes its save version and its hooks'
    ``run_id``. (A ``KedroServiceSession`` is given it with ``run``.) And the catalog's configuration is
    changed before anything is made of it, so hooks see one catalog from the beginning. And pipelines and
    unknown nodes are refused before anything runs, with the likely name.
    """

    class TaskSession(base):  # type: ignore[misc]  # the class is the project's
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            if issubclass(base, KedroSession) and "session_id" in kwargs:
                kwargs["session_id"] = run_id
            super().__init__(*args, **kwargs)

        def load_context(self, *args: Any, **kwargs: Any) -> KedroContext:
            context: KedroContext = super().load_context(*args, **kwargs)
            if isinstance(context.config_loader, OmegaConfigLoader):
                require_environment(context.config_loader)
            if memory_datasets:
                keep_in_memory(context.config_loader, memory_datasets, memory_type)
            require_registered(pipelines or (DEFAULT_PIPELINE,), nodes)
            return context

    TaskSession.__name__, TaskSession.__qualname__ = base.__name__, base.__qualname__
    TaskSession.__module__ = base.__module__
    return TaskSession


def require_registered(names: Sequence[str], nodes: Sequence[str]) -> None:
    """Refuse pipelines that are not registered, and nodes that are in none of those named.

    Kedro loads only these pipelines by then, and its run uses what is loaded here.

    Raises:
        ArgoError: If there is no such pipeline or node.
    """
    from kedro.framework.project import pipelines

    loaded = dict(pipelines)
    for name in names:
        if name not in loaded:  # the others are loaded only to suggest one of them
            find_pipeline(name, load_only(()) or loaded)
    require_nodes(nodes, {name: loaded[name] for name in names})

"""The project's own session class, with the run's id and the datasets that stay in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro.framework.session import KedroSession

from kedro_matrix_ext.argo.task.memory_entries import keep_in_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro.framework.context import KedroContext

__all__ = ["derive_session_class"]


def derive_session_class(
    base: type[Any], *, run_id: str, memory_datasets: Sequence[str], memory_type: str
) -> type[Any]:
    """Derive a session class that differs from the project's in two things.

    A ``KedroSession`` gets the run's id for its own, which Kedro also makes its save version and its hooks'
    ``run_id``. (A ``KedroServiceSession`` is given it with ``run``.) And the catalog's configuration is
    changed before anything is made of it, so hooks see one catalog from the beginning.

    Args:
        base: ``SESSION_CLASS`` of the project's settings.
        run_id: The run's id.
        memory_datasets: Datasets that are kept in memory.
        memory_type: The ``type`` of their entries.

    Returns:
        A subclass of the same name.
    """

    class TaskSession(base):  # type: ignore[misc]  # the class is the project's
        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  of any session
            if issubclass(base, KedroSession) and "session_id" in kwargs:
                kwargs["session_id"] = run_id
            super().__init__(*args, **kwargs)

        def load_context(self, *args: Any, **kwargs: Any) -> KedroContext:  # noqa: ANN401
            context: KedroContext = super().load_context(*args, **kwargs)
            if memory_datasets:
                keep_in_memory(context.config_loader, memory_datasets, memory_type)
            return context

    TaskSession.__name__, TaskSession.__qualname__ = base.__name__, base.__qualname__
    TaskSession.__module__ = base.__module__
    return TaskSession

"""Make a run active without starting, resuming or ending it; the only module that uses MLflow's internals.

``mlflow.start_run(run_id=...)`` sets a run back to RUNNING, and MLflow ends active runs when the process
exits. A task that joins a workflow's run must do neither, and MLflow has no public way. It keeps its active
runs in a list per thread, ``mlflow.tracking.fluent._active_run_stack`` (MLflow 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.entities import Run

__all__ = ["activate", "deactivate"]

_MARK = "_kedro_matrix_guest"


def activate(run: Run) -> None:
    """Let ``mlflow.log_metric`` on this thread write to a run, unless another run is active."""
    from mlflow import ActiveRun

    stack: list[Any] = _stacks().get()
    if not stack:
        guest = ActiveRun(run)  # type: ignore[no-untyped-call]
        setattr(guest, _MARK, True)
        stack.append(guest)


def deactivate(run_id: str, *, whoever: bool = False) -> None:
    """Undo ``activate`` on all threads; the run's status does not change."""
    for stack in _stacks().get_all_thread_values().values():
        stack[:] = [run for run in stack if run.info.run_id != run_id or not (whoever or hasattr(run, _MARK))]


def _stacks() -> Any:
    from mlflow.tracking import fluent

    return fluent._active_run_stack  # noqa: SLF001  see above

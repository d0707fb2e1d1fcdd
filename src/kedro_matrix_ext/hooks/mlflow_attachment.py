"""Making a run active without starting, resuming or ending it; the only module that looks inside MLflow.

``mlflow.start_run(run_id=...)`` sets a run back to RUNNING, and what it made active is ended when the process
exits. A task that joins the run of a whole workflow must do neither, and MLflow has no public way. Its active
runs are a list per thread, ``mlflow.tracking.fluent._active_run_stack`` (MLflow 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow import ActiveRun
from mlflow.tracking import fluent

if TYPE_CHECKING:
    from mlflow.entities import Run

__all__ = ["activate", "deactivate"]

_STACKS: Any = fluent._active_run_stack  # noqa: SLF001  see above


class _Guest(ActiveRun):
    """A run that was made active here, to be told from those that the user made active."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)  # type: ignore[no-untyped-call]


def activate(run: Run) -> None:
    """Let ``mlflow.log_metric`` and the like on this thread write to a run, unless another is active there.

    Args:
        run: The run.
    """
    stack: list[Any] = _STACKS.get()
    if not stack:
        stack.append(_Guest(run))


def deactivate(run_id: str, *, whoever: bool = False) -> None:
    """Take a run back that :func:`activate` made active, on all threads; its status is not touched.

    Args:
        run_id: The run.
        whoever: Also where it was not made active here, but by ``MLFLOW_RUN_ID`` when MLflow was first used.
    """
    for stack in _STACKS.get_all_thread_values().values():
        stack[:] = [
            run for run in stack if run.info.run_id != run_id or not (whoever or isinstance(run, _Guest))
        ]

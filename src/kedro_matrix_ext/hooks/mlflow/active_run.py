"""Make a run active without starting, resuming or ending it, by internals of MLflow.

``mlflow.start_run(run_id=...)`` sets a run back to RUNNING, and MLflow ends active runs when the process
exits. A task that joins a workflow's run must do neither, and MLflow has no public way. It keeps its active
runs in a list per thread, ``mlflow.tracking.fluent._active_run_stack`` (MLflow 3).
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from mlflow.entities import Run

__all__ = ["activate", "call_after_import", "deactivate"]

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


def call_after_import(function: Callable[[], None]) -> None:
    """Call a function once as soon as MLflow has been imported; it replaces the one of an earlier call."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder) is not _ImportObserver]
    sys.meta_path.insert(0, _ImportObserver(function))


class _ImportObserver(MetaPathFinder, Loader):
    """Lets others find and load MLflow, then calls a function."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self._loader: Any = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname != "mlflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            self._loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._function()

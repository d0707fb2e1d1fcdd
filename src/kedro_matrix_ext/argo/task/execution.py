"""Running a task's nodes as ``kedro run`` would, with what a workflow adds."""

from __future__ import annotations

import inspect
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import ArgoError, ImportPathError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro.runner import AbstractRunner

__all__ = ["TaskRun", "run_task"]

_CPU_VARIABLE = "NUM_CPU"


@dataclass(frozen=True, kw_only=True)
class TaskRun:
    """What one task runs.

    Attributes:
        pipelines: The registered pipelines to load; ``__default__`` where there are none.
        nodes: The nodes to run; all of the pipelines' where there are none.
        env: The configuration environment; Kedro's default where it is None.
        conf_source: Where the configuration is, if not where the project has it.
        memory_datasets: Datasets that are kept in memory.
        load_versions: Per dataset the version to load.
        runtime_params: Parameters given to this very command; they win over the workflow's.
        runner: The runner's class: a name in ``kedro.runner`` or an import path.
        runner_params: Arguments for it.
    """

    pipelines: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    env: str | None = None
    conf_source: str | None = None
    memory_datasets: tuple[str, ...] = ()
    load_versions: Mapping[str, str] = field(default_factory=dict)
    runtime_params: Mapping[str, Any] = field(default_factory=dict)
    runner: str = "SequentialRunner"
    runner_params: Mapping[str, Any] = field(default_factory=dict)


def run_task(task: TaskRun) -> None:
    """Run the nodes of a task in the project that Kedro was started in.

    Raises:
        KedroMatrixError: If the run's id or its parameters are not what a workflow passes, a dataset
            cannot be kept in memory, or there is no such pipeline or node.
        Exception: Whatever the project's code raises.
    """
    from kedro.framework.project import settings
    from kedro.framework.session import KedroSession

    from kedro_matrix_ext.argo.task.memory_entries import choose_memory_type, copying_without_imports
    from kedro_matrix_ext.argo.task.session import derive_session_class
    from kedro_matrix_ext.config.runtime_params import collect_runtime_parameters
    from kedro_matrix_ext.resolvers.run_ids import require_version_format, run_id

    run, runner = require_version_format(run_id()), make_runner(task.runner, task.runner_params)
    parameters = collect_runtime_parameters(task.runtime_params)
    session_class = derive_session_class(
        settings.SESSION_CLASS,
        run_id=run,
        memory_datasets=task.memory_datasets,
        memory_type=choose_memory_type(runner),
        pipelines=task.pipelines,
        nodes=task.nodes,
    )
    of_session: dict[str, Any] = {"env": task.env, "conf_source": task.conf_source}
    of_run: dict[str, Any] = {
        "runner": runner,
        "node_names": task.nodes,
        "load_versions": dict(task.load_versions),
        "pipeline_names": list(task.pipelines),
    }
    if issubclass(session_class, KedroSession):
        of_session["runtime_params"] = parameters
    else:  # Kedro's session for services takes them with each run
        of_run.update(runtime_params=parameters, run_id=run)
    with copying_without_imports(), session_class.create(**of_session) as session:
        session.run(**of_run)


def make_runner(name: str, params: Mapping[str, Any]) -> AbstractRunner:
    """Make a runner; ``max_workers`` defaults to the task's number of cores.

    Raises:
        ArgoError: If there is no such runner class, or it does not take the arguments.

    Examples:
        >>> type(make_runner("ThreadRunner", {"max_workers": 2})).__name__
        'ThreadRunner'
    """
    from kedro import runner as kedro_runners

    from kedro_matrix_ext._import_path import import_object

    if "." in name:
        try:
            kind = import_object(name)
        except ImportPathError as error:
            raise ArgoError(f"there is no such runner: {error.message}", hint=error.hint) from None
    elif name in kedro_runners.__all__:
        kind = getattr(kedro_runners, name)
    else:
        raise ArgoError(
            f"there is no runner {name!r}",
            hint=did_you_mean(name, kedro_runners.__all__) or "Give an import path: package.module.Runner.",
        )
    _require_runner_class(name, kind)
    arguments = {**_default_workers(kind), **params}
    try:
        inspect.signature(kind).bind(**arguments)
    except TypeError as error:
        raise ArgoError(f"runner {name!r} does not take {sorted(arguments)}: {error}") from error
    made: AbstractRunner = kind(**arguments)
    return made


def _require_runner_class(name: str, kind: object) -> None:
    from kedro.runner import AbstractRunner

    if isinstance(kind, type) and issubclass(kind, AbstractRunner) and not inspect.isabstract(kind):
        return
    raise ArgoError(
        f"{name!r} is not a runner class",
        hint="Name a class that derives from kedro.runner.AbstractRunner, by its import path.",
    )


def _default_workers(kind: type) -> dict[str, int]:
    cores = os.environ.get(_CPU_VARIABLE, "")
    takes_workers = "max_workers" in inspect.signature(kind).parameters
    return {"max_workers": int(cores)} if takes_workers and cores.isdecimal() else {}

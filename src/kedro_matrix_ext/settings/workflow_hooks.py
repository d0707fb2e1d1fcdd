"""Hooks whose pipeline-level methods belong to the whole workflow, not to each of its tasks."""

from __future__ import annotations

import inspect
import os
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kedro_matrix_ext._variables import TASK_VARIABLE
from kedro_matrix_ext.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["WorkflowLevelPath", "is_workflow_level", "speaking_for_the_workflow", "workflow_level"]

_METHODS = ("before_pipeline_run", "after_pipeline_run", "on_pipeline_error")
_MARK = "_kedro_matrix_workflow_level"
_speakers: list[None] = []  # not empty while the workflow's own events are sent

Hook = TypeVar("Hook")


class WorkflowLevelPath(str):
    """The import path of a hook that is marked once it is built."""

    __slots__ = ()


def workflow_level(hook: Hook) -> Hook:
    """Let the pipeline-level methods of a hook be called once per workflow, by what runs before and after it.

    In a task of a workflow, the hook's ``before_pipeline_run``, ``after_pipeline_run`` and
    ``on_pipeline_error`` do nothing; its other methods are called as ever. ``kedro run`` outside of a
    workflow is not changed. With ``workflow_hooks: true`` in ``argo.yml``, the workflow's first pod and its
    exit handler call them.

    Args:
        hook: An instance; a class, so it is a decorator too; or, for ``determine_hooks_to_execute``, an
            import path.

    Returns:
        The same, marked.

    Raises:
        SettingsError: If a pipeline-level method is a generator, as hook wrappers are.

    Examples:
        >>> from kedro.framework.hooks import hook_impl
        >>> @workflow_level
        ... class Greeting:
        ...     @hook_impl
        ...     def before_pipeline_run(self):
        ...         print("hello")
        >>> Greeting().before_pipeline_run()
        hello
        >>> os.environ["KEDRO_MATRIX_TASK"] = "train"
        >>> Greeting().before_pipeline_run()
        >>> del os.environ["KEDRO_MATRIX_TASK"]
    """
    if isinstance(hook, str):
        return cast("Hook", WorkflowLevelPath(hook))
    if not is_workflow_level(hook):
        for name in _METHODS:
            method = getattr(hook, name, None)
            if method is not None:
                setattr(hook, name, _mute_in_tasks(method))
        setattr(hook, _MARK, True)
    return hook


def is_workflow_level(hook: object) -> bool:
    """Return whether a hook is marked.

    Args:
        hook: An instance or a class.

    Returns:
        True where ``workflow_level`` was called on it or its class.
    """
    return bool(getattr(hook, _MARK, False))


@contextmanager
def speaking_for_the_workflow() -> Iterator[None]:
    """Send marked hooks pipeline-level events, which are now those of the whole workflow."""
    _speakers.append(None)
    try:
        yield
    finally:
        _speakers.pop()


def _mute_in_tasks(method: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(method):
        raise SettingsError(
            f"{method.__qualname__!r} is a hook wrapper, which cannot be of a workflow",
            hint="Make it a plain @hook_impl, or leave workflow_level out.",
        )

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        if os.environ.get(TASK_VARIABLE) and not _speakers:
            return None
        return method(*args, **kwargs)

    return call

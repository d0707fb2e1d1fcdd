"""Hooks of the workflow level: silent in tasks, called once by what runs before and after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.manager import _create_hook_manager

from kedro_matrix_ext import determine_hooks_to_execute, workflow_level
from kedro_matrix_ext.errors import SettingsError
from kedro_matrix_ext.settings.workflow_hooks import is_workflow_level, speaking_for_the_workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

HEARD: list[str] = []


class Listener:
    """A hook that records its calls."""

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Record a start."""
        HEARD.append(f"start {run_params['run_id']}")

    @hook_impl
    def on_pipeline_error(self, error: Exception) -> None:
        """Record a failure."""
        HEARD.append(f"error {error}")

    @hook_impl
    def before_node_run(self) -> None:
        """Record a node."""
        HEARD.append("node")


@pytest.fixture(autouse=True)
def _silence() -> None:
    HEARD.clear()


def _call_all(hook: object) -> list[str]:
    """Call a hook as a session does, and give what it heard."""
    HEARD.clear()
    manager = _create_hook_manager()
    manager.register(hook)
    told: dict[str, Any] = {"run_params": {"run_id": "x"}, "pipeline": None, "catalog": None}
    manager.hook.before_pipeline_run(**told)
    manager.hook.before_node_run(node=None, catalog=None, inputs={}, is_async=False, run_id="x")
    manager.hook.on_pipeline_error(error=ValueError("broken"), **told)
    return list(HEARD)


def _by_path() -> object:
    path = workflow_level(f"{__name__}.Listener")
    (hook,) = determine_hooks_to_execute({"listener": path})
    return hook


@pytest.mark.parametrize(
    "mark",
    [
        lambda: workflow_level(Listener()),
        workflow_level(workflow_level(type("Marked", (Listener,), {}))),
        _by_path,
    ],
    ids=["instance", "class", "path"],
)
def test_marked_hooks_hear_of_nodes_only_in_tasks(
    mark: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it is marked; outside of workflows, and by the workflow, all are called."""
    hook = mark()
    assert is_workflow_level(hook)
    assert not is_workflow_level(Listener)
    everything = ["start x", "node", "error broken"]
    assert _call_all(hook) == everything
    monkeypatch.setenv("KEDRO_MATRIX_TASK", "train")
    assert _call_all(hook) == ["node"]
    assert _call_all(Listener()) == everything
    with speaking_for_the_workflow():
        assert _call_all(hook) == everything
    assert _call_all(hook) == ["node"]


def test_hook_wrappers_are_refused() -> None:
    """A generator around other hooks cannot be called for a workflow."""

    class Wrapper:
        @hook_impl(wrapper=True)
        def before_pipeline_run(self) -> Generator[None, None, None]:
            yield

    with pytest.raises(SettingsError, match="is a hook wrapper"):
        workflow_level(Wrapper)

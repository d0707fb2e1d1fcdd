from __future__ import annotations

from typing import Any

import pytest
from kedro.framework.hooks import hook_impl

from kedro_matrix_ext import determine_hooks_to_execute
from kedro_matrix_ext.settings.checks import check_hooks
from kedro_matrix_ext.settings.hook_listing import ListedHook, list_hooks


class Greeting:
    """A hook as small as can be."""

    @hook_impl
    def before_pipeline_run(self) -> None:
        """Do nothing."""


def test_a_plain_tuple_of_hooks_is_listed_too() -> None:
    """Hooks are named by class and come after plugins; a plugin may be switched off by the setting alone."""
    listed = list_hooks((Greeting(),), ("kedro-telemetry",))
    enabled = [hook for hook in listed if hook.disabled_by is None]
    assert [hook.order for hook in enabled] == list(range(1, len(enabled) + 1))
    assert listed[-1] == ListedHook("Greeting", f"{__name__}.Greeting", "HOOKS", None, len(enabled))
    (telemetry,) = (hook for hook in listed if hook.source == "kedro-telemetry")
    assert (telemetry.disabled_by, telemetry.order) == ("DISABLE_HOOKS_FOR_PLUGINS", None)


class NoHook:
    """None of its methods is marked."""

    def before_pipeline_run(self) -> None:
        """Do nothing."""


def greet() -> None:
    """Do nothing; pluggy takes a function."""


@pytest.mark.parametrize(
    ("hooks", "words"),
    [
        ((Greeting(),), None),
        ((greet,), None),
        ((Greeting,), "not an instance"),
        ((NoHook(),), "is not a hook"),
        ((f"{__name__}.Greeting",), "determine_hooks_to_execute()"),
        (determine_hooks_to_execute({"one": Greeting, "two": f"{__name__}.Greeting"}), None),
        (determine_hooks_to_execute({"one": NoHook}), "hook 'one'"),
        (determine_hooks_to_execute({"one": "tests.nowhere.Hooks"}), "hook 'one'"),
        (determine_hooks_to_execute({"one": f"{__name__}.Greetings"}), "Did you mean 'Greeting'"),
        ((*determine_hooks_to_execute({}), NoHook()), "is not a hook"),
        (determine_hooks_to_execute({"one": Greeting}) + (NoHook(),), "is not a hook"),  # noqa: RUF005  the sum
    ],
)
def test_hooks_that_cannot_be_used_are_found(hooks: Any, words: str | None) -> None:
    """What cannot be imported or built, and what has no method that Kedro would call."""
    found = check_hooks(hooks)
    assert [each.code for each in found] == ([] if words is None else ["hook-not-loaded"])
    assert all(words in f"{each.message} {each.fix}" for each in found if words)


def test_a_disabled_hook_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with it stops no session."""
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_ONE", "")
    assert check_hooks(determine_hooks_to_execute({"one": "tests.nowhere.Hooks"})) == []

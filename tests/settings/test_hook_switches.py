from __future__ import annotations

import warnings
from operator import add
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.framework.hooks import hook_impl
from kedro.framework.project import _ProjectSettings

from kedro_matrix_ext import determine_hooks_to_execute, plugins_to_disable
from kedro_matrix_ext.errors import HookError, SettingsError
from kedro_matrix_ext.settings import HookSwitchWarning, disable_variable, unmatched_variables
from kedro_matrix_ext.settings.hook_listing import list_hooks

_HERE = __name__


class Greeting:
    """A hook as small as can be."""

    @hook_impl
    def before_pipeline_run(self) -> None:
        """Do nothing."""


class Farewell(Greeting):
    """Another."""


class Particular(Greeting):
    """A hook that needs an argument."""

    def __init__(self, name: str) -> None:
        self.name = name


class NoHook:
    """No method of this is a hook."""

    def before_pipeline_run(self) -> None:
        """Look like a hook."""


@pytest.fixture
def import_path(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the import path of this module, which pytest imports without a name."""
    import sys
    import types

    module = types.ModuleType("km_hooks")
    module.Greeting = Greeting  # type: ignore[attr-defined]
    module.instance = Particular("made elsewhere")  # type: ignore[attr-defined]
    module.NoHook = NoHook  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "km_hooks", module)
    return "km_hooks"


def test_instances_classes_and_import_paths_are_built_in_order(import_path: str) -> None:
    """Each form of entry gives a hook instance, in the order declared, the same ones for every session."""
    given_instance = Particular("given")
    hooks = determine_hooks_to_execute(
        {
            "a": given_instance,
            "b": Farewell,
            "c": f"{import_path}.Greeting",
            "d": f"{import_path}.instance",
        }
    )
    first, second = list(hooks), list(hooks)
    assert [type(hook).__name__ for hook in first] == ["Particular", "Farewell", "Greeting", "Particular"]
    assert first[0] is given_instance
    assert all(one is two for one, two in zip(first, second, strict=True))


@pytest.mark.parametrize("value", ["", "0", "false", "1"])
def test_presence_disables_whatever_the_value(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A disabled entry is neither imported nor built: it may be anything."""
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_NODE_TIMER", value)
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_MY_PLUGIN_V2", value)
    hooks = determine_hooks_to_execute(
        {"node-timer": "no.such.module.Hook", "greeting": Greeting, "my.plugin.v2": NoHook}
    )
    assert [type(hook) for hook in hooks] == [Greeting]
    assert [(switch.name, switch.hook, switch.enabled) for switch in hooks.switches] == [
        ("node-timer", "no.such.module.Hook", False),
        ("greeting", f"{_HERE}.Greeting", True),
        ("my.plugin.v2", f"{_HERE}.NoHook", False),
    ]
    assert repr(hooks) == "SwitchedHooks(node-timer: off, greeting: on, my.plugin.v2: off)"


@settings(deadline=None)  # the machine may be busy
@given(st.from_regex(r"[A-Za-z0-9_.-]+", fullmatch=True))
def test_every_name_has_a_variable_that_a_shell_can_set(name: str) -> None:
    """The variable is made of capitals, digits and underscores, and the hook is off while it is set."""
    variable = disable_variable(name)
    assert variable.replace("_", "").isalnum()
    assert variable == variable.upper()
    with pytest.MonkeyPatch.context() as patch:
        assert [*determine_hooks_to_execute({name: Greeting})] != []
        patch.setenv(variable, "")
        assert [*determine_hooks_to_execute({name: Greeting})] == []


@pytest.mark.parametrize(
    ("hooks", "message"),
    [
        ([Greeting], "a mapping of names to hooks, not .* of type 'list'"),
        ({"a b": Greeting}, "'a b' is not a name for a hook"),
        ({"": Greeting}, "'' is not a name for a hook"),
        ({1: Greeting}, "1 is not a name for a hook"),
        ({"a-b": Greeting, "a.B": Greeting}, "'a-b' and 'a.B' share the variable 'KEDRO_HOOKS_DISABLE_A_B'"),
        ({"a": "shop/hooks.py"}, "hook 'a': 'shop/hooks.py' is not an import path"),
    ],
)
def test_names_are_checked_at_once(hooks: Any, message: str) -> None:
    """Settings that cannot be right are an error where they are written, before any session."""
    with pytest.raises(SettingsError, match=message):
        determine_hooks_to_execute(hooks)


def test_what_is_no_hook_is_reported_when_a_session_starts(import_path: str) -> None:
    """Nothing is imported before; then the error names the entry, and the cause is kept."""
    broken: dict[str, tuple[object, str]] = {
        "missing": ("km_no_such.Hook", r"hook 'missing': cannot import 'km_no_such.Hook'"),
        "typo": (f"{import_path}.Greting", r"hook 'typo': .*has no attribute 'Greting'\n.*'Greeting'"),
        "deep": (
            "json.hooks.X",
            r"'json' has no attribute 'hooks'\n.*Correct the path.* Or switch it off: set",
        ),
        "plain": (f"{import_path}.NoHook", r"hook 'plain': 'km_hooks.NoHook' is not a hook"),
        "needy": (Particular, r"hook 'needy': .*Particular\(\) raised TypeError"),
        "nothing": (None, r"hook 'nothing': 'builtins.NoneType' is not a hook"),
    }
    for name, (entry, message) in broken.items():
        hooks = determine_hooks_to_execute({"fine": Greeting, name: entry})
        with pytest.raises(HookError, match=message) as caught:
            list(hooks)
        assert (caught.value.__cause__ is not None) == (name in {"missing", "typo", "deep", "needy"})


def test_a_variable_that_matches_no_hook_is_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """The warning comes when a session starts, once plugins are known, with the nearest name."""
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_SPRAK", "1")
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_VIZ", "1")
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_XYZ", "1")
    hooks = determine_hooks_to_execute({"spark": Greeting})
    assert plugins_to_disable(hooks, {"viz": "kedro-viz"}) == ("kedro-viz",)
    with pytest.warns(HookSwitchWarning) as caught:
        list(hooks)
    assert [str(warning.message) for warning in caught] == [
        "'KEDRO_HOOKS_DISABLE_SPRAK' is set and matches no hook. Did you mean 'KEDRO_HOOKS_DISABLE_SPARK'?",
        "'KEDRO_HOOKS_DISABLE_XYZ' is set and matches no hook.",
    ]
    assert unmatched_variables(["spark"]) == {
        "KEDRO_HOOKS_DISABLE_SPRAK": "spark",
        "KEDRO_HOOKS_DISABLE_XYZ": None,
    }


def test_a_variable_in_lower_case_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables are case-sensitive; the warning says which one was meant."""
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_spark", "1")
    with pytest.warns(HookSwitchWarning, match="Did you mean 'KEDRO_HOOKS_DISABLE_SPARK'"):
        assert len(list(determine_hooks_to_execute({"spark": Greeting}))) == 1


def test_plugins_are_disabled_by_variable_or_by_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both forms of the first argument do; a distribution is written as installed, as Kedro compares."""
    plugins = {"mlflow": "Kedro.MLflow", "telemetry": "kedro.TELEMETRY", "other": "no such name"}
    assert plugins_to_disable({}, plugins) == ()
    assert plugins_to_disable({"mlflow": Greeting}, plugins) == ("Kedro.MLflow",)
    assert plugins_to_disable(determine_hooks_to_execute({"mlflow": Greeting}), plugins) == ("Kedro.MLflow",)
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_TELEMETRY", "")
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_OTHER", "")
    assert plugins_to_disable({}, plugins) == ("kedro-telemetry", "no such name")
    with pytest.raises(SettingsError, match="share the variable"):
        plugins_to_disable({"ml-flow": Greeting}, {"ml.flow": "kedro-mlflow"})


def test_hooks_are_counted_indexed_and_added_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with the list that other projects have: what is switched off is not among them."""
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_OFF", "")
    own, other = Greeting(), Greeting()
    hooks = determine_hooks_to_execute({"on": Farewell, "off": "no.such.module.Hook"})
    assert len(hooks) == 1
    assert isinstance(hooks[0], Farewell)
    assert hooks[-1] is hooks[0]
    assert hooks[:] == (hooks[0],)
    with pytest.raises(IndexError):
        hooks[1]
    for added in (hooks + [own], hooks + (own,)):  # noqa: RUF005  what is tested
        assert list(added) == [hooks[0], own]
    for added in ([own] + hooks, (own,) + hooks):  # noqa: RUF005  what is tested
        assert list(added) == [own, hooks[0]]
    assert list(add(add([own], hooks), (other,))) == [own, hooks[0], other]
    assert repr(add([own], hooks)) == "SwitchedHooks(Greeting, on: on, off: off)"
    assert bool(hooks)
    assert not determine_hooks_to_execute({})


def test_two_mappings_of_hooks_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is imported for it; a name or variable that both have is an error."""
    hooks = determine_hooks_to_execute({"a": Greeting}) + determine_hooks_to_execute({"b": "no.such.Hook"})
    assert [switch.name for switch in hooks.switches] == ["a", "b"]
    monkeypatch.setenv("KEDRO_HOOKS_DISABLE_B", "")
    assert [type(hook) for hook in hooks] == [Greeting]
    with pytest.raises(SettingsError, match="two hooks are called 'a'"):
        hooks + determine_hooks_to_execute({"a": Farewell})
    with pytest.raises(SettingsError, match="share the variable"):
        hooks + determine_hooks_to_execute({"A": Farewell})
    with pytest.raises(TypeError):
        hooks + 3  # type: ignore[operator]


def test_hooks_that_are_added_are_listed() -> None:
    """`kedro matrix hooks` lists them in their place, under the name of their class."""
    hooks = add(determine_hooks_to_execute({"a": Greeting}), [Farewell()])
    listed = [hook for hook in list_hooks(hooks) if hook.source == "HOOKS"]
    assert [(hook.name, hook.disabled_by) for hook in listed] == [("Farewell", None), ("a", None)]


def test_a_function_is_passed_on_with_a_warning() -> None:
    """Kedro registers it and calls nothing of it; a warning says so."""

    def greet() -> None:
        """Do nothing."""

    with pytest.warns(HookSwitchWarning, match="hook 'greet': .*greet' is a function, which Kedro registers"):
        assert list(determine_hooks_to_execute({"greet": greet})) == [greet]


def test_kedros_settings_keep_the_iterable_as_it_is() -> None:
    """Kedro's settings neither copy nor iterate over it while they are read and validated."""
    hooks = determine_hooks_to_execute({"broken": "no.such.module.Hook"})
    settings = _ProjectSettings()
    settings.set("HOOKS", hooks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        settings.validators.validate()
    assert settings.HOOKS is hooks

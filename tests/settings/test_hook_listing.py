from __future__ import annotations

from kedro.framework.hooks import hook_impl

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

"""Check that hooks can be used, and that variables that should switch hooks off do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.settings.hook_listing import list_hooks
from kedro_matrix_ext.settings.hook_names import disable_variable
from kedro_matrix_ext.settings.hook_switches import unmatched_variables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext.errors import HookError

__all__ = ["check_hooks"]


def check_hooks(hooks: Iterable[object], disabled_plugins: Iterable[str] = ()) -> list[Finding]:
    """Find hooks that cannot be used, and variables ``KEDRO_HOOKS_DISABLE_`` that match none.

    Args:
        hooks: The project's ``settings.HOOKS``.
        disabled_plugins: The project's ``settings.DISABLE_HOOKS_FOR_PLUGINS``.

    Returns:
        A finding ``hook-not-loaded`` per hook and ``unmatched-disable-variable`` per variable.
    """
    listed = list_hooks(hooks, disabled_plugins, check=True)
    errors = [hook.error for hook in listed if hook.error is not None]
    unmatched = unmatched_variables(hook.name for hook in listed if hook.source == "HOOKS")
    return [
        *(_report_hook(error) for error in errors),
        *(_report(variable, nearest) for variable, nearest in unmatched.items()),
    ]


def _report_hook(error: HookError) -> Finding:
    place = Location(config_path="settings: HOOKS")
    return finding("hook-not-loaded", error.message, fix=error.hint, location=place)


def _report(variable: str, nearest: str | None) -> Finding:
    meant = f" Did you mean {disable_variable(nearest)!r}?" if nearest else ""
    return finding(
        "unmatched-disable-variable",
        f"{variable!r} is set and matches no hook",
        fix=f"Correct its name, or unset it.{meant}",
        location=Location(config_path=f"environment variable {variable}"),
    )

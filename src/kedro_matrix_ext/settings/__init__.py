"""What ``settings.py`` calls: variables from files, and hooks that variables switch off.

``hook_listing``, which only commands need, is imported by them.
"""

from kedro_matrix_ext.settings.dotenv import load_environment_variables
from kedro_matrix_ext.settings.hook_names import HookSwitchWarning, disable_variable
from kedro_matrix_ext.settings.hook_switches import (
    HookSwitch,
    SwitchedHooks,
    determine_hooks_to_execute,
    plugins_to_disable,
    unmatched_variables,
)
from kedro_matrix_ext.settings.workflow_hooks import workflow_level

__all__ = [
    "HookSwitch",
    "HookSwitchWarning",
    "SwitchedHooks",
    "determine_hooks_to_execute",
    "disable_variable",
    "load_environment_variables",
    "plugins_to_disable",
    "unmatched_variables",
    "workflow_level",
]

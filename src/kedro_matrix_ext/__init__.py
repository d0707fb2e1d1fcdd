"""Layered configuration, dynamic pipelines, YAML-declared objects and checked Argo Workflows for Kedro.

What ``settings.py`` and node modules use is re-exported here. Nothing is imported until it is asked for, so
``import kedro_matrix_ext`` costs nothing. Argo, hooks and fabrication have their own subpackages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily

if TYPE_CHECKING:
    from kedro_matrix_ext.config import LayeredConfigLoader as LayeredConfigLoader
    from kedro_matrix_ext.config import config_loader_args as config_loader_args
    from kedro_matrix_ext.config.transcoding_mixin import TranscodingMixin as TranscodingMixin
    from kedro_matrix_ext.deferred_imports.registration import defer_node_imports as defer_node_imports
    from kedro_matrix_ext.errors import KedroMatrixError as KedroMatrixError
    from kedro_matrix_ext.injection.decorators.column_patterns import (
        make_list_regexable as make_list_regexable,
    )
    from kedro_matrix_ext.injection.decorators.inject_object import inject_object as inject_object
    from kedro_matrix_ext.injection.decorators.unpack_params import unpack_params as unpack_params
    from kedro_matrix_ext.injection.objects.instantiation import instantiate as instantiate
    from kedro_matrix_ext.pipelines.mapping import dynamic_pipeline_mapping as dynamic_pipeline_mapping
    from kedro_matrix_ext.settings.dotenv import load_environment_variables as load_environment_variables
    from kedro_matrix_ext.settings.hook_switches import (
        determine_hooks_to_execute as determine_hooks_to_execute,
    )
    from kedro_matrix_ext.settings.hook_switches import plugins_to_disable as plugins_to_disable
    from kedro_matrix_ext.settings.workflow_hooks import workflow_level as workflow_level

__version__ = "0.1.0"

__all__ = [
    "KedroMatrixError",
    "LayeredConfigLoader",
    "TranscodingMixin",
    "__version__",
    "config_loader_args",
    "defer_node_imports",
    "determine_hooks_to_execute",
    "dynamic_pipeline_mapping",
    "inject_object",
    "instantiate",
    "load_environment_variables",
    "make_list_regexable",
    "plugins_to_disable",
    "unpack_params",
    "workflow_level",
]

# Exported name -> the module that defines it.
_EXPORTS: dict[str, str] = {
    "KedroMatrixError": "errors",
    "LayeredConfigLoader": "config",
    "TranscodingMixin": "config.transcoding_mixin",
    "config_loader_args": "config",
    "defer_node_imports": "deferred_imports.registration",
    "determine_hooks_to_execute": "settings.hook_switches",
    "dynamic_pipeline_mapping": "pipelines.mapping",
    "inject_object": "injection.decorators.inject_object",
    "instantiate": "injection.objects.instantiation",
    "load_environment_variables": "settings.dotenv",
    "make_list_regexable": "injection.decorators.column_patterns",
    "plugins_to_disable": "settings.hook_switches",
    "unpack_params": "injection.decorators.unpack_params",
    "workflow_level": "settings.workflow_hooks",
}

__getattr__, __dir__ = export_lazily(__name__, _EXPORTS)

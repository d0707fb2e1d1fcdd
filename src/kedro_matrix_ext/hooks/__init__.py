"""One hook class per file, each named in ``settings.py`` by ``kedro_matrix_ext.hooks.<Class>``.

Nothing is imported until it is asked for: naming one hook imports no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily

if TYPE_CHECKING:
    from kedro_matrix_ext.hooks.mlflow_run import MLFlowHooks as MLFlowHooks
    from kedro_matrix_ext.hooks.mlflow_run import MLflowHooks as MLflowHooks
    from kedro_matrix_ext.hooks.node_timing import NodeTimerHooks as NodeTimerHooks
    from kedro_matrix_ext.hooks.progress import ProgressHooks as ProgressHooks
    from kedro_matrix_ext.hooks.spark_session import SparkHooks as SparkHooks

__all__ = ["MLFlowHooks", "MLflowHooks", "NodeTimerHooks", "ProgressHooks", "SparkHooks"]

# Exported name -> the module that defines it.
_EXPORTS: dict[str, str] = {
    "MLFlowHooks": "mlflow_run",
    "MLflowHooks": "mlflow_run",
    "NodeTimerHooks": "node_timing",
    "ProgressHooks": "progress",
    "SparkHooks": "spark_session",
}

__getattr__, __dir__ = export_lazily(__name__, _EXPORTS)

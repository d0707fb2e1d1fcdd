"""Hook classes for ``settings.py``, named ``kedro_matrix_ext.hooks.<Class>``, and what reads their records.

Each name is imported on first use: naming one hook imports no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily

if TYPE_CHECKING:
    from kedro_matrix_ext.hooks.mlflow.hooks import MLFlowHooks as MLFlowHooks
    from kedro_matrix_ext.hooks.mlflow.hooks import MLflowHooks as MLflowHooks
    from kedro_matrix_ext.hooks.progress import ProgressHooks as ProgressHooks
    from kedro_matrix_ext.hooks.spark.hooks import SparkHooks as SparkHooks
    from kedro_matrix_ext.hooks.timing.hooks import NodeTimerHooks as NodeTimerHooks
    from kedro_matrix_ext.hooks.timing.records import NodeTiming as NodeTiming
    from kedro_matrix_ext.hooks.timing.records import read_node_timings as read_node_timings

__all__ = [
    "MLFlowHooks",
    "MLflowHooks",
    "NodeTimerHooks",
    "NodeTiming",
    "ProgressHooks",
    "SparkHooks",
    "read_node_timings",
]

# Exported name -> the module that defines it.
_EXPORTS: dict[str, str] = {
    "MLFlowHooks": "mlflow.hooks",
    "MLflowHooks": "mlflow.hooks",
    "NodeTimerHooks": "timing.hooks",
    "NodeTiming": "timing.records",
    "ProgressHooks": "progress",
    "SparkHooks": "spark.hooks",
    "read_node_timings": "timing.records",
}

__getattr__, __dir__ = export_lazily(__name__, _EXPORTS)

"""One hook class per file, each named in ``settings.py`` by ``kedro_matrix_ext.hooks.<Class>``.

Nothing is imported until it is asked for: naming one hook imports no other.
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

__all__ = ["MLFlowHooks", "MLflowHooks", "NodeTimerHooks", "ProgressHooks", "SparkHooks"]

# Exported name -> the module that defines it.
_EXPORTS: dict[str, str] = {
    "MLFlowHooks": "mlflow.hooks",
    "MLflowHooks": "mlflow.hooks",
    "NodeTimerHooks": "timing.hooks",
    "ProgressHooks": "progress",
    "SparkHooks": "spark.hooks",
}

__getattr__, __dir__ = export_lazily(__name__, _EXPORTS)

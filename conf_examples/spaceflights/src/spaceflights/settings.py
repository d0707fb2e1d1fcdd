"""What the project takes from kedro_matrix_ext."""

from kedro_matrix_ext import (
    LayeredConfigLoader,
    config_loader_args,
    defer_node_imports,
    determine_hooks_to_execute,
    dynamic_pipeline_mapping,
    load_environment_variables,
)

load_environment_variables()
defer_node_imports()
DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping(
    {
        "reviews_predictor": ["base", "test1"],
        "price_predictor": ["base", "candidate1", "candidate2", "candidate3"],
    }
)
CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
HOOKS = determine_hooks_to_execute(
    {
        "mlflow": "kedro_matrix_ext.hooks.MLflowHooks",
        "node_timer": "kedro_matrix_ext.hooks.NodeTimerHooks",
        "progress": "kedro_matrix_ext.hooks.ProgressHooks",
        "spark": "kedro_matrix_ext.hooks.SparkHooks",
    }
)

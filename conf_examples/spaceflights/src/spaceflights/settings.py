"""Plain Kedro settings until the library's parts are there."""

from pathlib import Path

from dotenv import load_dotenv
from omegaconf import OmegaConf
from omegaconf.resolvers import oc

from kedro_matrix_ext import dynamic_pipeline_mapping

load_dotenv(Path(__file__).parents[2] / ".env.defaults")

DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping(
    {
        "reviews_predictor": ["base", "test1"],
        "price_predictor": ["base", "candidate1", "candidate2", "candidate3"],
    }
)
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "merge_strategy": {"parameters": "soft", "globals": "soft"},
    "custom_resolvers": {"oc.env": oc.env, "merge": OmegaConf.merge},
}

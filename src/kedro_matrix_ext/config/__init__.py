"""Configuration that layers: environments, merging, resolving, provenance."""

from __future__ import annotations

from kedro_matrix_ext.config.layers.environments import Environment, EnvironmentChain
from kedro_matrix_ext.config.loader import LayeredConfigLoader
from kedro_matrix_ext.config.loader_args import config_loader_args

__all__ = ["Environment", "EnvironmentChain", "LayeredConfigLoader", "config_loader_args"]

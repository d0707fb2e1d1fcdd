"""Configuration that layers: environments, merging, resolving, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily
from kedro_matrix_ext.config.layers.environments import Environment, EnvironmentChain
from kedro_matrix_ext.config.loader import LayeredConfigLoader
from kedro_matrix_ext.config.loader_args import config_loader_args

if TYPE_CHECKING:
    from kedro_matrix_ext.config.inspection.provenance import find_provenance as find_provenance

__all__ = ["Environment", "EnvironmentChain", "LayeredConfigLoader", "config_loader_args", "find_provenance"]

__getattr__, __dir__ = export_lazily(__name__, {"find_provenance": "inspection.provenance"})

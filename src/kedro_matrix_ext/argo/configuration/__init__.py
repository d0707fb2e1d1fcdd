"""``argo.yml``: its models, and how it is read from a project's configuration."""

from kedro_matrix_ext.argo.configuration.loading import load_argo_config, parse_argo_config
from kedro_matrix_ext.argo.configuration.machines import MachineType
from kedro_matrix_ext.argo.configuration.model import ArgoConfig
from kedro_matrix_ext.argo.configuration.rules import Rule

__all__ = ["ArgoConfig", "MachineType", "Rule", "load_argo_config", "parse_argo_config"]

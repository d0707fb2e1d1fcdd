"""Which templates run before all tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.constants import HOOKS_INIT_TEMPLATE, MLFLOW_INIT_TEMPLATE

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.configuration.model import ArgoConfig

__all__ = ["name_init_templates"]


def name_init_templates(config: ArgoConfig) -> list[str]:
    """Return the init templates that ``argo.yml`` names, and the built-in ones that it turns on."""
    names = list(dict.fromkeys(config.template.init_templates))
    if config.mlflow and MLFLOW_INIT_TEMPLATE not in names:
        names.append(MLFLOW_INIT_TEMPLATE)
    if config.workflow_hooks:
        names.append(HOOKS_INIT_TEMPLATE)
    return names

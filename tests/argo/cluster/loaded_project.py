"""What commands know of a project after they have loaded it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from kedro_matrix_ext.cli.argo.pod_values import PodValues
from kedro_matrix_ext.resolvers.placeholders import Placeholders

if TYPE_CHECKING:
    from kedro_matrix_ext.argo import ArgoConfig

__all__ = ["loaded"]


def loaded(config: ArgoConfig) -> SimpleNamespace:
    """Stand in for a loaded project with this ``argo.yml`` and no variables that only a pod has."""
    return SimpleNamespace(config=config, pod=PodValues(Placeholders(())))

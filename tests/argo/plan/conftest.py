"""Fixtures of the planning tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def make_config() -> Callable[..., ArgoConfig]:
    """Models of an `argo.yml` with a small and a GPU machine: ``make_config(rules=[...])``."""

    def make(**sections: Any) -> ArgoConfig:
        machines = {"small": {"mem": 4, "cpu": 1}, "gpu": {"mem": 16, "cpu": 4, "num_gpu": 1}}
        return ArgoConfig.model_validate(
            {"machine_types": machines, "default_machine_type": "small", **sections}
        )

    return make


@pytest.fixture
def config(make_config: Callable[..., ArgoConfig]) -> ArgoConfig:
    """Models of a plain `argo.yml`."""
    return make_config()

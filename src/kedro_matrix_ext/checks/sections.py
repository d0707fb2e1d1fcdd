"""Files that have a model: ``argo.yml`` and ``tracking.yml``, held to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kedro_matrix_ext.argo.configuration.model import ArgoConfig
from kedro_matrix_ext.config.missing_variables import holds_unresolved
from kedro_matrix_ext.findings import Finding, finding
from kedro_matrix_ext.hooks.tracking_config import TrackingConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

    from kedro_matrix_ext.checks.loading import LoadedEnvironment

__all__ = ["MODELS", "check_section"]

MODELS: dict[str, type[BaseModel]] = {"argo": ArgoConfig, "tracking": TrackingConfig}
"""Per configuration type its model."""


def check_section(
    loaded: LoadedEnvironment, config_type: str, values: Mapping[str, Any]
) -> Iterator[Finding]:
    """Hold one type of configuration to its model.

    Args:
        loaded: The environment.
        config_type: A type that has a model.
        values: What is configured.

    Yields:
        A finding ``invalid-configuration`` for each mistake, at its place.
    """
    try:
        MODELS[config_type].model_validate(values)
    except ValidationError as error:
        for detail in error.errors():
            if not holds_unresolved(detail["input"]):
                yield finding(
                    "invalid-configuration",
                    detail["msg"].removeprefix("Value error, "),
                    location=loaded.locate(config_type, detail["loc"]),
                )

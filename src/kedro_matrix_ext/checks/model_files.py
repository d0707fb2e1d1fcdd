"""Files that have a model: ``argo.yml`` and ``tracking.yml``, held to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext.config.interpolation.missing_variables import holds_unresolved
from kedro_matrix_ext.findings import Finding, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro_matrix_ext.checks.loading import LoadedEnvironment

__all__ = ["MODELS", "check_section", "check_spark_options"]

MODELS = {
    "argo": "kedro_matrix_ext.argo.configuration.model.ArgoConfig",
    "tracking": "kedro_matrix_ext.hooks.mlflow.config.TrackingConfig",
}
"""Per configuration type the import path of its model; models cost start-up time."""


def check_section(
    loaded: LoadedEnvironment, config_type: str, values: Mapping[str, Any]
) -> Iterator[Finding]:
    """Hold one type of configuration to its model.

    Yields:
        A finding ``invalid-configuration`` for each mistake, at its place.
    """
    from pydantic import ValidationError

    from kedro_matrix_ext._section import read_errors

    try:
        import_object(MODELS[config_type]).model_validate(values)
    except ValidationError as error:
        for each in read_errors(error):
            if not holds_unresolved(each.value):
                yield finding(
                    "invalid-configuration",
                    each.message,
                    location=loaded.locate(config_type, each.keys),
                )


def check_spark_options(loaded: LoadedEnvironment, options: Mapping[str, Any]) -> Iterator[Finding]:
    """Hold ``spark.yml`` to what ``SparkHooks`` takes.

    Yields:
        A finding ``invalid-configuration`` for each option that it refuses.
    """
    from kedro_matrix_ext.hooks.spark.options import find_mistakes

    known = {name: value for name, value in options.items() if not holds_unresolved(value)}
    for name, mistake in find_mistakes(known):
        location = loaded.locate("spark", [name])
        yield finding("invalid-configuration", f"SparkHooks refuses {name!r}: {mistake}", location=location)

"""What ``tracking.yml`` may say; imported with the first context, as pydantic models cost start-up time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PositiveFloat, ValidationError

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._section import ModelError, Section, read_errors
from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LoggedConfig", "MetricsConfig", "TrackingConfig", "parse_tracking_config"]


def _read_patterns(value: object) -> object:
    """Take ``true`` for everything and ``false`` for nothing."""
    if isinstance(value, bool):
        return ("*",) if value else ()
    return value


class MetricsConfig(Section):
    """Whose numbers become metrics; patterns as in the shell, ``*.metrics``.

    Attributes:
        datasets: Datasets, by name.
        nodes: Nodes, by name: all their outputs that are numbers.
    """

    datasets: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()


class LoggedConfig(Section):
    """What goes into the run.

    Attributes:
        parameters: Which of the parameters that the pipeline uses: ``true``, ``false``, or patterns.
        metrics: Which numbers.
    """

    parameters: Annotated[tuple[str, ...], BeforeValidator(_read_patterns)] = ("*",)
    metrics: MetricsConfig = MetricsConfig()


class TrackingConfig(Section):
    """The content of ``tracking.yml``.

    Attributes:
        tracking_uri: MLflow's store; by default ``MLFLOW_TRACKING_URI``, else ``sqlite:///mlruns.db``.
            Relative paths are under the project.
        artifact_location: Where a new experiment keeps its artifacts; by default ``mlartifacts`` under the
            project for a store on this machine, and what the server says for any other.
        experiment: The experiment; by default ``MLFLOW_EXPERIMENT_NAME``, else the project's package.
        run_name: The run's name; by default Kedro's run id.
        tags: Tags to add.
        log: What goes into the run.
        required: Whether a store that does not answer stops the run; a warning if not.
        timeout: How long to wait for the store's first answer, in seconds.
    """

    tracking_uri: str | None = None
    artifact_location: str | None = None
    experiment: str | None = None
    run_name: str | None = None
    tags: dict[str, str | int | float | bool] = Field(default_factory=dict)
    log: LoggedConfig = LoggedConfig()
    required: bool = True
    timeout: PositiveFloat = 5.0


def parse_tracking_config(config: Mapping[str, Any]) -> TrackingConfig:
    """Check the content of ``tracking.yml``.

    Raises:
        HookError: If anything in it is unknown or of the wrong type; all mistakes in one error.

    Examples:
        >>> parse_tracking_config({"log": {"parameters": False}}).log.parameters
        ()
    """
    try:
        return TrackingConfig.model_validate(dict(config))
    except ValidationError as error:
        lines = dict.fromkeys(map(_render, read_errors(error)))
        raise HookError(
            "tracking.yml cannot be used:\n" + "\n".join(lines), config_path="tracking"
        ) from error


def _render(error: ModelError) -> str:
    keys = error.keys[:2] if error.keys[0] == "tags" else error.keys  # what follows names a branch of a union
    given = "" if error.kind == "extra_forbidden" else f", not {error.value!r}"
    return f"  {render_config_path('tracking', keys)}: {error.message}{given}"

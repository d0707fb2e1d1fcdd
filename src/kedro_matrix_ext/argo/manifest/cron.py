"""The part of a ``CronWorkflow`` that says when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.configuration.workflow import Schedule

__all__ = ["render_schedule"]


def render_schedule(
    schedule: Schedule | str | None, config: ArgoConfig, labels: dict[str, str], spec: dict[str, Any]
) -> dict[str, Any]:
    """Write the specification of a ``CronWorkflow``.

    Raises:
        ArgoError: If there is no schedule, or it is invalid.
    """
    chosen = _choose(schedule, config)
    optional = {
        "timezone": chosen.timezone,
        "concurrencyPolicy": chosen.concurrency,
        "startingDeadlineSeconds": chosen.starting_deadline,
        "suspend": chosen.suspend or None,
    }
    return {
        "schedules": list(chosen.cron),
        **{key: value for key, value in optional.items() if value is not None},
        "workflowMetadata": {"labels": labels},
        "workflowSpec": spec,
    }


def _choose(schedule: Schedule | str | None, config: ArgoConfig) -> Schedule:
    from pydantic import ValidationError

    from kedro_matrix_ext._section import read_errors
    from kedro_matrix_ext.argo.configuration.workflow import Schedule

    if isinstance(schedule, Schedule):
        return schedule
    if schedule is None:
        if config.schedule is None:
            raise ArgoError(
                "a CronWorkflow needs a schedule",
                config_path="argo: schedule",
                hint="Give one there or with '--schedule', for instance '0 6 * * 1-5'.",
            )
        return config.schedule
    rest = config.schedule.model_dump(exclude_unset=True, exclude={"cron"}) if config.schedule else {}
    try:
        return Schedule.model_validate({**rest, "cron": schedule})
    except ValidationError as error:
        messages = "; ".join(each.message for each in read_errors(error))
        raise ArgoError(messages, hint="For instance '0 6 * * 1-5': weekdays at six.") from error

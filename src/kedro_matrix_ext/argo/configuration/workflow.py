"""What applies to the whole workflow: retries, deadlines, clean-up, placement, schedule, hardening."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.cron import check_schedule, check_timezone
from kedro_matrix_ext.argo.configuration.field_types import (  # noqa: TC001  fields' types
    Count,
    PositiveCount,
    PositiveSeconds,
    Seconds,
)
from kedro_matrix_ext.argo.configuration.kubernetes_types import (  # noqa: TC001  fields' types
    LabelKey,
    LabelValue,
    SubdomainName,
)
from kedro_matrix_ext.argo.configuration.retry_expressions.check import check_expression

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "Backoff",
    "Deadlines",
    "Hardening",
    "PodGC",
    "Retries",
    "Schedule",
    "Spot",
    "TimeToLive",
    "Toleration",
]

_WORD = re.compile(r"\w+")
_SPOT = (
    "lastRetry.status == 'Error' || lastRetry.exitCode in ['143','75'] || "
    "lastRetry.message matches '(?i)imminent node shutdown|pod deleted|draining|evict|preempt'"
)
_PRESETS = ("none", "spot")


class Backoff(Section):
    """How long Argo waits before it retries a task."""

    duration: Seconds = 60
    """The first wait: seconds, or text such as ``5m``."""
    factor: PositiveCount = 2
    """The factor by which each further wait is longer."""
    max_duration: Seconds | None = None
    """When it gives up: seconds, or text such as ``1h``."""


class Retries(Section):
    """When a failed task is retried.

    Examples:
        >>> Retries.model_validate("spot").limit, Retries().expression is None
        (3, True)
    """

    limit: Count = 0
    """The maximum number of retries; 0 disables them."""
    expression: Annotated[str, AfterValidator(check_expression)] | None = None
    """An Argo expression over ``lastRetry``, whose exit code is a string; without one, ``policy`` decides."""
    policy: Literal["Always", "OnFailure", "OnError", "OnTransientError"] | None = None
    """Argo's ``retryPolicy``; by default ``Always`` with an expression and ``OnFailure`` without."""
    backoff: Backoff = Backoff()
    """How long to wait in between."""

    @model_validator(mode="before")
    @classmethod
    def _expand_preset(cls, data: object) -> object:
        return _expand_retries(data)


def _expand_retries(data: object) -> object:
    """Expand a preset: a string alone, or under ``preset`` next to settings that override it."""
    if isinstance(data, str):
        if data not in _PRESETS and _WORD.fullmatch(data):
            raise ValueError(
                f"{data!r} is not a preset of retries. {did_you_mean(data, _PRESETS)} "
                f"Presets are {', '.join(_PRESETS)}; anything longer is an expression."
            )
        data = {"preset": data} if data in _PRESETS else {"expression": data, "limit": 3}
    if isinstance(data, int) and not isinstance(data, bool):
        raise ValueError(f"{data} is a number. Write how often under 'limit': {{limit: {data}}}.")  # noqa: TRY004
    if isinstance(data, dict) and data.get("preset") in _PRESETS:
        own = {key: value for key, value in data.items() if key != "preset"}
        preset: dict[str, Any] = {} if data["preset"] == "none" else {"limit": 3, "expression": _SPOT}
        return {**preset, **own}
    return data


class Deadlines(Section):
    """How long the workflow and a task may take."""

    workflow: PositiveSeconds | None = None
    """The whole workflow: seconds, or text such as ``12h``."""
    task: PositiveSeconds | None = None
    """One attempt at a task: seconds, or text such as ``2h``."""


def _as_strategy(value: object) -> object:
    return {"strategy": value} if isinstance(value, str) else value


class PodGC(Section):
    """When the pods of tasks are deleted, and their logs with them."""

    strategy: Literal["OnPodCompletion", "OnPodSuccess", "OnWorkflowCompletion", "OnWorkflowSuccess"]
    """Argo's strategy."""
    delay: Seconds = 0
    """How much later they are deleted: seconds, or text such as ``10m``."""


def _as_completion(value: object) -> object:
    return {"after_completion": value} if isinstance(value, str | int) else value


class TimeToLive(Section):
    """When a finished workflow is deleted."""

    after_completion: Seconds | None = None
    """After it finished, in any way: seconds, or text such as ``7d``."""
    after_success: Seconds | None = None
    """After it succeeded."""
    after_failure: Seconds | None = None
    """After it failed."""


class Toleration(Section):
    """A toleration of tasks for a taint of machines, as in Kubernetes."""

    key: LabelKey | None = None
    """The taint's key; by default all taints."""
    operator: Literal["Exists", "Equal"] = "Exists"
    """Whether ``value`` must be equal."""
    value: LabelValue | None = None
    """The taint's value, for ``Equal``."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """The taint's effect; by default all effects."""
    seconds: Seconds | None = None
    """How long a ``NoExecute`` taint is tolerated."""

    @model_validator(mode="before")
    @classmethod
    def _compare_values(cls, data: object) -> object:
        """Default to the operator ``Equal`` where a value is given, as Kubernetes does."""
        if isinstance(data, dict) and data.get("value") is not None and "operator" not in data:
            return {**data, "operator": "Equal"}
        return data

    @model_validator(mode="after")
    def _check_value(self) -> Self:
        if self.operator == "Exists" and self.value is not None:
            raise ValueError("operator 'Exists' takes no 'value'")
        if self.operator == "Equal" and self.key is None:
            raise ValueError("operator 'Equal' needs a 'key'")
        if self.seconds is not None and self.effect != "NoExecute":
            raise ValueError(
                "'seconds' needs the effect 'NoExecute'; other taints do not remove running pods"
            )
        return self


_SPOT_MACHINES = {
    "gke": {"cloud.google.com/gke-spot": "true"},
    "aks": {"kubernetes.azure.com/scalesetpriority": "spot"},
    "eks": {"eks.amazonaws.com/capacityType": "SPOT"},
    "karpenter": {"karpenter.sh/capacity-type": "spot"},
}


def _as_spot(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in _SPOT_MACHINES:
        raise ValueError(
            f"{value!r} is not a preset of spot machines. {did_you_mean(value, _SPOT_MACHINES)} "
            f"Presets are {', '.join(_SPOT_MACHINES)}; or give 'node_selector' and 'tolerations'."
        )
    labels = _SPOT_MACHINES[value]
    return {
        "node_selector": labels,
        "tolerations": [
            {"key": key, "value": label, "effect": "NoSchedule"} for key, label in labels.items()
        ],
    }


class Spot(Section):
    """Spot machines for the first attempts of each task."""

    node_selector: Annotated[dict[LabelKey, LabelValue], Field(min_length=1)]
    """The labels of spot machines."""
    tolerations: tuple[Toleration, ...] = ()
    """The tolerations that they need."""
    attempts: int = Field(default=1, ge=1)
    """How many attempts run on spot machines; the next ones run on any other machine."""


def _list_cron(value: object) -> object:
    return (value,) if isinstance(value, str) else value


_CronLine = Annotated[str, AfterValidator(check_schedule)]


def _as_schedule(value: object) -> object:
    return {"cron": value} if isinstance(value, str | list | tuple) else value


class Schedule(Section):
    """When a ``CronWorkflow`` runs."""

    cron: Annotated[tuple[_CronLine, ...], BeforeValidator(_list_cron), Field(min_length=1)]
    """One cron schedule or several: minute, hour, day, month, weekday; or ``@daily`` and the like."""
    timezone: Annotated[str, AfterValidator(check_timezone)] | None = None
    """The time zone of the schedule, as ``Europe/Berlin``; by default the controller's."""
    concurrency: Literal["Allow", "Forbid", "Replace"] = "Forbid"
    """What happens while the last run has not finished."""
    starting_deadline: Seconds | None = None
    """How late a missed run may still start: seconds, or text such as ``10m``."""
    suspend: bool = False
    """Whether the schedule is paused."""

    @model_validator(mode="after")
    def _refuse_two_zones(self) -> Self:
        for line in self.cron:
            if self.timezone and "TZ=" in line:
                raise ValueError(f"{line!r} names a time zone, and so does 'timezone'. Keep one.")
        return self


def _as_hardening(value: object) -> object:
    if isinstance(value, str):
        raise ValueError("this is text. Write true or false without quotes, or a mapping.")  # noqa: TRY004
    return {"enabled": value} if isinstance(value, bool) else value


class Hardening(Section):
    """Fewer rights for tasks; off by default, so that an old image keeps running."""

    enabled: bool = True
    """Whether it is on: no root, no privilege escalation, no capabilities, no service account token."""
    run_as_user: PositiveCount | None = 1000
    """The user id tasks run as; null for the image's own, which must not be 0."""
    executor_service_account: SubdomainName = "argo-executor"
    """The service account of Argo's own container, which reports results; its token secret must exist."""


PodGCField = Annotated[PodGC, BeforeValidator(_as_strategy)]
TimeToLiveField = Annotated[TimeToLive, BeforeValidator(_as_completion)]
SpotField = Annotated[Spot, BeforeValidator(_as_spot)]
ScheduleField = Annotated[Schedule, BeforeValidator(_as_schedule)]
HardeningField = Annotated[Hardening, BeforeValidator(_as_hardening)]

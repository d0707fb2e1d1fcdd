"""The resources that a node requests: CPU, memory, scratch storage, GPUs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from kedro_matrix_ext.argo.nodes.quantities import parse_cores, parse_gib, render_cores, render_gib

__all__ = [
    "KUBERNETES_DEFAULT_LIMIT_CPU",
    "KUBERNETES_DEFAULT_LIMIT_RAM",
    "KUBERNETES_DEFAULT_NUM_GPUS",
    "KUBERNETES_DEFAULT_REQUEST_CPU",
    "KUBERNETES_DEFAULT_REQUEST_RAM",
    "ArgoResourceConfig",
]

KUBERNETES_DEFAULT_LIMIT_CPU = 14
"""Cores."""
KUBERNETES_DEFAULT_REQUEST_CPU = 4
"""Cores."""
KUBERNETES_DEFAULT_LIMIT_RAM = 52
"""GiB."""
KUBERNETES_DEFAULT_REQUEST_RAM = 52
"""GiB."""
KUBERNETES_DEFAULT_NUM_GPUS = 0
"""GPUs."""

_MOST_CORES = 256
_MOST_GIB = 4096
_CALLER = 3  # stack level: this module, pydantic's __init__, the user's code

Cores = Annotated[int | float, BeforeValidator(parse_cores)]
GiB = Annotated[int | float, BeforeValidator(parse_gib)]


def _refuse_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number of GPUs")  # noqa: TRY004  pydantic shows ValueError
    return value


class ArgoResourceConfig(BaseModel):
    """Requests and limits of a task.

    Amounts are numbers (cores, GiB) or Kubernetes quantities (``"500m"``, ``"1536Mi"``), kept as numbers.

    Attributes:
        num_gpus: GPUs.
        cpu_request: Cores reserved for the task.
        cpu_limit: The most cores it may use.
        memory_request: GiB of memory reserved for it.
        memory_limit: The most GiB of memory it may use.
        ephemeral_storage_request: GiB of scratch storage reserved for it; 0 requests none.
        ephemeral_storage_limit: The most GiB of scratch storage it may use; 0 sets no limit.

    Raises:
        pydantic.ValidationError: If CPU or memory is zero or negative, GPUs or storage are negative, or a
            limit is below its request; it names the field. It is a ``ValueError``.

    Examples:
        >>> small = ArgoResourceConfig(cpu_request="500m", cpu_limit=2, memory_request=1.5, memory_limit=4)
        >>> small.requests
        {'cpu': '500m', 'memory': '1536Mi'}
        >>> small.fuse(ArgoResourceConfig(num_gpus=1)).limits
        {'cpu': '14', 'memory': '52Gi', 'ephemeral-storage': '128Gi', 'nvidia.com/gpu': '1'}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_gpus: Annotated[int, BeforeValidator(_refuse_bool), Field(ge=0)] = KUBERNETES_DEFAULT_NUM_GPUS
    cpu_request: Annotated[Cores, Field(gt=0)] = KUBERNETES_DEFAULT_REQUEST_CPU
    cpu_limit: Annotated[Cores, Field(gt=0)] = KUBERNETES_DEFAULT_LIMIT_CPU
    memory_request: Annotated[GiB, Field(gt=0)] = KUBERNETES_DEFAULT_REQUEST_RAM
    memory_limit: Annotated[GiB, Field(gt=0)] = KUBERNETES_DEFAULT_LIMIT_RAM
    ephemeral_storage_request: Annotated[GiB, Field(ge=0)] = 0
    ephemeral_storage_limit: Annotated[GiB, Field(ge=0)] = 128

    if TYPE_CHECKING:  # the constructor accepts more types than the fields hold

        def __init__(  # noqa: PLR0913  one per field
            self,
            *,
            num_gpus: int = 0,
            cpu_request: float | str = 4,
            cpu_limit: float | str = 14,
            memory_request: float | str = 52,
            memory_limit: float | str = 52,
            ephemeral_storage_request: float | str = 0,
            ephemeral_storage_limit: float | str = 128,
        ) -> None: ...

    @model_validator(mode="after")
    def _check_limits(self) -> ArgoResourceConfig:
        for kind in ("cpu", "memory", "ephemeral_storage"):
            request, limit = getattr(self, f"{kind}_request"), getattr(self, f"{kind}_limit")
            if limit < request:
                default = "" if f"{kind}_limit" in self.model_fields_set else ", its default,"
                raise ValueError(f"{kind}_limit is {limit}{default} below {kind}_request, which is {request}")
        return self

    @model_validator(mode="after")
    def _warn_about_units(self) -> ArgoResourceConfig:
        for name in sorted(self.model_fields_set - {"num_gpus"}):
            amount = getattr(self, name)
            unit, most = ("cores", _MOST_CORES) if name.startswith("cpu") else ("GiB", _MOST_GIB)
            if amount > most:
                warnings.warn(f"{name} is {amount} {unit}. Is that the unit you meant?", stacklevel=_CALLER)
        return self

    def with_defaults(self, defaults: ArgoResourceConfig | None) -> ArgoResourceConfig:
        """Return a configuration whose fields that were not set have the project's defaults.

        Args:
            defaults: The project's defaults; the class's own count where there are none.

        Raises:
            pydantic.ValidationError: If a limit is below its request then.

        Examples:
            >>> ArgoResourceConfig(num_gpus=1).with_defaults(ArgoResourceConfig(cpu_limit=8)).cpu_limit
            8
        """
        if defaults is None:
            return self
        own = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self).model_validate({**defaults.model_dump(), **own})

    def fuse(self, *others: ArgoResourceConfig) -> ArgoResourceConfig:
        """Return what is enough for any of several nodes: the field-wise maximum.

        Args:
            others: The resources of the other nodes.

        Returns:
            A new configuration; the arguments are not changed.
        """
        configs = (self, *others)
        fields = type(self).model_fields
        return type(self).model_construct(
            **{name: max(getattr(config, name) for config in configs) for name in fields}
        )

    @property
    def requests(self) -> dict[str, str]:
        """The container's requests as Kubernetes writes them; storage of 0 is left out."""
        return self._quantities("request")

    @property
    def limits(self) -> dict[str, str]:
        """The container's limits as Kubernetes writes them; GPUs only where there are any."""
        gpus = {"nvidia.com/gpu": str(self.num_gpus)} if self.num_gpus else {}
        return {**self._quantities("limit"), **gpus}

    def _quantities(self, side: str) -> dict[str, str]:
        storage = getattr(self, f"ephemeral_storage_{side}")
        return {
            "cpu": render_cores(getattr(self, f"cpu_{side}")),
            "memory": render_gib(getattr(self, f"memory_{side}")),
            **({"ephemeral-storage": render_gib(storage)} if storage else {}),
        }

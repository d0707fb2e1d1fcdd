"""``machine_types``: sizes that a task may request by name."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.argo.configuration.field_types import Cores, GiB  # noqa: TC001  fields' types
from kedro_matrix_ext.argo.nodes.quantities import parse_gib
from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["MachineType"]

# No machine for rent has more cores, and few have more memory.
_MOST_CORES = 1024
_MOST_GIB = 4096


class MachineType(Section):
    """A machine size; memory and CPU are request and limit alike.

    Examples:
        >>> MachineType(mem=16, cpu=4).to_resources().requests
        {'cpu': '4', 'memory': '16Gi'}
    """

    mem: GiB
    """Memory in GiB, or a Kubernetes quantity such as ``1536Mi``."""
    cpu: Cores
    """CPU in cores, or a Kubernetes quantity such as ``500m``."""
    num_gpu: Annotated[int, Field(ge=0)] = 0
    """Number of GPUs."""
    emph_storage: Annotated[int | float, BeforeValidator(parse_gib), Field(ge=0)] = 10
    """Scratch storage in GiB, mounted at ``template.emph_storage_mount_path``; 0 mounts none."""

    @model_validator(mode="after")
    def _warn_about_units(self) -> Self:
        for name, amount, most, unit in (
            ("mem", self.mem, _MOST_GIB, "GiB"),
            ("cpu", self.cpu, _MOST_CORES, "cores"),
        ):
            if amount > most:
                warnings.warn(f"{name} is {amount} {unit}. Is that the unit you meant?", stacklevel=2)
        return self

    def to_resources(self) -> ArgoResourceConfig:
        """Return requests equal to limits for CPU and memory, and scratch storage as a limit only."""
        # The values are valid, and the warning about units is given once, not for each task.
        return ArgoResourceConfig.model_construct(
            num_gpus=self.num_gpu,
            cpu_request=self.cpu,
            cpu_limit=self.cpu,
            memory_request=self.mem,
            memory_limit=self.mem,
            ephemeral_storage_request=0,
            ephemeral_storage_limit=self.emph_storage,
        )

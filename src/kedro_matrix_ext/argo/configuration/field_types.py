"""The scalar types of ``argo.yml``: amounts, durations, names, text."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from kedro_matrix_ext.argo.nodes.quantities import parse_cores, parse_gib

__all__ = [
    "Cores",
    "Count",
    "GiB",
    "KubernetesName",
    "PositiveCount",
    "PositiveSeconds",
    "Seconds",
    "Text",
    "check_kubernetes_name",
    "write_scalar",
]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_LARGEST = 2**31  # seconds, a 32-bit integer in some fields of Argo and Kubernetes
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_KUBERNETES_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LONGEST_NAME = 63


def parse_seconds(value: object) -> object:
    """Convert a duration to whole seconds: a number of seconds, or text such as ``90s``, ``1h30m``, ``2d``.

    Values that are neither are returned unchanged, for pydantic to refuse.

    Raises:
        ValueError: If text is not a duration.

    Examples:
        >>> parse_seconds("1h30m"), parse_seconds(90)
        (5400, 90)
    """
    if not isinstance(value, str):
        return value
    parts = _DURATION.findall(value)
    if not parts or _DURATION.sub("", value).strip():
        raise ValueError(f"{value!r} is not a duration. Write seconds, or text such as '90s', '1h30m', '2d'.")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds >= _LARGEST:
        raise ValueError(
            f"{value[:40]!r} is longer than Kubernetes can count. Write less than {_LARGEST} seconds."
        )
    return round(seconds)


def check_kubernetes_name(name: str) -> str:
    """Check a name of a namespace, a container or a volume."""
    if len(name) > _LONGEST_NAME or not _KUBERNETES_NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is not a name that Kubernetes accepts: lower-case letters, digits and '-', "
            f"at most {_LONGEST_NAME} characters, a letter or digit at both ends"
        )
    return name


def write_scalar(value: object) -> object:
    """Write a YAML boolean or number as the text of an environment variable."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


Cores = Annotated[int | float, BeforeValidator(parse_cores), Field(gt=0)]
GiB = Annotated[int | float, BeforeValidator(parse_gib), Field(gt=0)]
Seconds = Annotated[int, BeforeValidator(parse_seconds), Field(ge=0, lt=_LARGEST)]
PositiveSeconds = Annotated[int, BeforeValidator(parse_seconds), Field(gt=0, lt=_LARGEST)]
Count = Annotated[int, Field(ge=0, lt=_LARGEST)]
PositiveCount = Annotated[int, Field(gt=0, lt=_LARGEST)]
KubernetesName = Annotated[str, AfterValidator(check_kubernetes_name)]
Text = Annotated[str, BeforeValidator(write_scalar)]

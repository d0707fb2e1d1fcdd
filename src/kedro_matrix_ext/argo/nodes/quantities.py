"""Kubernetes quantities: ``500m`` and ``1536Mi`` to cores and GiB, and back.

Source of the notation: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

__all__ = ["GIB", "MIB", "parse_cores", "parse_gib", "render_cores", "render_gib"]

GIB = 2**30
"""Bytes."""

MIB = 2**20
"""Bytes."""

_DIGITS = 6  # digits after the point; float arithmetic leaves noise below a millionth of a millicore or byte
_SUFFIXES = {
    **{
        suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"), start=1)
    },
    **{
        suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)
    },
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
}
_LARGEST = 2**63  # Kubernetes keeps quantities as 64-bit integers
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)")


def parse_cores(value: object) -> int | float:
    """Convert an amount of CPU to cores: a number of cores, or a Kubernetes quantity such as ``500m``.

    Returns an integer where the amount is whole.

    Raises:
        ValueError: If the value is neither.

    Examples:
        >>> parse_cores("500m"), parse_cores(4.0)
        (0.5, 4)
    """
    if not isinstance(value, str):
        return _plain(_finite(value, "cores such as 4 or 0.5, or a quantity such as '500m'"))
    number, suffix = _split(value, "Write cores as 4 or 0.5, or a quantity such as '500m'.")
    return _plain(float(number * _SUFFIXES[suffix]))


def parse_gib(value: object) -> int | float:
    """Convert an amount of memory or storage to GiB: a number, or a Kubernetes quantity such as ``1536Mi``.

    Returns an integer where the amount is whole.

    Raises:
        ValueError: If the value is neither, or a string without a unit that can only mean GiB.

    Examples:
        >>> parse_gib("1536Mi"), parse_gib(52)
        (1.5, 52)
    """
    if not isinstance(value, str):
        return _plain(_finite(value, "GiB such as 52 or 1.5, or a quantity such as '1536Mi'"))
    number, suffix = _split(value, "Write GiB as 52 or 1.5, or a quantity such as '1536Mi'.")
    size = number * _SUFFIXES[suffix]
    if not suffix and 0 < size < MIB:
        raise ValueError(
            f"{value!r} has no unit and would mean bytes. Write {value.strip()} or '{value.strip()}Gi'."
        )
    return _plain(float(size) / GIB)


def render_cores(cores: float) -> str:
    """Write cores as a Kubernetes quantity, rounded up to a millicore.

    Examples:
        >>> render_cores(4), render_cores(0.5)
        ('4', '500m')
    """
    thousandths = math.ceil(round(cores * 1000, _DIGITS))
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)


def render_gib(gib: float) -> str:
    """Write GiB as a Kubernetes quantity, in the largest exact unit, else rounded up to a MiB.

    Examples:
        >>> render_gib(52), render_gib(1.5), render_gib(0.3)
        ('52Gi', '1536Mi', '308Mi')
    """
    size = round(gib * GIB, _DIGITS)
    if size != int(size):
        size = math.ceil(size / MIB) * MIB
    whole = int(size)
    for unit, width in (("Gi", GIB), ("Mi", MIB), ("Ki", 1024)):
        if whole % width == 0:
            return f"{whole // width}{unit}"
    return str(whole)


def _finite(value: object, expected: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST < value < _LARGEST:
        raise ValueError(f"{value!r} is not an amount. Write {expected}.")
    return value


def _split(text: str, remedy: str) -> tuple[Decimal, str]:
    """Split a quantity into its number and its suffix."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match.group(2) not in _SUFFIXES:
        raise ValueError(f"{text!r} is not a Kubernetes quantity. {remedy}")
    number = Decimal(match.group(1))
    if not -_LARGEST < number < _LARGEST:
        raise ValueError(f"{text[:40]!r} is more than Kubernetes can count. {remedy}")
    return number, match.group(2)


def _plain(number: float) -> int | float:
    """Return whole numbers as integers, so that they are written without a decimal point."""
    return int(number) if number == int(number) else number

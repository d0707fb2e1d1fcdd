"""What a code of a finding is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["FindingCode", "Severity"]


class Severity(str, Enum):
    """How bad a finding is: an error fails the check, a warning and a note do not.

    Examples:
        >>> Severity("error") is Severity.ERROR
        True
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class FindingCode:
    """What a code means, the same for every finding that carries it.

    Attributes:
        code: The stable name, as in ``memory-dataset-crosses-tasks``.
        severity: How bad it is.
        cause: What it means, one sentence.
        remedy: How to fix it in general, one sentence.

    Examples:
        >>> FindingCode("no-tea", Severity.NOTE, "There is no tea.", "Make some.").severity.value
        'note'
    """

    code: str
    severity: Severity
    cause: str
    remedy: str

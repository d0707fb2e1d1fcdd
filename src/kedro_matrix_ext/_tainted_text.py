"""Text that a caller who is not trusted had a part in: it is neither interpolated nor an import path."""

from __future__ import annotations

__all__ = ["TaintedStr"]


class TaintedStr(str):
    """Text that a runtime parameter had a part in."""

    __slots__ = ()

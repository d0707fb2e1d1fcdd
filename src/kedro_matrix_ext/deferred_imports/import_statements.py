"""Recognise the statement that imports a module or a name, from the frame that executes it."""

from __future__ import annotations

import importlib
from opcode import opmap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["find_importer", "is_guarded", "is_import_from", "is_import_system"]

_IMPORT_FROM = opmap["IMPORT_FROM"]
_IMPORT_NAME = opmap["IMPORT_NAME"]
_BLOCKS = {opmap[name] for name in ("SETUP_FINALLY", "SETUP_WITH") if name in opmap}  # until Python 3.10
_bootstrap: Any = getattr(importlib, "_bootstrap", None)


def is_import_from(frame: FrameType) -> bool:
    """Return whether a frame executes the second half of ``from x import y``."""
    return frame.f_code.co_code[frame.f_lasti] == _IMPORT_FROM


def is_import_system(frame: FrameType) -> bool:
    """Return whether a frame is Python's own: it looks for names that may be modules of a package."""
    return frame.f_globals is vars(_bootstrap)


def find_importer(frame: FrameType | None) -> FrameType | None:
    """Find the frame of the import statement that a loader works for; None if a call imports."""
    while frame is not None and (is_import_system(frame) or "deferred_imports.finder" in _module_of(frame)):
        frame = frame.f_back
    if frame is None or frame.f_code.co_code[frame.f_lasti] != _IMPORT_NAME:
        return None
    return frame


def _module_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def is_guarded(frame: FrameType) -> bool:
    """Return whether a frame is in a ``try`` or ``with`` block, which may handle an error of the import."""
    table = getattr(frame.f_code, "co_exceptiontable", None)  # from Python 3.11 on
    if table is None:
        return not _BLOCKS.isdisjoint(frame.f_code.co_code[::2])
    return any(start <= frame.f_lasti < end for start, end in _list_guarded(table))


def _list_guarded(table: bytes) -> Iterator[tuple[int, int]]:
    """List the ranges of bytecode whose errors are handled.

    The format is in CPython's ``InternalDocs/exception_handling.md``.
    """
    numbers = _read_numbers(table)
    for start, length, _, _ in zip(numbers, numbers, numbers, numbers, strict=False):
        yield 2 * start, 2 * (start + length)


def _read_numbers(table: bytes) -> Iterator[int]:
    """Read numbers of six bits a byte; the seventh bit is set in all bytes of a number except its last."""
    number = 0
    for byte in table:
        number = (number << 6) | (byte & 63)
        if not byte & 64:
            yield number
            number = 0

"""The form of the deny-list: rows of names, and what they do."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "DELETE",
    "ENDS",
    "EVAL",
    "IMPORT",
    "NATIVE",
    "PICKLE",
    "PROCESS",
    "REACH",
    "STATE",
    "TESTS",
    "Refused",
    "Row",
    "dispatchers",
    "row",
]


class Row(NamedTuple):
    """One row of the deny-list.

    Attributes:
        module: The module that the names are in.
        names: The names, dotted for methods; empty for the whole module and its submodules.
        reason: What a target of that name does.
        always: Whether not even an exact name allows it.
    """

    module: str
    names: tuple[str, ...]
    reason: str
    always: bool = False


class Refused(NamedTuple):
    """Why an object is refused.

    Attributes:
        name: Its name in the deny-list.
        reason: What it does.
        always: Whether not even an exact name allows it.
    """

    name: str
    reason: str
    always: bool = False


def row(module: str, names: str, reason: str, *, always: bool = False) -> Row:
    """Return a row; ``*`` is the whole module, and ``Class.prefix*`` all methods that begin so."""
    return Row(module, () if names == "*" else tuple(names.split()), reason, always)


def dispatchers(module: str, names: str) -> Row:
    """Return a row of functions that call what they are given, which no list can allow."""
    return row(module, names, "calls whatever it is given", always=True)


PROCESS = "starts a process"
ENDS = "ends or replaces a process"
EVAL = "runs code given as text or bytes"
PICKLE = "runs code that a pickle holds"
IMPORT = "imports any module, past this check"
REACH = "reaches any attribute or call, past this check"
DELETE = "deletes, moves or overwrites files"
NATIVE = "loads or calls native code"
STATE = "changes what this process runs"
TESTS = "is made for tests, which run programs and code"

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
    "whole_modules",
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
    """Return a row; ``*`` is the whole module, and ``Class.prefix*`` all methods that begin so.

    ``name.*`` is a whole submodule too, unless the name begins with a capital, as classes do.
    """
    return Row(module, () if names == "*" else tuple(names.split()), reason, always)


def whole_modules(row: Row) -> list[str]:
    """List the modules that a row refuses whole, which are refused before they are imported.

    Examples:
        >>> whole_modules(row("torch", "load hub.* Tensor.save*", "loads pickles"))
        ['torch.hub']
    """
    if not row.names:
        return [row.module]
    stems = [name.removesuffix(".*") for name in row.names if name.endswith(".*")]
    return [f"{row.module}.{stem}" for stem in stems if stem.rpartition(".")[2].islower()]


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

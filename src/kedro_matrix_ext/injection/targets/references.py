"""Which refused functions the code of a library's function comes to.

A library's function that deletes a folder or runs a program refers to ``shutil.rmtree`` or
``subprocess.run`` in its own code. Reading its bytecode finds many more of them than any table names. Only
the standard library and well-known libraries are read this way: what a project's own functions do is the
project's decision.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_matrix_ext._import_path import find_loaded
from kedro_matrix_ext.injection.targets.bytecode import names_of, read_references, values_beside
from kedro_matrix_ext.injection.targets.denylist.primitives import (
    HARMLESS,
    IMPORTS,
    LIBRARIES,
    OPENERS,
    OPENS,
    PRIMITIVES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.injection.targets.bytecode import Reference

__all__ = ["find_reference", "is_library"]

_DEPTH = 2  # how many functions a library calls one from another to get there
_CONSTRUCTORS = ("__init__", "__new__", "__post_init__")
_MOST_REMEMBERED = 20_000
_TELLING = frozenset(name.rpartition(".")[2] for name in (*PRIMITIVES, *OPENERS)) | {"_open"}


def is_library(module: str) -> bool:
    """Return whether a module belongs to the standard library or to a well-known library.

    Examples:
        >>> is_library("pandas.io.common"), is_library("shop.nodes")
        (True, False)
    """
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in LIBRARIES


class _Step(NamedTuple):
    """A function to read: on which class it is called, how deep, and if its argument is the target's."""

    function: Any  # a function, which a type checker would bind
    owner: type | None
    depth: int
    passes_on: bool


class _Memory:
    """What was read and judged already; it holds the objects, so that their ids stay theirs."""

    def __init__(self) -> None:
        self.modules = 0
        self.primitives: dict[int, str] = {}
        self.references: dict[tuple[int, int], tuple[object, object, list[Reference]]] = {}
        self.verdicts: dict[int, tuple[object, tuple[str, str] | None]] = {}

    def known(self) -> dict[int, str]:
        """Return the names of the primitives that are imported, by identity."""
        if self.modules != len(sys.modules):
            self.modules = len(sys.modules)
            loaded = {name: find_loaded(name) for name in PRIMITIVES}
            self.primitives = {id(found): name for name, found in loaded.items() if found is not None}
        return self.primitives

    def read(self, function: FunctionType, owner: type | None) -> list[Reference]:
        """Return what a function refers to, read once."""
        key = id(function), id(owner)
        if key not in self.references:
            if len(self.references) > _MOST_REMEMBERED:
                self.references.clear()
            self.references[key] = function, owner, read_references(function, owner)
        return self.references[key][2]


_MEMORY = _Memory()


def find_reference(target: object) -> tuple[str, str] | None:
    """Find a refused function that calling a library's function or class comes to.

    Args:
        target: A function, or a class, whose constructor is read.

    Returns:
        Its name and what it does; None for other objects, other modules, and if there is none.

    Examples:
        >>> import statistics, tabnanny
        >>> find_reference(statistics.mean) is None
        True
    """
    if not isinstance(target, (type, FunctionType)) or not is_library(str(target.__module__)):
        return None
    if id(target) not in _MEMORY.verdicts:
        if len(_MEMORY.verdicts) > _MOST_REMEMBERED:
            _MEMORY.verdicts.clear()
        _MEMORY.verdicts[id(target)] = target, _search(target)
    return _MEMORY.verdicts[id(target)][1]


def _search(target: Any) -> tuple[str, str] | None:
    """Follow the references of a target, the nearest first."""
    known = _MEMORY.known()
    pending: list[_Step] = list(_functions_behind(target, _owner_of(target), _DEPTH, passes_on=True))
    seen: set[tuple[int, int]] = set()
    for step in pending:
        key = id(step.function), id(step.owner)
        if key in seen or _is_harmless(step.function):
            continue
        seen.add(key)
        if not step.depth and not _may_refer(step.function, known):
            continue
        for reference in _MEMORY.read(step.function, step.owner):
            found = _primitive(reference.found, known)
            if found is not None and _counts(found, step, reference):
                return found, PRIMITIVES[found]
            if step.depth and found is None:
                passes_on = step.passes_on and reference.passes_on
                pending += _functions_behind(
                    reference.found, reference.owner, step.depth - 1, passes_on=passes_on
                )
    return None


def _may_refer(function: FunctionType, known: dict[int, str]) -> bool:
    """Return whether reading a function could find a primitive; most are not read at the last depth."""
    names = set(names_of(function.__code__))
    if not names.isdisjoint(_TELLING):
        return True
    held = (function.__globals__[name] for name in names if name in function.__globals__)
    return any(_primitive(value, known) for value in (*held, *values_beside(function)))


def _primitive(found: Any, known: dict[int, str]) -> str | None:
    """Return the name under which something counts, itself or as a class of that base."""
    if isinstance(found, str):
        return found if found in PRIMITIVES else None
    if isinstance(found, type):
        return next((known[id(base)] for base in found.__mro__ if id(base) in known), None)
    return known.get(id(found))


def _counts(name: str, step: _Step, reference: Reference) -> bool:
    """Return whether a reference counts at this depth."""
    if PRIMITIVES[name] == IMPORTS:
        return step.passes_on and reference.passes_on
    return name != OPENS or step.depth == _DEPTH


def _functions_behind(found: object, owner: type | None, depth: int, *, passes_on: bool) -> Iterator[_Step]:
    """List the functions of libraries that calling something runs: itself, or a class's constructors."""
    if isinstance(found, type):
        for name in _CONSTRUCTORS:
            holder = next((base for base in found.__mro__ if name in vars(base)), object)
            yield from _functions_behind(_plain(vars(holder).get(name)), found, depth, passes_on=passes_on)
    elif isinstance(found, FunctionType) and is_library(found.__module__ or ""):
        yield _Step(found, owner, depth, passes_on)


def _plain(found: Any) -> Any:
    return getattr(found, "__func__", found)


def _owner_of(target: Any) -> type | None:
    """Return the class that a method is written in, by its qualified name."""
    if isinstance(target, type):
        return target
    found = find_loaded(f"{target.__module__}.{target.__qualname__.rpartition('.')[0]}".rstrip("."))
    return found if isinstance(found, type) else None


def _is_harmless(function: FunctionType) -> bool:
    return f"{function.__module__}.{function.__qualname__}" in HARMLESS

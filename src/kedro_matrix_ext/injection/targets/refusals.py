"""Judge objects by the deny-list: by what they are, not by the path that leads to them."""

from __future__ import annotations

import sys
from functools import partial
from inspect import getattr_static
from types import (
    BuiltinFunctionType,
    MappingProxyType,
    MethodType,
    MethodWrapperType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.injection.targets.denylist.data_libraries import DATA_LIBRARY_ROWS
from kedro_matrix_ext.injection.targets.denylist.libraries import LIBRARY_ROWS
from kedro_matrix_ext.injection.targets.denylist.rows import REACH, STATE, TESTS, Refused, whole_modules
from kedro_matrix_ext.injection.targets.denylist.standard import STANDARD_ROWS
from kedro_matrix_ext.injection.targets.own_package import refuse_own, refuse_own_path
from kedro_matrix_ext.injection.targets.ownership import (
    CONSTANTS,
    home_of,
    is_within,
    owner_of,
    public_module,
)
from kedro_matrix_ext.injection.targets.references import find_reference, is_library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.injection.targets.denylist.rows import Row
    from kedro_matrix_ext.injection.targets.ownership import Walk

__all__ = ["ROWS", "find_refusal", "refused_module", "refused_on_the_way"]

ROWS = (*STANDARD_ROWS, *DATA_LIBRARY_ROWS, *LIBRARY_ROWS)
"""All rows of the deny-list."""

_WHOLE = MappingProxyType({whole: row for row in ROWS for whole in whole_modules(row)})
_NAMED = tuple(row for row in ROWS if row.names)
_BY_PATH = MappingProxyType(
    {
        f"{row.module}.{name}": Refused(f"{row.module}.{name}", row.reason, row.always)
        for row in _NAMED
        for name in row.names
    }
)
_NAMED_STANDARD = frozenset(row.module for row in _NAMED if row.module in sys.stdlib_module_names)
_TESTS = frozenset({"testing", "_testing", "tests", "conftest", "test"})
_DEEPEST = 8


def refused_module(name: str) -> Refused | None:
    """Find the row that refuses a module as a whole, or a parent of it.

    Examples:
        >>> refused_module("multiprocessing.pool").reason
        'starts a process'
    """
    parts = public_module(name).split(".")
    for length in range(len(parts), 0, -1):
        found = _WHOLE.get(".".join(parts[:length]))
        if found is not None:
            return Refused(".".join(parts[:length]), found.reason, found.always)
    if "__main__" in parts[1:]:
        return Refused(name, "runs a program when it is imported")
    return _refused_tests(parts)


def _refused_tests(parts: list[str]) -> Refused | None:
    made_for_tests = not _TESTS.isdisjoint(parts[1:]) and is_library(parts[0])
    return Refused(".".join(parts), TESTS) if made_for_tests else None


def find_refusal(target: object) -> Refused | None:
    """Judge an object: itself, what it wraps or binds, its class, that class's bases, and its code.

    Examples:
        >>> import os, functools
        >>> find_refusal(functools.partial(os.system, "ls"))
        Refused(name='os.system', reason='starts a process', always=False)
    """
    known = _known_objects()
    for face in _faces(target):
        refused = known[id(face)][1] if id(face) in known else _refuse_by_module(face)
        if refused is not None:
            return refused
    return None


def refused_on_the_way(walk: Walk) -> Refused | None:
    """Judge the way to a target: refused modules, inner parts of objects, what a method overrides."""
    for step in walk.steps[:-1]:
        refused = refused_module(step.__name__) if isinstance(step, ModuleType) else _refused_class(step)
        if refused is not None:
            return refused
    own = refuse_own_path(walk)
    if own is not None or isinstance(walk.target, CONSTANTS):
        return own
    if walk.path in _BY_PATH:  # a module may make what it holds at the first look-up, past the index
        return _BY_PATH[walk.path]
    return _refused_part(walk) or (_refused_override(walk) if len(walk.steps) > 1 else None)


def _refused_class(step: object) -> Refused | None:
    """Find the row that refuses a class, or a base of it: its methods are refused as well."""
    known = _known_objects()
    bases = step.__mro__ if isinstance(step, type) else ()
    return next((known[id(base)][1] for base in bases if id(base) in known), None)


def _refused_part(walk: Walk) -> Refused | None:
    """Refuse inner parts of objects, and what is private to the standard library or its state."""
    names = walk.path.split(".")
    if any(name.startswith("__") and name.endswith("__") for name in names[1:]):
        return Refused(walk.path, "leads through an inner part of an object")
    standard = _is_standard(walk)
    if standard and any(name.startswith("_") for name in names):
        return Refused(walk.path, "is private to the standard library")
    return Refused(walk.path, STATE) if standard and any(map(_is_state, walk.steps)) else None


def _is_standard(walk: Walk) -> bool:
    last = next(step for step in reversed(walk.steps) if isinstance(step, ModuleType))
    return last.__name__.partition(".")[0] in sys.stdlib_module_names


def _is_state(step: object) -> bool:
    """Return whether an object that a module of the standard library holds can be changed from outside."""
    if isinstance(step, (*CONSTANTS, ModuleType)) or callable(step):
        return False
    if type(step).__module__ in {"datetime", "decimal", "fractions", "uuid", "re", "_decimal", "zoneinfo"}:
        return type(step).__name__ == "Context"
    return not hasattr(type(step), "__members__") and step is not ... and step is not NotImplemented


def _refused_override(walk: Walk) -> Refused | None:
    """Find a row that names the same method of a base class."""
    holder = walk.steps[-2]
    if isinstance(holder, ModuleType):
        return None
    known = _known_objects()
    name = walk.path.rpartition(".")[2]
    classes = holder.__mro__ if isinstance(holder, type) else type(holder).__mro__
    for base in classes:
        overridden = getattr_static(base, name, None)
        found = known.get(id(getattr(base, name, None)), known.get(id(overridden)))
        if found is not None:
            return found[1]
    return None


def _refuse_by_module(face: object) -> Refused | None:
    if isinstance(face, ModuleType):
        refused = refused_module(face.__name__)
        if refused is None and public_module(face.__name__) in _NAMED_STANDARD:
            return Refused(public_module(face.__name__), REACH)
        return refused or refuse_own(face)
    module = getattr(face, "__module__", None)
    if not isinstance(module, str):
        return None
    name = f"{public_module(module)}.{getattr(face, '__qualname__', '')}".rstrip(".")
    refused = refused_module(module)
    if refused is not None:
        return Refused(name, refused.reason, refused.always)
    late = _INDEX.missing.get((module.partition(".")[0], str(getattr(face, "__qualname__", ""))))
    return late or refuse_own(face) or _refuse_by_reference(face, name)


def _refuse_by_reference(face: object, name: str) -> Refused | None:
    found = find_reference(face)
    return None if found is None else Refused(name, f"uses {found[0]!r}, which {found[1]}")


def _faces(target: object, depth: int = 0) -> Iterator[object]:
    """List the objects that calling one may come to: partials, bound methods and wrappers are opened."""
    yield target
    if depth > _DEEPEST:
        return
    for inner in _inner_objects(target):
        yield from _faces(inner, depth + 1)


def _inner_objects(target: object) -> Iterator[object]:
    if isinstance(target, partial):
        yield from (target.func, *target.args, *target.keywords.values())
    elif isinstance(target, MethodType):
        yield from (target.__func__, target.__self__)
    elif isinstance(target, type):
        yield from target.__mro__[1:-1]
    elif not isinstance(target, ModuleType):
        yield from _inner_of_instance(target)


def _inner_of_instance(target: Any) -> Iterator[object]:
    if isinstance(target, (BuiltinFunctionType, MethodWrapperType)):
        if not isinstance(target.__self__, ModuleType):
            yield target.__self__
            owner = owner_of(target)
            yield None if owner is None else vars(owner).get(target.__name__)
    elif callable(target):
        if type(target).__module__ != "builtins":  # the type of a function says nothing about it
            yield type(target)
            yield getattr_static(type(target), "__call__", None)
        yield getattr_static(target, "__wrapped__", None)
    elif isinstance(target, (classmethod, staticmethod, property)):
        yield getattr(target, "__func__", getattr(target, "fget", None))


def _known_objects() -> dict[int, tuple[object, Refused]]:
    """Index the rows that name something by identity, as far as their modules are imported."""
    if len(sys.modules) != _INDEX.modules:
        _INDEX.modules = len(sys.modules)
        for row in [row for row in _INDEX.pending if row.module in sys.modules]:
            _index(row)
    return _INDEX.objects


def _index(row: Row) -> None:
    """Index what a row names; it is looked up again while a name is missing, as modules may make it late."""
    missing = False
    for name in row.names:
        place = row.module.partition(".")[0], name
        pairs = list(_look_up(row, name))
        _INDEX.objects.update({id(lasting): (lasting, refused) for lasting, refused in pairs})
        _INDEX.missing.pop(place, None)
        if not pairs:
            missing = True
            _INDEX.missing[place] = Refused(f"{row.module}.{name}", row.reason, row.always)
    if not missing:
        _INDEX.pending.remove(row)


def _look_up(row: Row, name: str) -> Iterator[tuple[object, Refused]]:
    for found, full in _expand(sys.modules[row.module], name.split(".")):
        refused = Refused(f"{row.module}.{full}", row.reason, row.always)
        for lasting in _lasting_objects(found):
            yield lasting, refused


def _lasting_objects(found: object) -> Iterator[object]:
    """List what is the same object at each look-up: bound methods are made each time, functions are not."""
    yield found
    if isinstance(found, MethodType):
        yield found.__func__
    elif isinstance(found, BuiltinFunctionType) and isinstance(found.__self__, type):
        yield getattr_static(found.__self__, found.__name__, None)


def _expand(holder: Any, names: list[str], above: str = "") -> Iterator[tuple[object, str]]:
    """Find what a dotted name leads to; a star stands for any end of an attribute's name."""
    first, rest = names[0], names[1:]
    matching = [first]
    if first.endswith("*"):
        held = {name: getattr(holder, name, None) for name in dir(holder)} if isinstance(holder, type) else {}
        held = vars(holder) if isinstance(holder, ModuleType) else held
        top = getattr(holder, "__module__", None) or holder.__name__
        matching = [
            name
            for name in held
            if name.startswith(first[:-1])
            and not name.startswith("__")
            and is_within(home_of(held[name]) or "", top.partition(".")[0])
        ]
    for name in matching:
        found = vars(holder).get(name) if isinstance(holder, ModuleType) else getattr(holder, name, None)
        if found is None or isinstance(found, CONSTANTS):
            continue
        if rest:
            yield from _expand(found, rest, f"{above}{name}.")
        else:
            yield found, f"{above}{name}"


class _Index:
    """What the rows name, as far as it is imported, and the rows that still miss a name."""

    def __init__(self) -> None:
        self.modules = 0  # how many modules were imported at the last look-up
        self.pending = list(_NAMED)
        self.missing: dict[tuple[str, str], Refused] = {}  # by package and name: what modules make late
        self.objects: dict[int, tuple[object, Refused]] = {}


_INDEX = _Index()

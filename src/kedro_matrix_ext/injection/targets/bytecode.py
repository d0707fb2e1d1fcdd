"""What a function's code refers to: read from its bytecode, without running it."""

from __future__ import annotations

import builtins
import dis
import re
from contextlib import suppress
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_matrix_ext._import_path import find_loaded
from kedro_matrix_ext.injection.targets.denylist.primitives import METHODS, OPENERS, OPENS, WRITES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Reference", "names_of", "read_references", "values_beside"]

_MODE = re.compile(r"(?=[rbtU]*[wax+])[rwaxbtU+]{1,4}", re.ASCII)
_READ_MODE = re.compile(r"r[btU]*", re.ASCII)
_ENDS = ("POP_TOP", "STORE_", "RETURN_", "BEFORE_WITH", "SETUP_WITH", "POP_JUMP", "YIELD")
_ASIDE = ("PUSH_NULL", "CACHE", "PRECALL", "COPY", "NOT_TAKEN")
_VARIABLE = ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE")


class Reference(NamedTuple):
    """Something that code refers to.

    Attributes:
        found: An object, or the dotted name of what is not imported, or of a way to open files.
        owner: The class on which a method is looked up; None for anything else.
        passes_on: Whether a variable is the first argument, and so comes from the caller.
    """

    found: Any
    owner: type | None = None
    passes_on: bool = True


def read_references(function: FunctionType, owner: type | None) -> list[Reference]:
    """List what a function refers to in its code, its default arguments and the variables around it.

    Args:
        function: The function.
        owner: The class on which it is called, where it is a method.
    """
    reader = _Reader(function, owner)
    found = list(reader.read(function.__code__))
    found += [Reference(value) for value in values_beside(function) if callable(value)]
    classes = [reference.found for reference in found if isinstance(reference.found, type)]
    for name in sorted(reader.methods):  # which object a method belongs to is not known: any class will do
        methods = [(_method(each, name), each) for each in classes]
        found += [Reference(method, each) for method, each in methods if method is not None]
    return found


def names_of(code: CodeType) -> Iterator[str]:
    """List every name that code refers to, that of functions in it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_of(constant)


def values_beside(function: FunctionType) -> Iterator[object]:
    """List the default arguments of a function, and the variables around it."""
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # not filled yet
            yield cell.cell_contents


def _method(owner: type, name: str) -> FunctionType | None:
    """Return the function behind a method of a class, without calling descriptors."""
    found = next((vars(base)[name] for base in owner.__mro__ if name in vars(base)), None)
    found = getattr(found, "__func__", getattr(found, "fget", found))
    return found if isinstance(found, FunctionType) else None


class _Reader:
    """Follows the names of a function's code to the objects that they refer to.

    Args:
        function: The function.
        owner: The class on which it is called, where it is a method.

    Attributes:
        methods: The names that it looks up on objects which are not known.
    """

    def __init__(self, function: FunctionType, owner: type | None) -> None:
        self._globals = function.__globals__
        self._function = function
        self._owner = owner
        self._imported: dict[str, object] = {}  # local name -> a module's name, or an object
        self._own = function.__code__.co_varnames[:1] if owner is not None else ()
        self.methods: set[str] = set()

    def read(self, code: CodeType) -> Iterator[Reference]:
        """List what code refers to: objects, and dotted names of what it imports itself."""
        steps = [step for step in dis.get_instructions(code) if not step.opname.startswith(_ASIDE)]
        current: object = None
        for position, step in enumerate(steps):
            current, reference = self._follow(current, step, steps[position - 2 : position])
            if reference is None:
                continue
            following = steps[position + 1 : position + 13]
            yield reference._replace(passes_on=_passes_on(following))
            way = _opened(reference.found, following, code)
            if way is not None:
                yield Reference(way)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from self.read(constant)

    def _follow(
        self, current: object, step: dis.Instruction, before: list[dis.Instruction]
    ) -> tuple[object, Reference | None]:
        """Return what an instruction leads to, and the reference that it makes."""
        names = step.argval if isinstance(step.argval, tuple) and step.argval else (step.argval,)
        name = str(names[-1])  # Python 3.13 joins two loads, or a store and a load, into one instruction
        if step.opname.startswith("STORE_"):
            if current is not None:
                self._imported[str(names[0])] = current
            return current if len(names) == 1 else self._imported.get(name), None
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            current = self._imported.get(name, self._globals.get(name, vars(builtins).get(name)))
        elif step.opname.startswith(_VARIABLE):
            current = _SELF if name in self._own else self._imported.get(name)
        elif step.opname == "IMPORT_NAME":
            current = self._absolute(name, before)
        elif step.opname == "LOAD_SUPER_ATTR":
            return self._attribute(super, name)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"):
            return self._attribute(current, name)
        else:
            return current, None
        return current, None if current is None or current is _SELF else Reference(current)

    def _attribute(self, current: object, name: str) -> tuple[object, Reference | None]:
        """Return an attribute of a module, a class, the method's own object; by its name of anything else."""
        if isinstance(current, str):
            loaded = find_loaded(f"{current}.{name}")
            found = f"{current}.{name}" if loaded is None else loaded
        elif isinstance(current, ModuleType):
            found = vars(current).get(name)
        elif current is _SELF or current is super:
            method = self._own_method(name, past_own=current is super)
            return None, Reference(name if method is None else method, self._owner)
        elif isinstance(current, type):
            method = _method(current, name)
            below = self._owner is not None and issubclass(self._owner, current)  # Base.method(self)
            return method, None if method is None else Reference(method, self._owner if below else current)
        else:
            self.methods.add(name)
            return None, Reference(name) if name in METHODS or name in _OPENING else None
        return found, None if found is None else Reference(found)

    def _own_method(self, name: str, *, past_own: bool) -> FunctionType | None:
        classes = () if self._owner is None else self._owner.__mro__
        if past_own:
            name_here = self._function.__name__
            own = [
                name_here in vars(found) and _method(found, name_here) is self._function for found in classes
            ]
            classes = classes[own.index(True) + 1 :] if True in own else ()
        return next((_method(found, name) for found in classes if name in vars(found)), None)

    def _absolute(self, name: str, before: list[dis.Instruction]) -> str:
        """Return the full name of an imported module; the level of a relative import is two steps before."""
        level = before[0].argval if before else 0
        if not isinstance(level, int) or not level:
            return name
        package = str(self._globals.get("__package__")).split(".")
        return ".".join([*package[: len(package) - level + 1], *filter(None, [name])])


_SELF = object()
_OPENING = frozenset({"open", "_open"})  # methods of file systems, paths and archives


def _passes_on(following: list[dis.Instruction]) -> bool:
    """Return whether the first argument of a call is a variable."""
    return bool(following) and following[0].opname.startswith(_VARIABLE)


def _opened(found: object, following: list[dis.Instruction], code: CodeType) -> str | None:
    """Return in which way a file is opened, if this opens one that it may write."""
    opener = found if isinstance(found, str) else ""
    if isinstance(found, (type, FunctionType, BuiltinFunctionType)):
        opener = f"{found.__module__}.{found.__name__}"
    if opener not in OPENERS and opener not in _OPENING:
        return None
    ends = (position for position, step in enumerate(following) if step.opname.startswith(_ENDS))
    call = following[: next(ends, len(following))]
    constants = [step.argval for step in call if isinstance(step.argval, str) and "CONST" in step.opname]
    if any(_MODE.fullmatch(constant) for constant in constants):
        return WRITES
    named = any(step.argval == "mode" or "mode" in _keywords(step, code) for step in call)
    return OPENS if named and not any(map(_READ_MODE.fullmatch, constants)) else None


def _keywords(step: dis.Instruction, code: CodeType) -> tuple[str, ...]:
    """Return the names of a call's keyword arguments, which are a constant of the code."""
    value = code.co_consts[step.arg or 0] if step.opname in ("KW_NAMES", "LOAD_CONST") else ()
    return value if isinstance(value, tuple) else ()

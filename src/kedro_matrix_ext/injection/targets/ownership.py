"""Where an object belongs: the modules and classes that its import path leads through and that define it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cached_property, partial
from inspect import getattr_static
from types import BuiltinFunctionType, MethodType, MethodWrapperType, ModuleType
from typing import Any

__all__ = ["CONSTANTS", "Walk", "home_of", "is_private_segment", "is_within", "owner_of", "public_module"]

CONSTANTS = (str, bytes, int, float, complex, bool, tuple, frozenset, type(None))
"""Types of values that are judged by their path alone, since a value does not say where it is defined."""

_NOT_PUBLIC = frozenset(
    [
        "test",
        "tests",
        "testing",
        "conftest",
        "vendor",
        "vendored",
        "third_party",
        "thirdparty",
        "extern",
        "externals",
        "site_packages",
    ]
)
_PLATFORM = {"posix": "os", "nt": "os"}


@dataclass(frozen=True)
class Walk:
    """An import path, and every object on the way to its target.

    Attributes:
        path: The path as written.
        steps: One object per segment of the path; the last is the target.
    """

    path: str
    steps: tuple[Any, ...]

    @property
    def target(self) -> Any:
        """What the path leads to."""
        return self.steps[-1]

    @property
    def module_names(self) -> list[str]:
        """The last segment of each module on the way."""
        return [step.__name__.rpartition(".")[2] for step in self.steps if isinstance(step, ModuleType)]

    @cached_property
    def homes(self) -> list[str]:
        """The modules that the target belongs to: those of the way that leads to it, and its own."""
        modules = [step.__name__ for step in self.steps if isinstance(step, ModuleType)]
        parents = {self.path[: end.start()] for end in re.finditer(r"\.", self.path)}
        classes = [home_of(step) for step in self.steps[:-1] if isinstance(step, type)]
        found = [*(name for name in modules[:-1] if name not in parents), modules[-1], *classes]
        return list(dict.fromkeys(home for home in (*found, home_of(self.target)) if home is not None))


def is_private_segment(name: str) -> bool:
    """Return whether a segment of an import path names something private, made for tests, or vendored.

    Examples:
        >>> is_private_segment("_base"), is_private_segment("testing"), is_private_segment("metrics")
        (True, True, False)
    """
    return name.startswith("_") or name in _NOT_PUBLIC


def public_module(name: str) -> str:
    """Return the public module of the standard library behind a private one.

    Examples:
        >>> public_module("posix"), public_module("_operator"), public_module("sklearn._loss")
        ('os', 'operator', 'sklearn._loss')
    """
    if name in _PLATFORM:
        return _PLATFORM[name]
    stripped = name.lstrip("_")
    return stripped if name in sys.stdlib_module_names and stripped in sys.stdlib_module_names else name


def is_within(module: str, package: str) -> bool:
    """Return whether a module is a package or in it."""
    public = public_module(module)
    return public == package or public.startswith(f"{package}.")


def home_of(target: object) -> str | None:
    """Return the name of the module that defines an object; None for constants.

    A method belongs to the class that defines it, also if it is written in C or bound to an instance; a
    partial to the function that it calls; any other instance to its class.

    Examples:
        >>> from collections import OrderedDict
        >>> home_of(OrderedDict.fromkeys), home_of("text".upper), home_of(partial(divmod, 7)), home_of(3)
        ('collections', 'builtins', 'builtins', None)
    """
    if isinstance(target, CONSTANTS):
        return None
    if isinstance(target, ModuleType):
        return target.__name__
    if isinstance(target, partial):
        return home_of(target.func)
    if isinstance(target, MethodType):
        return home_of(target.__func__)
    owner = owner_of(target)
    if owner is not None:
        return owner.__module__
    module = getattr(target, "__module__", None)
    return module if isinstance(module, str) else type(target).__module__


def owner_of(target: Any) -> type | None:
    """Return the class that defines a method which is written in C; None for anything else."""
    owner = getattr_static(target, "__objclass__", None)
    if isinstance(target, (BuiltinFunctionType, MethodWrapperType)):
        instance = target.__self__
        if instance is None or isinstance(instance, ModuleType):
            return None
        classes = instance.__mro__ if isinstance(instance, type) else type(instance).__mro__
        return next((found for found in classes if target.__name__ in vars(found)), type(instance))
    if callable(target) and owner is not None:
        return getattr(target, "__objclass__", None)
    return None

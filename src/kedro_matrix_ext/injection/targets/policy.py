"""Allow-lists of targets: exact import paths, packages with a star, and bare package names."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from types import BuiltinMethodType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._import_path import find_loaded, import_object
from kedro_matrix_ext._variables import ALLOWLIST_VARIABLE
from kedro_matrix_ext.errors import ImportPathError, InjectionError
from kedro_matrix_ext.injection.targets.ownership import is_private_segment, is_within, public_module

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext.injection.targets.ownership import Walk

__all__ = ["AllowList", "Policy", "fitting_star"]

_STAR = ".*"


@dataclass(frozen=True)
class AllowList:
    """The targets that one list allows.

    Attributes:
        source: ``allow=`` or the name of the environment variable, for messages.
        entries: The entries as written.
    """

    source: str
    entries: tuple[str, ...]

    @classmethod
    def parse(cls, source: str, entries: Iterable[str]) -> AllowList:
        """Read a list; an entry that is neither an import path nor ``package.*`` is an error."""
        stripped = tuple(filter(None, (entry.strip() for entry in entries)))
        for entry in stripped:
            names = entry.removesuffix(_STAR).split(".")
            private = [name for name in names if entry.endswith(_STAR) and is_private_segment(name)]
            if not all(name.isidentifier() for name in names) or private:
                what = f"{private[0]!r} is not public" if private else "it is not an import path"
                raise InjectionError(
                    f"{source} holds {entry!r}: {what}",
                    hint="Write 'package.module.Name', or 'package.*' for the public names of a package.",
                )
        return cls(source, stripped)

    def may_import(self, path: str) -> bool:
        """Return whether a path may be imported, judged by its text and by what is imported already."""
        return (
            any(_covers(package_of(entry), path) or _may_be_alias(path, entry) for entry in self.entries)
            or self._exact_entry(path, find_loaded(path)) is not None
        )

    def allows(self, walk: Walk) -> bool:
        """Return whether a target that was imported is on the list."""
        stars = [package_of(entry) for entry in self.entries if entry.endswith(_STAR)]
        return (
            self.names_exactly(walk)
            or any(_star_allows(package, walk) for package in stars)
            or self._bare_packages_allow(walk)
        )

    def names_exactly(self, walk: Walk) -> bool:
        """Return whether an entry is the path as written, or leads to the same object."""
        return self._exact_entry(walk.path, walk.target) is not None

    def _exact_entry(self, path: str, target: object) -> str | None:
        for entry in self.entries:
            if entry.endswith(_STAR):
                continue
            if entry == path or (target is not None and _is_same(_import_entry(entry), target)):
                return entry
        return None

    def _bare_packages_allow(self, walk: Walk) -> bool:
        """Return whether packages without a star cover a target, as lists of older versions were read."""
        path = public_module(walk.path)
        covering = [
            entry
            for entry in self.entries
            if not entry.endswith(_STAR) and (path == entry or _covers(entry, path))
        ]
        packages = [entry for entry in covering if isinstance(_import_entry(entry), ModuleType)]
        others = [entry for entry in self.entries if not entry.endswith(_STAR)]
        if not packages or not all(any(is_within(home, entry) for entry in others) for home in walk.homes):
            return False
        warnings.warn(
            f"{self.source} holds the package {packages[0]!r}, private and imported names included. Write "
            f"'{packages[0]}.*' for what it defines and makes public, or the exact import paths.",
            DeprecationWarning,
            stacklevel=2,
        )
        return True


def package_of(entry: str) -> str:
    """Return the package that an entry is about."""
    return entry.removesuffix(_STAR)


def _may_be_alias(path: str, entry: str) -> bool:
    """Return whether a path in an entry's library may lead to the same object: it ends with its name."""
    return path.partition(".")[0] == entry.partition(".")[0] and _last(path) == _last(entry)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _covers(package: str, path: str) -> bool:
    return path.startswith(f"{package}.")


def _import_entry(entry: str) -> Any:
    """Import what an exact entry names; None where this machine does not have it."""
    try:
        return import_object(entry)
    except ImportPathError:
        return None


_EQUAL_BY_CONTENT = (str, bytes, int, float, complex, bool, tuple, frozenset, type(None), ModuleType)


def _is_same(named: object, target: object) -> bool:
    """Return whether two paths lead to one object; constants and modules are compared by their path alone."""
    if isinstance(target, _EQUAL_BY_CONTENT):
        return False
    if isinstance(target, (MethodType, BuiltinMethodType)):  # each lookup makes another one
        return type(named) is type(target) and named == target
    return named is target


def _star_allows(package: str, walk: Walk) -> bool:
    """Return whether a star covers a target: a public path, defined in the package all along."""
    return (
        _covers(package, walk.path)
        and not any(map(is_private_segment, walk.path.split(".")))
        and not any(name.startswith("test_") for name in walk.module_names)
        and all(is_within(home, package) for home in walk.homes)
    )


def fitting_star(walk: Walk) -> str | None:
    """Return the narrowest star that covers a target; None if no star does."""
    parts = walk.path.split(".") if len(walk.steps) > 1 else []
    packages = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next((f"{package}{_STAR}" for package in packages if _star_allows(package, walk)), None)


@dataclass(frozen=True)
class Policy:
    """Which targets a configuration may use.

    Attributes:
        allow: The list in code, from ``allow=``; None if not given.
        environment: The list in ``KEDRO_MATRIX_INJECT_ALLOWLIST``; None if not set.
    """

    allow: AllowList | None = None
    environment: AllowList | None = None

    @classmethod
    def read(cls, allow: Iterable[str] | None) -> Policy:
        """Join the list in code with the one in the environment.

        Raises:
            InjectionError: If ``allow`` is a string, or an entry is neither an import path nor a star.
        """
        if isinstance(allow, str):
            raise InjectionError(f"allow={allow!r} is a string", hint=f"Write allow=[{allow!r}].")
        variable = os.environ.get(ALLOWLIST_VARIABLE)
        return cls(
            allow=None if allow is None else AllowList.parse("allow=", allow),
            environment=None
            if variable is None
            else AllowList.parse(ALLOWLIST_VARIABLE, variable.split(",")),
        )

    @property
    def lists(self) -> list[AllowList]:
        """The lists that are given; a target must be on each."""
        return [given for given in (self.allow, self.environment) if given is not None]

    def lifts(self, walk: Walk) -> bool:
        """Return whether code allows a refused target by its exact name."""
        return self.allow is not None and self.allow.names_exactly(walk)

"""From an import path to the object it names; the only module that calls ``importlib``."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import ImportPathError

__all__ = ["find_loaded", "import_module", "import_object"]


def import_object(path: str) -> Any:
    """Import what a dotted path names: a module's attribute, or an attribute of that.

    Raises:
        ImportPathError: If the path is malformed, a module in it does not exist or fails to import, or an
            attribute is missing (with the nearest names). The cause is kept.

    Examples:
        >>> import_object("collections.OrderedDict.fromkeys").__qualname__
        'OrderedDict.fromkeys'
    """
    parts = path.split(".") if isinstance(path, str) else []
    if not parts or not all(part.isidentifier() for part in parts):
        raise ImportPathError(
            f"{path!r} is not an import path", hint="Write 'package.module.Name', as in an import statement."
        )
    module, rest = _longest_module(parts)
    return _walk_attributes(module, rest, path)


def find_loaded(path: str) -> Any:
    """Return what a path leads to if nothing must be imported for it; None otherwise.

    Examples:
        >>> find_loaded("sys.maxsize") == sys.maxsize, find_loaded("antigravity.geohash")
        (True, None)
    """
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        found: Any = sys.modules.get(".".join(parts[:length]))
        if found is not None:
            for name in parts[length:]:
                found = vars(found).get(name) if isinstance(found, ModuleType) else getattr(found, name, None)
            return found
    return None


def import_module(name: str) -> Any:
    """Import a module by name, with our error where there is none.

    Raises:
        ImportPathError: If the module, or one that it imports, is missing.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportPathError(f"cannot import module {name!r}: {error}", hint=_install_hint(error)) from error


def _longest_module(parts: list[str]) -> tuple[Any, list[str]]:
    """Import the longest prefix that is a module; the rest are attributes."""
    module = _import_first(parts)
    for position in range(1, len(parts)):
        member = getattr(module, parts[position], None)
        if member is not None and not isinstance(member, ModuleType):
            return module, parts[position:]
        name = ".".join(parts[: position + 1])
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise _import_failed(parts, name, error) from error
            return module, parts[position:]
        except Exception as error:
            raise _import_failed(parts, name, error) from error
    return module, []


def _import_first(parts: list[str]) -> Any:
    try:
        return importlib.import_module(parts[0])
    except ModuleNotFoundError as error:
        if error.name != parts[0]:
            raise _import_failed(parts, parts[0], error) from error
        path = ".".join(parts)
        raise ImportPathError(
            f"cannot import {path!r}: there is no module {parts[0]!r}", hint=_install_hint(error)
        ) from error
    except Exception as error:
        raise _import_failed(parts, parts[0], error) from error


def _import_failed(parts: list[str], module: str, error: Exception) -> ImportPathError:
    path = ".".join(parts)
    return ImportPathError(
        f"cannot import {path!r}: importing module {module!r} raised {type(error).__name__}: {error}",
        hint=_install_hint(error),
    )


def _install_hint(error: Exception) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"Check the spelling, or install the package that provides {error.name.split('.')[0]!r}."
    return None


def _walk_attributes(module: Any, names: list[str], path: str) -> Any:
    target = module
    walked = module.__name__
    for name in names:
        try:
            target = getattr(target, name)
        except AttributeError as error:
            raise ImportPathError(
                f"cannot import {path!r}: {walked!r} has no attribute {name!r}",
                hint=did_you_mean(name, dir(target)) or None,
            ) from error
        walked = f"{walked}.{name}"
    return target

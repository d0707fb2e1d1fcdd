"""Keep what is read from a module's source in a file next to its bytecode."""

from __future__ import annotations

import json
import sys
from dataclasses import astuple
from importlib.machinery import SourceFileLoader
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.deferred_imports.stand_ins.source import Binding, ModuleSource, read_source

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

__all__ = ["read_cached_source"]

_FORMAT = 3  # to be raised with every change of what is read from a source


def read_cached_source(loader: Any, spec: ModuleSpec) -> ModuleSource | None:
    """Read the source of a module, or what was kept of it if the file has not changed since.

    As with bytecode, the file's time and size show whether it changed, a folder that cannot be written to is
    not an error, and ``PYTHONDONTWRITEBYTECODE`` and ``PYTHONPYCACHEPREFIX`` apply.

    Args:
        loader: What loads the module.
        spec: The module's spec.

    Returns:
        What the module defines; None if it has no source.

    Raises:
        SyntaxError: If the source is not Python, with file and line.
    """
    if not isinstance(loader, SourceFileLoader) or not spec.cached or not spec.origin:
        return _read(loader, spec)
    file = f"{spec.cached.removesuffix('.pyc')}.names.json"
    stats = loader.path_stats(spec.origin)
    key = [_FORMAT, spec.name, spec.parent, stats["mtime"], stats["size"]]
    try:
        found, *content = json.loads(loader.get_data(file))
    except (OSError, TypeError, ValueError):
        found, content = None, []
    if found == key:
        return _restore(spec, *content)
    source = _read(loader, spec)
    if source is not None and not sys.dont_write_bytecode:
        loader.set_data(file, json.dumps([key, *_list_content(source)]).encode())
    return source


def _read(loader: Any, spec: ModuleSpec) -> ModuleSource | None:
    text = loader.get_source(spec.name)
    if text is None:
        return None
    return read_source(text, name=spec.name, package=spec.parent or "", file=spec.origin or "")


def _list_content(source: ModuleSource) -> list[Any]:
    bindings = {name: [astuple(each) for each in listed] for name, listed in source.bindings.items()}
    return [bindings, source.last_star_import, source.exports, source.has_docstring, source.changes_itself]


def _restore(
    spec: ModuleSpec,
    bindings: dict[str, list[list[Any]]],
    last_star_import: int,
    *facts: Any,
) -> ModuleSource:
    return ModuleSource(
        spec.name,
        spec.parent or "",
        {name: [Binding(*each) for each in listed] for name, listed in bindings.items()},
        last_star_import,
        *facts,
    )

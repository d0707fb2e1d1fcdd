"""The line in settings.py that defers the imports of node modules."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.deferred_imports.finder import DeferringFinder, find_finder
from kedro_matrix_ext.deferred_imports.rules import DeferralRule
from kedro_matrix_ext.deferred_imports.stand_ins.hints import DATA_LIBRARIES
from kedro_matrix_ext.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SWITCH", "defer_node_imports"]

SWITCH = "KEDRO_MATRIX_DEFER_NODE_IMPORTS"
_ON = ("", "1", "true", "yes", "on")
_OFF = ("0", "false", "no", "off")


def defer_node_imports(*patterns: str, decorators: Iterable[str] = (), libraries: Iterable[str] = ()) -> None:
    """Import node modules when one of their nodes runs, not when pipelines are built.

    Call it in ``settings.py``. A module that a pattern names is read and not run: its functions are stand-ins
    made from the source, with the real signature, name, docstring and place. The module runs when a stand-in
    is called, or when anything that is not a plain function is asked for. The environment variable
    ``KEDRO_MATRIX_DEFER_NODE_IMPORTS=0`` switches it off.

    Args:
        patterns: Names of modules, in which ``*`` stands for one part and ``**`` for any number of parts. A
            package that is named includes its modules. Without patterns, modules named ``nodes`` of the
            package whose settings call this.
        decorators: Import paths of decorators that keep the signature, as ``functools.wraps`` does. They are
            applied when the module runs. This package's own are known.
        libraries: Import paths whose types appear in hints and are neither pydantic models nor dataclasses,
            besides the well-known data libraries.

    Raises:
        SettingsError: If a pattern, import path or the variable is malformed, or there is no pattern and the
            call is not in a package's ``settings.py``.

    Examples:
        >>> defer_node_imports("shop.pipelines.*.steps", decorators=["shop.logging.timed"])
    """
    caller = sys._getframe(1).f_globals  # noqa: SLF001  the module that calls, as ``warnings`` finds it
    module = str(caller.get("__name__", ""))
    rule = DeferralRule(
        patterns or (_default_pattern(module),),
        frozenset(_read_paths(decorators, "decorators")),
        DATA_LIBRARIES.union(_read_paths(libraries, "libraries")),
    )
    finder = find_finder()
    if not _is_on():
        if finder is not None:
            finder.forget(module)
        return
    if finder is None:
        finder = DeferringFinder()
        sys.meta_path.insert(0, finder)
    finder.add(rule, module, caller)


def _default_pattern(module: str) -> str:
    package = module.rpartition(".")[0]
    if not package:
        raise SettingsError(
            f"defer_node_imports() is called in {module!r}, so the project's package is not known",
            hint="Call it in the package's settings.py, or name the modules: "
            "defer_node_imports('shop.**.nodes').",
        )
    return f"{package}.**.nodes"


def _read_paths(paths: Iterable[str], argument: str) -> list[str]:
    listed = [paths] if isinstance(paths, str) else list(paths)
    for path in listed:
        if not isinstance(path, str) or not all(part.isidentifier() for part in path.split(".")):
            raise SettingsError(
                f"defer_node_imports: {path!r} in {argument!r} is not an import path",
                hint="Write 'package.module.name', as in an import statement.",
            )
    return listed


def _is_on() -> bool:
    value = os.environ.get(SWITCH, "").strip().lower()
    if value not in (*_ON, *_OFF):
        raise SettingsError(
            f"environment variable {SWITCH} is {value!r}, which is neither on nor off",
            hint=did_you_mean(value, (*_ON, *_OFF)) or "Write 0 to switch deferred imports off, or unset it.",
        )
    return value not in _OFF

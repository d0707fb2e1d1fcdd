"""This package as a target: only its public functions and classes, without those that import by name."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from kedro_matrix_ext.injection.targets.denylist.rows import Refused

if TYPE_CHECKING:
    from kedro_matrix_ext.injection.targets.ownership import Walk

__all__ = ["refuse_own", "refuse_own_path"]

_PACKAGE = __name__.partition(".")[0]
_NOT_PUBLIC = "is a part of kedro_matrix_ext that is not public"
_NEVER = frozenset(
    (
        "LayeredConfigLoader",
        "add_engine_format",
        "check_injected_objects",
        "config_loader_args",
        "defer_node_imports",
        "determine_hooks_to_execute",
        "inject_object",
        "instantiate",
        "load_environment_variables",
        "make_list_regexable",
        "offer_resolvers",
        "plugins_to_disable",
        "unpack_params",
        "workflow_level",
    )
)


def refuse_own(found: object) -> Refused | None:
    """Refuse what belongs to this package and is not a public function or class.

    Examples:
        >>> from kedro_matrix_ext import instantiate
        >>> refuse_own(instantiate).always
        True
    """
    name = str(getattr(found, "__name__", ""))
    module = name if isinstance(found, ModuleType) else str(getattr(found, "__module__", ""))
    if module.partition(".")[0] != _PACKAGE:
        return None
    if isinstance(found, ModuleType):
        return Refused(name, _NOT_PUBLIC, always=True)
    if not isinstance(found, (type, FunctionType)):
        return None
    if name in _NEVER:
        return Refused(f"{_PACKAGE}.{name}", "imports, builds or configures by name", always=True)
    made_at_run_time = isinstance(found, type) and not _is_written_here(found)  # as named tuples are
    if made_at_run_time or any(getattr(package, name, None) is found for package in _public_packages()):
        return None
    return Refused(f"{module}.{name}", _NOT_PUBLIC, always=True)


def refuse_own_path(walk: Walk) -> Refused | None:
    """Refuse a path through this package that is not a public function or class of a public package."""
    for position, step in enumerate(walk.steps[:-1]):
        if not isinstance(step, ModuleType) or step.__name__.partition(".")[0] != _PACKAGE:
            continue
        leads_on = isinstance(walk.steps[position + 1], ModuleType)
        is_last = position == len(walk.steps) - 2 and isinstance(walk.target, (type, FunctionType))
        if step not in _public_packages() or not (leads_on or is_last):
            return Refused(walk.path, _NOT_PUBLIC, always=True)
    return None


def _is_written_here(found: type) -> bool:
    """Return whether a class is written in this package."""
    module = sys.modules.get(found.__module__)
    return vars(module).get(found.__name__) is found if module is not None else False


def _public_packages() -> list[ModuleType]:
    """List the packages of this library that are imported and export names."""
    names = [name for name in list(sys.modules) if name == _PACKAGE or name.startswith(f"{_PACKAGE}.")]
    public = [name for name in names if name.count(".") <= 1 and "._" not in name]
    return [sys.modules[name] for name in public if hasattr(sys.modules[name], "__all__")]

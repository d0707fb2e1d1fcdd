"""What the package exports, found by looking at the public modules."""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "PUBLIC_MODULES",
    "Export",
    "describe_module",
    "find_home",
    "list_exports",
    "read_literal_docstrings",
]

ROOT = "kedro_matrix_ext"
PUBLIC_MODULES = [
    ROOT,
    *(
        f"{ROOT}.{name}"
        for name in (
            *("argo", "catalog", "checks", "config", "deferred_imports", "errors", "fabrication", "findings"),
            *("hooks", "injection", "pipelines", "resolvers", "settings"),
        )
    ),
]


@dataclass(frozen=True)
class Export:
    """A name in the ``__all__`` of a public module.

    Attributes:
        module: The public module.
        name: The name in it.
        value: What it stands for.
    """

    module: str
    name: str
    value: Any

    @property
    def kind(self) -> str:
        """One of ``class``, ``function`` and ``constant``."""
        if inspect.isclass(self.value):
            return "class"
        return "function" if inspect.isroutine(self.value) else "constant"


def list_exports() -> list[Export]:
    """List every name of every public module."""
    modules = [importlib.import_module(name) for name in PUBLIC_MODULES]
    return [Export(m.__name__, name, getattr(m, name)) for m in modules for name in sorted(m.__all__)]


def find_home(export: Export) -> str:
    """Name the module whose ``__all__`` has the export too and that imports it from no other of ours."""
    module, name = export.module, export.name
    while True:
        for statement in ast.parse(Path(inspect.getfile(importlib.import_module(module))).read_text()).body:
            if isinstance(statement, ast.ImportFrom) and name in {alias.name for alias in statement.names}:
                module = str(statement.module)
                break
        else:
            home = getattr(importlib.import_module(module), "_EXPORTS", {}).get(name)
            if home is None:
                return module
            module = f"{module}.{home}"


def describe_module(name: str) -> str:
    """Write down a public module: a line per name with its arguments, and the members of classes below."""
    exports = [export for export in list_exports() if export.module == name]
    return "\n".join([name, *(f"  {line}" for export in exports for line in _describe(export))])


def _describe(export: Export) -> Iterator[str]:
    if export.kind == "constant" or (inspect.isclass(export.value) and issubclass(export.value, Warning)):
        yield export.name
    elif inspect.isclass(export.value) and issubclass(export.value, enum.Enum):
        yield f"{export.name}: {', '.join(member.name for member in export.value)}"
    else:
        yield f"{export.name}{_arguments(export.value)}"
    if export.kind == "class":
        yield from (f"  .{line}" for line in _members(export.value))


def _members(cls: type) -> Iterator[str]:
    for name, member in sorted(vars(cls).items()):
        function = getattr(member, "__func__", member)
        if name.startswith("_") or name == "model_config":
            continue
        if inspect.isfunction(function):
            yield f"{name}{_arguments(function)}"
        elif isinstance(member, property) or hasattr(member, "attrname"):
            yield name


def _arguments(function: Any) -> str:
    """Write the arguments without their types: ``(pipeline, *, config, group_by=)``."""
    parts = []
    keyword_only = False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            parts.append("*")
        keyword_only |= parameter.kind in {parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL}
        stars = "*" * {"VAR_POSITIONAL": 1, "VAR_KEYWORD": 2}.get(parameter.kind.name, 0)
        default = "" if parameter.default is parameter.empty else "="
        if parameter.name not in {"self", "cls"}:
            parts.append(f"{stars}{parameter.name}{default}")
    return f"({', '.join(parts)})"


def read_literal_docstrings(module: str, cls: str | None = None) -> dict[str, str]:
    """Read the strings below assignments of a module, or of a class in it."""
    body: list[ast.stmt] = ast.parse(Path(inspect.getfile(importlib.import_module(module))).read_text()).body
    if cls is not None:
        body = next(stmt.body for stmt in body if isinstance(stmt, ast.ClassDef) and stmt.name == cls)
    found = {}
    for statement, below in pairwise(body):
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found.update({t.id: str(below.value.value) for t in targets if isinstance(t, ast.Name)})
    return found

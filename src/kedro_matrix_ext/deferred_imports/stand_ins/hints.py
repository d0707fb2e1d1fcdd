"""Evaluate type hints of a module that is not run.

Kedro evaluates the hints of every node function, to find pydantic models and dataclasses that validate
parameters. So a hint is either the real object or known not to be such a model.
"""

from __future__ import annotations

import ast
import builtins
import operator
import sys
from dataclasses import dataclass, field
from functools import cache, lru_cache, reduce
from types import GenericAlias
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext.errors import ImportPathError

if TYPE_CHECKING:
    from collections.abc import Collection

    from kedro_matrix_ext.deferred_imports.stand_ins.source import ModuleSource

__all__ = ["DATA_LIBRARIES", "HintReader", "UnknownHintError"]

# Libraries whose classes appear in hints of nodes and are neither pydantic models nor dataclasses.
DATA_LIBRARIES = frozenset(
    (
        "dask",
        "geopandas",
        "ibis",
        "jax",
        "keras",
        "lightgbm",
        "matplotlib",
        "networkx",
        "numpy",
        "pandas",
        "plotly",
        "polars",
        "pyarrow",
        "pyspark",
        "scipy",
        "seaborn",
        "shap",
        "sklearn",
        "statsmodels",
        "tensorflow",
        "torch",
        "xarray",
        "xgboost",
    )
)
# Always installed with this package, so their types are imported.
_INSTALLED = frozenset(("kedro", "kedro_matrix_ext", "omegaconf", "pydantic", "typing_extensions"))
_MODULES_OF_TYPING = ("typing", "typing_extensions")


class UnknownHintError(Exception):
    """A hint that only running the module can evaluate; the message is the hint's text."""


@dataclass(frozen=True)
class _LibraryPath:
    """A name of a data library that is not imported."""

    path: str


@cache
def _empty_class(path: str) -> type:
    """Make the class that is shown for a type of a data library, one per import path."""
    module, _, name = path.rpartition(".")
    members = {"__module__": module, "__qualname__": name, "__class_getitem__": classmethod(GenericAlias)}
    return type(name, (), members)


@dataclass
class HintReader:
    """Evaluates the hints of one module.

    Attributes:
        source: What the module defines.
        libraries: Import paths whose types are shown as empty classes.
    """

    source: ModuleSource
    libraries: Collection[str] = DATA_LIBRARIES
    _open: list[str] = field(default_factory=list)

    def read_annotations(self, arguments: ast.arguments, returns: ast.expr | None) -> dict[str, Any]:
        """Evaluate the hints of a function.

        Args:
            arguments: Its arguments.
            returns: The hint of what it returns.

        Returns:
            What its ``__annotations__`` are, in Python's order.

        Raises:
            UnknownHintError: If one of the hints cannot be evaluated without running the module.
        """
        listed = [
            *arguments.posonlyargs,
            *arguments.args,
            arguments.vararg,
            *arguments.kwonlyargs,
            arguments.kwarg,
        ]
        hints = {
            each.arg: each.annotation for each in listed if each is not None and each.annotation is not None
        }
        if returns is not None:
            hints["return"] = returns
        return {name: self.read(hint) for name, hint in hints.items()}

    def read(self, hint: ast.expr) -> Any:
        """Evaluate one hint."""
        try:
            return self._show(self._evaluate(hint))
        except UnknownHintError:
            raise
        except Exception as error:
            raise UnknownHintError(ast.unparse(hint)) from error

    def _show(self, value: Any) -> Any:
        return _empty_class(value.path) if isinstance(value, _LibraryPath) else value

    def _evaluate(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return self._look_up(node.id)
        if isinstance(node, ast.Attribute):
            return self._get_attribute(self._evaluate(node.value), node)
        if isinstance(node, ast.Subscript):
            return self._subscribe(self._show(self._evaluate(node.value)), node.slice)
        if isinstance(node, ast.Constant):
            return self._read_constant(node)
        if isinstance(node, (ast.Tuple, ast.List)):
            elements = [self.read(element) for element in node.elts]
            return tuple(elements) if isinstance(node, ast.Tuple) else elements
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return reduce(operator.or_, (self.read(side) for side in (node.left, node.right)))
        raise UnknownHintError(ast.unparse(node))

    def _read_constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, str):
            return self._evaluate(_parse_hint(node.value))
        if node.value is None or node.value is ...:
            return node.value
        raise UnknownHintError(ast.unparse(node))

    def _subscribe(self, generic: Any, arguments: ast.expr) -> Any:
        if any(generic is getattr(sys.modules.get(name), "Literal", ...) for name in _MODULES_OF_TYPING):
            return generic[self._read_literal(arguments)]
        if any(generic is getattr(sys.modules.get(name), "Annotated", ...) for name in _MODULES_OF_TYPING):
            if not isinstance(arguments, ast.Tuple):
                raise UnknownHintError(ast.unparse(arguments))
            kind, *metadata = arguments.elts
            items = (self.read(kind), *map(self._read_literal, metadata))
            return generic[items]
        return generic[self.read(arguments)]

    def _read_literal(self, node: ast.expr) -> Any:
        try:
            return ast.literal_eval(node)
        except ValueError as error:
            raise UnknownHintError(ast.unparse(node)) from error

    def _get_attribute(self, owner: Any, node: ast.Attribute) -> Any:
        if isinstance(owner, _LibraryPath):
            return self._import(f"{owner.path}.{node.attr}")
        if isinstance(owner, type(sys)):
            return self._import(f"{owner.__name__}.{node.attr}")
        return getattr(owner, node.attr)

    def _look_up(self, name: str) -> Any:
        if name not in self.source.bindings:
            if not self.source.last_star_import and hasattr(builtins, name):
                return getattr(builtins, name)
            raise UnknownHintError(name)
        binding = self.source.find_only_binding(name)
        if binding is not None and binding.kind in ("import", "from"):
            return self._import(binding.path, name)
        is_alias = binding is not None and binding.kind == "assignment" and not binding.conditional
        if binding is None or not is_alias or name in self._open or not binding.text:
            raise UnknownHintError(name)
        self._open.append(name)
        try:
            return self._evaluate(_parse_hint(binding.text))
        finally:
            self._open.pop()

    def _import(self, path: str, name: str = "") -> Any:
        """Import what is always there, and leave the data libraries alone."""
        if any(path == library or path.startswith(f"{library}.") for library in self.libraries):
            return _LibraryPath(path)
        root = path.partition(".")[0]
        if root in sys.stdlib_module_names or root in _INSTALLED:
            try:
                return import_object(path)
            except ImportPathError as error:
                raise UnknownHintError(name or path) from error
        raise UnknownHintError(name or path)


@lru_cache(maxsize=4096)
def _parse_hint(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body

"""Make stand-ins from the source of a module."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext.deferred_imports.stand_ins.hints import HintReader, UnknownHintError
from kedro_matrix_ext.deferred_imports.stand_ins.signatures import Arguments, find_kind, make_function
from kedro_matrix_ext.deferred_imports.stand_ins.stand_in import (
    ForwardingStandIn,
    InjectedStandIn,
    PlainStandIn,
)
from kedro_matrix_ext.errors import ImportPathError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from kedro_matrix_ext.deferred_imports.stand_ins.source import Binding, FunctionNode, ModuleSource
    from kedro_matrix_ext.deferred_imports.stand_ins.stand_in import StandIn

__all__ = ["NotPlainError", "StandInMaker"]

_OWN_PACKAGE = "kedro_matrix_ext"
_OWN_DECORATORS = ("inject_object", "make_list_regexable", "unpack_params")


class NotPlainError(Exception):
    """No stand-in can be made for what a name is bound to; the message says why."""


@dataclass(eq=False)
class StandInMaker:
    """Makes the stand-ins of one module.

    Attributes:
        source: What the module defines.
        file: Its file.
        namespace: The module's own dictionary.
        run_module: Runs the module for the function of that name.
        decorators: Import paths of decorators that the user named.
        libraries: Import paths whose types are shown as empty classes.
    """

    source: ModuleSource
    file: str
    namespace: dict[str, Any]
    run_module: Callable[[str], None]
    decorators: Collection[str]
    libraries: Collection[str]

    def make(self, name: str) -> StandIn:
        """Make the stand-in for a function.

        Args:
            name: A name that the module binds.

        Returns:
            The stand-in.

        Raises:
            NotPlainError: If the name is not bound to a function for which one can be made.
        """
        binding = self._find_function(name)
        code = self.source.functions[name, binding.line]
        node = _parse_head(name, binding.text)
        decorators = [self._resolve_decorator(name, each) for each in node.decorator_list]
        kind = find_kind(code)
        named = [path for path, decorator in decorators if decorator is None]
        if named and kind != "function":
            raise NotPlainError(f"{name!r} is a {kind} with the decorator {named[0]!r}")
        stand_in: StandIn = self._make_plain(name, node, code)
        for _, decorator in reversed(decorators):
            if decorator is None:
                stand_in = ForwardingStandIn(stand_in, self._runner(name))
            else:
                stand_in = InjectedStandIn(decorator(stand_in.function), stand_in)
        return stand_in

    def _runner(self, name: str) -> Callable[[], None]:
        return functools.partial(self.run_module, name)

    def _find_function(self, name: str) -> Binding:
        bindings = self.source.bindings[name]
        binding = self.source.find_only_binding(name)
        if binding is None and len(bindings) > 1:
            raise NotPlainError(f"{name!r} is defined or changed in more than one place")
        if binding is None:
            raise NotPlainError(f"{name!r} is defined above a star import")
        if binding.kind != "function":
            raise NotPlainError(f"{name!r} is {_describe(binding)}")
        if binding.conditional:
            raise NotPlainError(f"{name!r} is defined under a condition")
        if (name, binding.line) not in self.source.functions:
            raise NotPlainError(f"{name!r} has type parameters, or is compiled in an unusual way")
        return binding

    def _make_plain(self, name: str, node: FunctionNode, code: CodeType) -> StandIn:
        try:
            annotations = HintReader(self.source, self.libraries).read_annotations(node.args, node.returns)
        except UnknownHintError as error:
            raise NotPlainError(f"{name!r} has the hint {str(error)!r}") from error
        arguments = Arguments.read(node.args)
        stand_in = PlainStandIn(arguments, self._runner(name))
        function = make_function(
            arguments,
            stand_in.receive,
            kind=find_kind(code),
            name=name,
            file=self.file,
            line=code.co_firstlineno,
            namespace=self.namespace,
        )
        function.__module__ = self.source.name
        function.__doc__ = FunctionType(code, {}).__doc__
        function.__annotations__ = annotations
        stand_in.finish(function)
        return stand_in

    def _resolve_decorator(self, name: str, node: ast.expr) -> tuple[str, Any]:
        """Find the import path of a decorator, and the decorator itself where it is one of this package."""
        called = node.func if isinstance(node, ast.Call) else node
        path = self._find_path(called)
        if path in self.decorators:
            return path, None
        decorator = _find_own_decorator(path)
        if decorator is None or not isinstance(node, ast.Call):
            raise NotPlainError(f"{name!r} has the decorator {ast.unparse(called)!r}")
        try:
            args = [ast.literal_eval(argument) for argument in node.args]
            kwargs = {
                keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg
            }
        except ValueError as error:
            raise NotPlainError(f"{name!r} has the decorator {ast.unparse(node)!r}") from error
        if len(kwargs) != len(node.keywords):
            raise NotPlainError(f"{name!r} has the decorator {ast.unparse(node)!r}")
        return path, decorator(*args, **kwargs)

    def _find_path(self, node: ast.expr) -> str:
        """Resolve a name through the module's imports, aliases included."""
        if isinstance(node, ast.Attribute):
            owner = self._find_path(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        if not isinstance(node, ast.Name):
            return ""
        binding = self.source.find_only_binding(node.id)
        if binding is None:
            return ""
        if binding.kind in ("import", "from"):
            return binding.path
        return f"{self.source.name}.{node.id}"


def _find_own_decorator(path: str) -> Any:
    """Import the decorator if it is one of this package's, wherever it is imported from."""
    if path.partition(".")[0] != _OWN_PACKAGE or path.rpartition(".")[2] not in _OWN_DECORATORS:
        return None
    try:
        return import_object(path)
    except ImportPathError:
        return None


def _parse_head(name: str, text: str) -> FunctionNode:
    try:
        node = ast.parse(text).body[0]
    except SyntaxError as error:
        raise NotPlainError(f"{name!r} is written in an unusual way") from error
    return node  # type: ignore[return-value]


def _describe(binding: Binding) -> str:
    names = {
        "class": "a class",
        "import": "an import",
        "from": "an import",
        "lambda": "a lambda",
        "assignment": "a value",
    }
    return names.get(binding.kind, "not a plain function")

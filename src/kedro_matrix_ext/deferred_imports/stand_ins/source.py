"""Read what a module defines from its source, without running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from types import CodeType
from typing import TYPE_CHECKING, Literal, TypeAlias

from kedro_matrix_ext.deferred_imports.stand_ins.changes import (
    FUNCTIONS,
    find_namespace_changes,
    find_used_functions,
    is_main_guard,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Binding", "FunctionNode", "ModuleSource", "list_functions", "read_source", "resolve_module"]

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Kind = Literal["function", "class", "import", "from", "assignment", "lambda", "other"]

_HINTS = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.Constant)


@dataclass(frozen=True)
class Binding:
    """One place where a module binds a name.

    Attributes:
        kind: What binds it.
        line: The line.
        conditional: Whether it is under an ``if``, ``try``, ``for``, ``while``, ``with`` or ``match``.
        text: A function without its body, or an assigned expression that may be a hint.
        module: The imported module, absolute.
        attribute: The name that is imported from it; empty for the module itself.
    """

    kind: Kind
    line: int
    conditional: bool = False
    text: str = ""
    module: str = ""
    attribute: str = ""

    @property
    def path(self) -> str:
        """The import path of an imported name."""
        return f"{self.module}.{self.attribute}" if self.attribute else self.module


@dataclass
class ModuleSource:
    """What a module's source defines; text and numbers alone, so that it can be kept in a file.

    Attributes:
        name: The module's name.
        package: The package that its relative imports start from.
        bindings: Per name all places that bind it, in order.
        last_star_import: The line of the last ``from x import *``; 0 without one.
        exports: ``__all__`` where it is written as a plain list.
        has_docstring: Whether the module has a docstring.
        changes_itself: How the module changes its own namespace, with the line; None where it does not.
        functions: The compiled functions by name and first line, if they are known.
    """

    name: str
    package: str
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    last_star_import: int = 0
    exports: list[str] | None = None
    has_docstring: bool = False
    changes_itself: tuple[str, int] | None = None
    functions: dict[tuple[str, int], CodeType] = field(default_factory=dict)

    def find_only_binding(self, name: str) -> Binding | None:
        """Return the binding of a name that is bound in one place and in no other way."""
        found = self.bindings.get(name, ())
        return found[0] if len(found) == 1 and found[0].line > self.last_star_import else None

    def list_functions(self) -> list[str]:
        """List the names that are bound to functions."""
        return [
            name for name, found in self.bindings.items() if any(each.kind == "function" for each in found)
        ]

    def imports(self, path: str) -> bool:
        """Return whether a statement imports a module, or something from it."""
        bindings = [binding for listed in self.bindings.values() for binding in listed]
        return bool(self.last_star_import) or any(
            path in (each.module, each.path) or each.module.startswith(f"{path}.") for each in bindings
        )

    def bind(self, name: str, binding: Binding) -> None:
        """Add a binding."""
        self.bindings.setdefault(name, []).append(binding)


def read_source(text: str, *, name: str, package: str, file: str) -> ModuleSource:
    """Read the source of a module.

    Args:
        text: The source.
        name: The module's name.
        package: The package that its relative imports start from.
        file: The file, for syntax errors.

    Returns:
        What the module defines.

    Raises:
        SyntaxError: If the source is not Python, with file and line.
    """
    tree = ast.parse(text, file)
    source = ModuleSource(name, package)
    _read_block(tree.body, source, conditional=False)
    _read_heads(tree, text, source)
    for function, line in [*find_used_functions(tree, source.list_functions())]:
        _bind_others([function], line, source)
    source.has_docstring = ast.get_docstring(tree, clean=False) is not None
    if text.count("__all__") > 1:
        source.exports = None  # it may be changed
    if "global" in text:
        for node in ast.walk(tree):
            if isinstance(node, ast.Global):
                _bind_others(node.names, node.lineno, source)
    if ":=" in text:
        for node in ast.walk(tree):
            if isinstance(node, ast.NamedExpr):
                _bind_others([node.target.id], node.lineno, source)
    if source.changes_itself is None:
        source.changes_itself = next(find_namespace_changes(tree, text), None)
    return source


def list_functions(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """List the functions that a module defines by name and first line, decorators included."""
    return {
        (each.co_name, each.co_firstlineno): each for each in code.co_consts if isinstance(each, CodeType)
    }


def _read_block(body: Iterable[ast.stmt], source: ModuleSource, *, conditional: bool) -> None:
    for statement in body:
        _read_statement(statement, source, conditional=conditional)


def _read_statement(statement: ast.stmt, source: ModuleSource, *, conditional: bool) -> None:
    line = statement.lineno
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        kind: Kind = "class" if isinstance(statement, ast.ClassDef) else "function"
        first = min([line, *(decorator.lineno for decorator in statement.decorator_list)])
        source.bind(statement.name, Binding(kind, first, conditional))
        if statement.name in ("__getattr__", "__dir__"):
            source.changes_itself = (f"it defines {statement.name}", line)
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            module = alias.name if alias.asname else alias.name.partition(".")[0]
            source.bind(alias.asname or module, Binding("import", line, conditional, module=module))
            _note_self_import(alias.name, line, source)
    elif isinstance(statement, ast.ImportFrom):
        _read_import_from(statement, source, conditional=conditional)
    elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete)):
        _read_assignment(statement, source, conditional=conditional)
    elif not isinstance(statement, ast.Expr) and not is_main_guard(statement):
        _bind_others(_names_bound_by(statement), line, source)
        for block in _blocks_of(statement):
            _read_block(block, source, conditional=True)


def _read_import_from(statement: ast.ImportFrom, source: ModuleSource, *, conditional: bool) -> None:
    module = resolve_module(statement, source.package)
    for alias in statement.names:
        if alias.name == "*":
            source.last_star_import = statement.lineno
            continue
        binding = Binding("from", statement.lineno, conditional, module=module, attribute=alias.name)
        source.bind(alias.asname or alias.name, binding)
        _note_self_import(binding.path, statement.lineno, source)


def _note_self_import(module: str, line: int, source: ModuleSource) -> None:
    """A module that has itself under a name can change its functions by it: ``me.f.retries = 3``."""
    if module == source.name:
        source.changes_itself = ("it imports itself", line)


def resolve_module(statement: ast.ImportFrom, package: str) -> str:
    """Return the absolute name of the module that an import names."""
    if not statement.level:
        return statement.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - statement.level + 1]
    return ".".join([*base, *([statement.module] if statement.module else [])])


def _read_assignment(
    statement: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Delete,
    source: ModuleSource,
    *,
    conditional: bool,
) -> None:
    targets = statement.targets if isinstance(statement, (ast.Assign, ast.Delete)) else [statement.target]
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        return  # it declares a type and binds nothing
    value = None if isinstance(statement, (ast.AugAssign, ast.Delete)) else statement.value
    for target in targets:
        if isinstance(target, ast.Name) and value is not None:
            source.bind(target.id, _read_value(value, statement.lineno, conditional=conditional))
        else:
            _bind_others(_roots(target), statement.lineno, source)
        if isinstance(target, ast.Name) and target.id == "__all__":
            source.exports = None if conditional or len(targets) > 1 else _read_names(value)


def _read_value(value: ast.expr, line: int, *, conditional: bool) -> Binding:
    if isinstance(value, ast.Lambda):
        return Binding("lambda", line, conditional)
    return Binding("assignment", line, conditional, ast.unparse(value) if isinstance(value, _HINTS) else "")


def _read_heads(tree: ast.Module, text: str, source: ModuleSource) -> None:
    """Add the text of functions that are defined once, without their bodies."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for node in tree.body:
        if isinstance(node, FUNCTIONS) and len(source.bindings[node.name]) == 1:
            binding = source.bindings[node.name][0]
            source.bindings[node.name] = [replace(binding, text=_cut_head(node, binding.line, lines))]


def _cut_head(node: FunctionNode, first: int, lines: list[str]) -> str:
    """Return decorators, name and arguments; the parentheses or decorator of what follows are cut, too."""
    body = node.body[0]
    start = min([body, *getattr(body, "decorator_list", [])], key=lambda each: (each.lineno, each.col_offset))
    last = lines[start.lineno - 1].encode()[: start.col_offset].decode()
    head = "\n".join([*lines[first - 1 : start.lineno - 1], last])
    return head.rstrip(" \t\f\n\\(@") + "\n    ..."


def _read_names(value: ast.expr | None) -> list[str] | None:
    try:
        names = ast.literal_eval(value) if value is not None else None
    except ValueError:
        return None
    if isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names):
        return list(names)
    return None


def _bind_others(names: Iterable[str], line: int, source: ModuleSource) -> None:
    for name in names:
        source.bind(name, Binding("other", line))


def _roots(target: ast.expr) -> Iterator[str]:
    """List the names that an assignment binds or changes: ``f`` in ``f.retries = 3``."""
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _roots(element)
    elif isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
        yield from _roots(target.value)
    elif isinstance(target, ast.Name):
        yield target.id


def _names_bound_by(statement: ast.stmt) -> Iterator[str]:
    """List the names that the head of a compound statement binds."""
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        yield from _roots(statement.target)
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        for item in statement.items:
            if item.optional_vars is not None:
                yield from _roots(item.optional_vars)
    elif isinstance(statement, ast.Match):
        for case in statement.cases:
            for node in ast.walk(case.pattern):
                name = getattr(node, "name", None) or getattr(node, "rest", None)
                yield from [name] if isinstance(name, str) else []
    elif type(statement).__name__ == "TypeAlias":  # ``type X = ...``, from Python 3.12 on
        yield from _roots(statement.name)  # type: ignore[attr-defined]
    for handler in getattr(statement, "handlers", ()):
        yield from [handler.name] if handler.name else []


def _blocks_of(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for inner in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield inner.body

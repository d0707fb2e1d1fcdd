"""Find what changes a module's names other than by binding them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["FUNCTIONS", "find_namespace_changes", "find_used_functions", "is_main_guard"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NAMESPACE_CALLS = ("vars", "locals", "dir", "exec")
# A text without any of these words does not change its own namespace in other ways than by binding names.
_SELF_CHANGING_WORDS = ("globals", "modules", "import_module", "__import__", *_NAMESPACE_CALLS)


def find_used_functions(tree: ast.Module, defined: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Count the use of a function as a change: ``register(f)``, ``for g in (f, h)``.

    A call of it, and a list or dictionary of functions that only other modules use, do not change it.
    """
    held = {name: {name} for name in defined}
    for statement in tree.body if held else ():
        if isinstance(statement, FUNCTIONS) or is_main_guard(statement):
            continue
        used = {name for loaded in _names_used_by(statement) for name in held.get(loaded, ())}
        if _is_collection(statement):
            held[statement.targets[0].id] = used  # type: ignore[attr-defined]
        else:
            yield from ((name, statement.lineno) for name in used)


def _names_used_by(statement: ast.stmt) -> Iterator[str]:
    nodes = [statement, *_walk_module_level(statement)]
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
            yield node.id


def _is_collection(statement: ast.stmt) -> bool:
    """Recognise ``NODES = [f, g]``."""
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.value, (ast.List, ast.Tuple, ast.Set, ast.Dict))
        and isinstance(statement.targets[0], ast.Name)
        and len(statement.targets) == 1
        and not any(isinstance(node, ast.Call) for node in ast.walk(statement.value))
    )


def is_main_guard(statement: ast.stmt) -> bool:
    """Recognise ``if __name__ == "__main__":``, which an import never enters."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and isinstance(statement.test, ast.Compare)
        and isinstance(statement.test.left, ast.Name)
        and statement.test.left.id == "__name__"
        and isinstance(statement.test.ops[0], ast.Eq)
        and isinstance(statement.test.comparators[0], ast.Constant)
        and statement.test.comparators[0].value == "__main__"
    )


def find_namespace_changes(tree: ast.Module, text: str) -> Iterator[tuple[str, int]]:
    """Find what may bind names in ways that the statements do not show."""
    if not any(word in text for word in _SELF_CHANGING_WORDS):
        return
    nodes = list(ast.walk(tree))
    aliases = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names_of_sys = {"sys", *(alias.asname for alias in aliases if alias.name == "sys" and alias.asname)}
    for node in nodes:
        change = _describe_namespace_change(node, names_of_sys)
        if change:
            yield change, getattr(node, "lineno", 0)
    for node in _walk_module_level(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name == "exec" or (name in _NAMESPACE_CALLS and not node.args):
                yield f"it calls {name}()", node.lineno


def _describe_namespace_change(node: ast.AST, names_of_sys: set[str]) -> str:
    if isinstance(node, ast.Name) and node.id == "globals":
        return "it uses globals()"
    if isinstance(node, ast.Attribute) and node.attr == "modules":
        is_sys = isinstance(node.value, ast.Name) and node.value.id in names_of_sys
        return "it uses sys.modules" if is_sys else ""
    if isinstance(node, ast.ImportFrom) and node.module == "sys":
        return "it uses sys.modules" if any(alias.name == "modules" for alias in node.names) else ""
    if isinstance(node, ast.Call) and any(_is_name(argument, "__name__") for argument in node.args):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return "it imports itself" if called in ("import_module", "__import__") else ""
    return ""


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _walk_module_level(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs with the module: not the bodies of functions."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.Lambda)):
            yield from _walk_module_level(node)

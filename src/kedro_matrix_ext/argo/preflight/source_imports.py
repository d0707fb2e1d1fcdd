"""Which libraries a project's code imports, read from its source: nothing is run."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kedro_matrix_ext.deferred_imports.stand_ins.source import resolve_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["ImportPlace", "SourceImports", "list_imports"]

_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class ImportPlace(NamedTuple):
    """Where a library is imported first."""

    file: str
    line: int


class _Import(NamedTuple):
    module: str
    attribute: str
    bound: str
    line: int


@dataclass
class _Code:
    """The source of one module."""

    file: str
    body: list[ast.stmt]
    imports: list[_Import]
    package: str

    def __post_init__(self) -> None:
        self.definitions = {each.name: each for each in self.body if isinstance(each, _DEFINITIONS)}
        self.bound = {each.bound: each for each in self.imports}


@dataclass
class SourceImports:
    """The libraries that some functions of a project need: in each module that they load, and inside of them.

    Imports under ``if`` and ``try`` are left out, as they may be optional.

    Attributes:
        source: The folder of the project's packages.
        project: The project's folder, which file names are relative to.
        libraries: Per library the place where it is imported first.
    """

    source: Path
    project: Path
    libraries: dict[str, ImportPlace] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _read: dict[str, _Code | None] = field(default_factory=dict)

    def holds(self, module: str) -> bool:
        """Return whether a module is the project's own."""
        top = self.source / module.partition(".")[0]
        return bool(module) and (top.is_dir() or top.with_suffix(".py").is_file())

    def follow(self, module: str, name: str = "") -> None:
        """Read what importing a module needs, and what calling one of its functions or classes does."""
        if (module, name) in self._seen or not self.holds(module):
            return
        self._seen.add((module, name))
        parent, _, _ = module.rpartition(".")
        if parent:
            self.follow(parent)
        code = self._find(module)
        if code is None:
            return
        if not name:
            self._take(code, code.imports)
            return
        self.follow(module)
        definition = code.definitions.get(name)
        if definition is None:
            self._follow_bound(code, name)
            return
        self._take(code, list_imports(_list_bodies(definition), code.package))
        for mention in {each.id for each in ast.walk(definition) if isinstance(each, ast.Name)}:
            if mention in code.definitions:
                self.follow(module, mention)
            else:
                self._follow_bound(code, mention)

    def _take(self, code: _Code, imports: Iterable[_Import]) -> None:
        for each in imports:
            library = each.module.partition(".")[0]
            if self.holds(library):
                self.follow(each.module)
                self.follow(f"{each.module}.{each.attribute}" if each.attribute else each.module)
            elif library and library not in sys.stdlib_module_names:
                self.libraries.setdefault(library, ImportPlace(code.file, each.line))

    def _follow_bound(self, code: _Code, name: str) -> None:
        imported = code.bound.get(name)
        if imported is not None and imported.attribute:
            self.follow(imported.module, imported.attribute)

    def _find(self, module: str) -> _Code | None:
        if module not in self._read:
            self._read[module] = self._parse(module)
        return self._read[module]

    def _parse(self, module: str) -> _Code | None:
        path = self.source.joinpath(*module.split("."))
        package = module if path.is_dir() else module.rpartition(".")[0]
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        try:
            body = ast.parse(file.read_bytes()).body
        except (OSError, SyntaxError, ValueError):  # other rules report code that cannot be imported
            return None
        shown = file.relative_to(self.project).as_posix() if file.is_relative_to(self.project) else str(file)
        return _Code(shown, body, list(list_imports(body, package)), package)


def _list_bodies(definition: _Definition) -> Iterator[ast.stmt]:
    """Give the statements of a function, or of all methods of a class."""
    for statement in definition.body:
        yield statement
        if isinstance(statement, _DEFINITIONS):
            yield from _list_bodies(statement)


def list_imports(body: Iterable[ast.stmt], package: str) -> Iterator[_Import]:
    r"""List the imports that always run when a block does.

    Examples:
        >>> code = "import a.b\nif x: import c\ntry:\n  import d\nexcept ImportError: pass"
        >>> [each.module for each in list_imports(ast.parse(code).body, "")]
        ['a.b']
    """
    for statement in body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                top = alias.name.partition(".")[0]
                yield _Import(alias.name, "", alias.asname or top, statement.lineno)
        elif isinstance(statement, ast.ImportFrom):
            module = resolve_module(statement, package)
            for alias in statement.names:
                yield _Import(module, alias.name, alias.asname or alias.name, statement.lineno)
        elif isinstance(statement, (ast.With, ast.AsyncWith, ast.Try)):
            sure = not (isinstance(statement, ast.Try) and statement.handlers)
            yield from list_imports(statement.body if sure else [], package)

"""A module that runs when it is needed."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.deferred_imports.failures import (
    MissingNameError,
    as_import_error,
    fail_call,
    fail_import,
)
from kedro_matrix_ext.deferred_imports.import_statements import (
    is_guarded,
    is_import_from,
    is_import_system,
)
from kedro_matrix_ext.deferred_imports.module_lock import hold_module_lock
from kedro_matrix_ext.deferred_imports.runs import ModuleRun, add_module_run
from kedro_matrix_ext.deferred_imports.stand_ins.binding_names import BindingNames
from kedro_matrix_ext.deferred_imports.stand_ins.maker import NotPlainError, StandInMaker
from kedro_matrix_ext.errors import NodeImportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from kedro_matrix_ext.deferred_imports.rules import DeferralRule
    from kedro_matrix_ext.deferred_imports.stand_ins.source import Binding, ModuleSource
    from kedro_matrix_ext.deferred_imports.stand_ins.stand_in import StandIn

__all__ = ["GUARDED", "DeferredModule", "ModuleState", "defer_module", "find_state", "is_deferred"]


@dataclass(eq=False)
class ModuleState:
    """What is known of a module that is read and not run.

    Attributes:
        module: The module.
        loader: What runs it.
        file: Its file.
        code: Its compiled code; None to have the loader read it again.
        source: What it defines.
        rule: What is known of decorators and libraries.
    """

    module: ModuleType
    loader: Any
    file: str
    code: CodeType | None
    source: ModuleSource
    rule: DeferralRule
    has_run: bool = False
    _runner: int | None = None
    _stand_ins: dict[str, StandIn] = field(default_factory=dict)
    _bound: set[str] = field(default_factory=set)
    _overrides: dict[str, Any] = field(default_factory=dict)
    _maker: StandInMaker = field(init=False)

    def __post_init__(self) -> None:
        self._maker = StandInMaker(
            source=self.source,
            file=self.file,
            namespace=_namespace(self.module),
            run_module=self.run_for_call,
            decorators=self.rule.decorators,
            libraries=self.rule.libraries,
        )

    def get(self, name: str, *, by_import_system: bool = False) -> Any:
        """Return an attribute that the module's dictionary does not have yet."""
        if self.has_run or self._is_running_here():
            return self._get_after_run(name)
        if name in self.source.bindings:
            return self._get_bound(name)
        if name == "__all__":
            self.run("a star import asks for all its names")
        elif _is_dunder(name):
            raise MissingNameError(self.module, name)
        elif self.source.last_star_import:
            self.run(f"{name!r} may come from the star import", self.source.last_star_import)
        elif hasattr(self.module, "__path__") and not by_import_system:
            return self._get_submodule(name)
        else:  # the import system looks for a submodule next
            raise MissingNameError(self.module, name, self.list_names())
        return self._get_after_run(name)

    def list_names(self) -> list[str]:
        """List the names that the module has, once it has run."""
        if self.source.last_star_import and not self.has_run:
            self.run("all its names are asked for", self.source.last_star_import)
        return sorted({*_namespace(self.module), *self.source.bindings} - {_STATE})

    def set(self, name: str, value: Any) -> None:
        """Set an attribute, and keep it from being overwritten when the module runs."""
        names = _namespace(self.module)
        if self._is_running_here():
            names[name] = value
        elif not _is_submodule(value, f"{self.source.name}.{name}"):
            names[name] = self._overrides[name] = value
        else:  # the import system sets it; what the package binds comes later where it imports the module
            if name in self.source.bindings and not self.source.imports(value.__name__):
                self.run(f"{name!r} is also a module")
            if name not in self.source.bindings or self.has_run:
                names[name] = value

    def run_for_call(self, name: str) -> None:
        """Run the module since its function is called.

        Raises:
            NodeImportError: If the module does not define the function.
        """
        try:
            self.run(f"{name!r} is called", self._line_of(name))
        except ImportError as error:
            fail_import(error, name, self.source.name, self.file)
        except Exception as error:
            fail_call(error, name, self.source.name)
            raise
        if name not in self._bound:
            raise NodeImportError(
                f"{name!r} is called, but running {self.source.name!r} has not defined it",
                file=self.file,
                line=self._line_of(name),
                hint="Check that the module does not call it, directly or by what it imports, above its "
                "definition, and does not remove it.",
            )

    def run(self, reason: str, line: int = 0) -> None:
        """Run the module if that has not been done; an exception leaves it as if it had not been tried."""
        with hold_module_lock(self.source.name) as held:
            if self.has_run or not held or self._runner is not None:
                return
            self._runner = threading.get_ident()
            kept = dict(_namespace(self.module))
            try:
                self._execute()
            except BaseException:
                self._roll_back(kept)
                raise
            finally:
                self._runner = None
            self.has_run = True
            if type(self.module) is DeferredModule:
                self.module.__class__ = ModuleType  # type: ignore[assignment]
            del _namespace(self.module)[_STATE]
            _namespace(self.module).update(self._overrides)
        add_module_run(ModuleRun(self.source.name, self.file, line, reason))

    def _execute(self) -> None:
        """Execute the code in the module's dictionary, binding stand-ins to what it defines."""
        namespace = _namespace(self.module)
        name = self.source.name
        with _in_sys_modules(name, self.module):
            if type(self.loader).exec_module is SourceFileLoader.exec_module:
                code: Any = self.code or self.loader.get_code(name)
                exec(code, namespace, BindingNames(namespace, self._bind))  # noqa: S102  an import does the same
                return
            self.loader.exec_module(self.module)
        for each in self._stand_ins:
            if each in namespace:
                namespace[each] = self._bind(each, namespace[each])

    def _bind(self, name: str, value: Any) -> Any:
        """Bind the stand-in of a name to its value, and return what the module holds under the name."""
        stand_in = self._stand_ins.get(name)
        if stand_in is None:
            return value
        stand_in.bind(value)
        self._bound.add(name)
        return stand_in.function

    def _roll_back(self, kept: dict[str, Any]) -> None:
        namespace = _namespace(self.module)
        for name in [name for name in namespace if name not in kept and name != "__builtins__"]:
            del namespace[name]
        namespace.update(kept)
        for name in self._bound:
            self._stand_ins[name].unbind()
        self._bound.clear()
        self.code = None

    def _get_bound(self, name: str) -> Any:
        if name == "__all__" and self.source.exports is not None:
            return list(self.source.exports)
        binding = self.source.find_only_binding(name)
        if binding is not None and binding.kind == "from" and not binding.conditional:
            found = self._get_reexported(binding)
            if found is not None:
                _namespace(self.module)[name] = found
                return found
        try:
            return self._make_stand_in(name)
        except NotPlainError as error:
            self.run(str(error), self._line_of(name))
        return self._get_after_run(name)

    def _make_stand_in(self, name: str) -> Any:
        with hold_module_lock(self.source.name):
            if self.has_run or self._runner is not None:
                return self._get_after_run(name)
            stand_in = self._stand_ins[name] = self._maker.make(name)
            _namespace(self.module)[name] = stand_in.function
            return stand_in.function

    def _get_reexported(self, binding: Binding) -> Any:
        """Import from another deferred module without running this one."""
        if binding.module == self.source.name:
            return self._import_submodule(binding.path)
        if not self.rule.matches(binding.module):
            return None
        module = importlib.import_module(binding.module)
        try:
            return getattr(module, binding.attribute)
        except AttributeError:
            return None  # running the statement gives the error

    def _get_submodule(self, name: str) -> Any:
        """Import a submodule that the package imports; what it imports may import others."""
        path = f"{self.source.name}.{name}"
        if not self.source.imports(path):
            self.run(f"{name!r} is asked for")
            return self._get_after_run(name)
        return self._import_submodule(path)

    def _import_submodule(self, path: str) -> ModuleType | None:
        return importlib.import_module(path) if importlib.util.find_spec(path) is not None else None

    def _get_after_run(self, name: str) -> Any:
        namespace = _namespace(self.module)
        if name in namespace:
            return namespace[name]
        circular = "It is not complete: this is a circular import." if self._is_running_here() else ""
        raise MissingNameError(self.module, name, namespace, circular)

    def _is_running_here(self) -> bool:
        return self._runner == threading.get_ident()

    def reload(self, loader: Any, code: CodeType, source: ModuleSource) -> None:
        """Take a new version of the source."""
        self.loader, self.code, self.source = loader, code, source

    def _line_of(self, name: str) -> int:
        bindings = self.source.bindings.get(name)
        return bindings[0].line if bindings else 0


@contextmanager
def _in_sys_modules(name: str, module: ModuleType) -> Iterator[None]:
    """Let code that looks the module up find it, also where it was removed, as by %reload_kedro."""
    is_removed = name not in sys.modules
    sys.modules.setdefault(name, module)
    try:
        yield
    finally:
        if is_removed and sys.modules.get(name) is module:
            del sys.modules[name]


class DeferredModule(ModuleType):
    """A module that is read and not run; once it has run, it is a plain module."""

    def __getattr__(self, name: str) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001  the documented way to one's own stack
        try:
            state = find_state(self)
            if is_import_from(caller) and is_guarded(caller):
                state.run(GUARDED)
            return state.get(name, by_import_system=is_import_system(caller))
        except AttributeError as error:
            failure = as_import_error(error, name, self, caller)
            raise failure from failure.__cause__

    def __setattr__(self, name: str, value: Any) -> None:
        state = find_state(self)
        if state is None or _is_dunder(name):
            ModuleType.__setattr__(self, name, value)
        else:
            state.set(name, value)

    def __delattr__(self, name: str) -> None:
        find_state(self).run(f"{name!r} is deleted")
        delattr(self, name)

    def __dir__(self) -> list[str]:
        names: list[str] = find_state(self).list_names()
        return names

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """All names of the module; `inspect` only uses them to find the source."""
        if sys._getframe(1).f_globals.get("__name__") != "inspect":  # noqa: SLF001
            find_state(self).run("its __dict__ is asked for")
        return _namespace(self)


GUARDED = "it is imported in a 'try' or 'with' block"
_STATE = "__kedro_matrix_deferred__"
_read_namespace: Any = vars(ModuleType)["__dict__"].__get__


def _namespace(module: ModuleType) -> dict[str, Any]:
    """Return a module's dictionary without running it."""
    names: dict[str, Any] = _read_namespace(module)
    return names


def defer_module(state: ModuleState) -> None:
    """Make a module one that runs when it is needed."""
    _namespace(state.module)[_STATE] = state
    state.module.__class__ = DeferredModule


def find_state(module: ModuleType) -> Any:
    """Return the state of a module that has not run; None for any other module."""
    return _namespace(module).get(_STATE)


def is_deferred(name: str) -> bool:
    """Return whether a module was read and has not run."""
    return isinstance(sys.modules.get(name), DeferredModule)


def _is_submodule(value: object, name: str) -> bool:
    return isinstance(value, ModuleType) and value.__name__ == name


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")

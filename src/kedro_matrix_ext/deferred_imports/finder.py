"""Have modules read instead of run when they are imported."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.deferred_imports.import_statements import find_importer, is_guarded
from kedro_matrix_ext.deferred_imports.module import (
    GUARDED,
    DeferredModule,
    ModuleState,
    defer_module,
    find_state,
)
from kedro_matrix_ext.deferred_imports.runs import ModuleRun, add_module_run, forget_module_runs
from kedro_matrix_ext.deferred_imports.stand_ins.source import list_functions
from kedro_matrix_ext.deferred_imports.stand_ins.source_cache import read_cached_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

    from kedro_matrix_ext.deferred_imports.rules import DeferralRule

__all__ = ["DeferringFinder", "find_finder"]


@dataclass
class _Caller:
    """A module that defers imports: the settings of a project.

    Attributes:
        namespace: Its names; another dictionary once it is imported again.
        rules: What it asks for.
    """

    namespace: dict[str, Any]
    rules: list[DeferralRule] = field(default_factory=list)


class DeferringFinder(MetaPathFinder):
    """Finds modules as Python does, and defers those that a rule names."""

    def __init__(self) -> None:
        self._callers: dict[str, _Caller] = {}
        self._roots: frozenset[str] = frozenset()
        self._matched: set[str] = set()

    def add(self, rule: DeferralRule, caller: str, namespace: dict[str, Any]) -> None:
        """Add a rule; settings that are imported again replace what they asked for before."""
        if caller in self._callers and self._callers[caller].namespace is not namespace:
            self.forget(caller)
        rules = self._callers.setdefault(caller, _Caller(namespace)).rules
        if rule not in rules:
            rules.append(rule)
        self._roots = frozenset(pattern.partition(".")[0] for pattern in self.list_patterns())

    def forget(self, caller: str) -> None:
        """Drop all that a module asked for."""
        self._callers.pop(caller, None)
        self._matched.clear()
        forget_module_runs()
        self._roots = frozenset(pattern.partition(".")[0] for pattern in self.list_patterns())

    def list_patterns(self) -> list[str]:
        """List the patterns of all rules."""
        return [
            pattern for caller in self._callers.values() for rule in caller.rules for pattern in rule.patterns
        ]

    def list_unmatched_patterns(self) -> list[str]:
        """List the patterns that no imported module has matched."""
        return [pattern for pattern in self.list_patterns() if pattern not in self._matched]

    def find_rule(self, module: str) -> DeferralRule | None:
        """Return the rule that names a module."""
        if module.partition(".")[0] not in self._roots and self._roots.isdisjoint(("*", "**")):
            return None
        for caller in self._callers.values():
            for rule in caller.rules:
                pattern = rule.find_pattern(module)
                if pattern is not None:
                    self._matched.add(pattern)
                    return rule
        return None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module that a rule names; other modules are left to the other finders."""
        rule = self.find_rule(fullname)
        if rule is None:
            return None
        spec = _find_with_others(self, fullname, path, target)
        if spec is None or not hasattr(spec.loader, "get_source") or not hasattr(spec.loader, "get_code"):
            return spec
        state = find_state(target) if target is not None else None
        if target is None or state is not None:
            spec.loader = DeferringLoader(spec.loader, rule, state)
        return spec


def _find_with_others(
    own: MetaPathFinder, name: str, path: Sequence[str] | None, target: ModuleType | None
) -> ModuleSpec | None:
    for finder in list(sys.meta_path):
        if finder is not own and hasattr(finder, "find_spec"):
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
    return None


class DeferringLoader(Loader):
    """Loads a module by reading its source.

    Attributes:
        loader: What would run the module.
        rule: The rule that names it.
        state: Its state where it is read already and reloaded before it has run.
    """

    def __init__(self, loader: Any, rule: DeferralRule, state: ModuleState | None) -> None:
        self.loader = loader
        self.rule = rule
        self.state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Create the module as its own loader does."""
        module: ModuleType | None = self.loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Read the module; run it immediately if it cannot be deferred."""
        spec = module.__spec__
        if spec is None:
            raise ImportError(f"module {module.__name__!r} has no spec", name=module.__name__)
        spec.loader = module.__loader__ = self.loader
        reason = self._read(module, spec)
        if reason is not None:
            self.loader.exec_module(module)
            add_module_run(ModuleRun(spec.name, spec.origin or "", reason[1], reason[0]))

    def _read(self, module: ModuleType, spec: ModuleSpec) -> tuple[str, int] | None:
        """Defer a module, or say why it cannot be."""
        if type(module) not in (ModuleType, DeferredModule) or spec.origin is None:
            return "its loader makes it", 0
        source = read_cached_source(self.loader, spec)
        code = self.loader.get_code(spec.name)  # so that what is wrong with the source is raised as ever
        if code is None or source is None:
            return "it has no source", 0
        source.functions = list_functions(code)
        if source.changes_itself is not None:
            return source.changes_itself
        importer = find_importer(sys._getframe(1))  # noqa: SLF001  the documented way to one's own stack
        if importer is not None and is_guarded(importer):
            return GUARDED, 0
        if self.state is not None:
            self.state.reload(self.loader, code, source)
            self.state.run("it is reloaded")
            return None
        if source.has_docstring and isinstance(code.co_consts[0], str):
            module.__doc__ = code.co_consts[0]
        defer_module(ModuleState(module, self.loader, code.co_filename, code, source, self.rule))
        return None


def find_finder() -> DeferringFinder | None:
    """Return the finder that is installed, if one is."""
    return next((finder for finder in sys.meta_path if isinstance(finder, DeferringFinder)), None)

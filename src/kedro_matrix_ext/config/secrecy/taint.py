"""Follow secrets through an evaluation: which key paths get a value that was made from one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol

from kedro_matrix_ext._secrets import is_secret_name, looks_secret
from kedro_matrix_ext.config.interpolation.grammar import Call
from kedro_matrix_ext.config.layers.key_rules import split_path
from kedro_matrix_ext.config.layers.values import ABSENT, value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kedro_matrix_ext._config_path import Keys

__all__ = ["WHOLE", "SecretSources", "Taint", "TaintRecorder", "is_called_secret"]

Taint = frozenset["Keys"]
"""The key paths inside a value that lead to secrets; the empty path stands for all of it."""

NOTHING: Taint = frozenset()
WHOLE: Taint = frozenset({()})

_MERGES = ("merge", "merge_shallow")


class SecretSources(Protocol):
    """What is secret before anything is evaluated."""

    def is_secret_variable(self, name: str) -> bool:
        """Check whether an environment variable holds a secret."""

    def globals_taint(self, keys: Keys) -> Taint:
        """Return what is secret of the global at a key path."""


def is_called_secret(keys: Iterable[Any]) -> bool:
    """Check whether a key on a path is called as secrets are."""
    return any(isinstance(key, str) and is_secret_name(key) for key in keys)


@dataclass(eq=False)
class _Item:
    """One evaluated item, as ``Recorder.record`` names it."""

    kind: str
    keys: Keys
    node: Any
    name: str = ""
    arguments: tuple[Any, ...] | None = None
    uses: list[_Item] = field(default_factory=list)
    taint: Taint = NOTHING


@dataclass
class TaintRecorder:
    """The ``Recorder`` of an evaluator that follows secrets.

    Args:
        sources: Where secrets come from.
        seeds: Key paths of this configuration that are secret because something else refers to them.

    Attributes:
        taint: What is secret of the configuration, once all of it was evaluated.
    """

    sources: SecretSources
    seeds: Taint = NOTHING
    taint: Taint = field(default=NOTHING, init=False)
    _open: list[_Item] = field(default_factory=list, init=False, repr=False)
    _made: dict[tuple[Keys, int], _Item] = field(default_factory=dict, init=False, repr=False)

    def record(self, kind: str, keys: Keys, node: Any, evaluate: Callable[[], Any]) -> Any:
        """Evaluate one item and find out what is secret of its value."""
        name = node.name if isinstance(node, Call) else ""
        item, value = self._use(_Item(kind, keys, node, name), evaluate)
        if kind == "value":
            self._made[keys, id(node)] = item
        if not keys and kind == "value":
            self.taint = item.taint
        return value

    def lead_to(self, keys: Keys) -> None:
        """Note where the open reference or redirect leads."""
        self._open[-1].keys = keys

    def reuse(self, keys: Keys, node: Any) -> None:
        """Note the use of a value that was evaluated before."""
        if self._open and (item := self._made.get((keys, id(node)))) is not None:
            self._open[-1].uses.append(item)

    def wrap(self, name: str, resolver: Callable[..., Any]) -> Callable[..., Any]:
        """Return the resolver, its arguments noted; a call by OmegaConf is a new item."""

        @wraps(resolver)
        def noted(*arguments: Any, **keywords: Any) -> Any:
            above = self._open[-1] if self._open else None
            if above is not None and above.name == name and above.arguments is None:
                above.arguments = arguments
                return resolver(*arguments, **keywords)
            item = _Item("call", above.keys if above else (), None, name, arguments)
            return self._use(item, lambda: resolver(*arguments, **keywords))[1]

        return noted

    def _use(self, item: _Item, evaluate: Callable[[], Any]) -> tuple[_Item, Any]:
        above = self._open[-1] if self._open else None
        self._open.append(item)
        try:
            value = evaluate()
        finally:
            self._open.pop()
        item.taint = self._judge(item, value)
        if above is not None:
            above.uses.append(item)
        return item, value

    def _judge(self, item: _Item, value: Any) -> Taint:
        if item.kind == "redirect":  # what it used belongs to the reference around it
            return NOTHING
        if item.kind == "reference":
            taint = self._of_reference(item, value)
        elif item.kind == "call":
            taint = self._of_call(item)
        elif item.kind == "value":
            taint = self._of_value(item)
        else:
            taint = WHOLE if any(use.taint for use in item.uses) else NOTHING
        if not isinstance(value, (dict, list)):
            return WHOLE if taint else NOTHING
        known = frozenset(path for path in taint if value_at(value, path) is not ABSENT)
        return known or (WHOLE if taint else NOTHING)

    @staticmethod
    def _of_value(item: _Item) -> Taint:
        if isinstance(item.node, str):
            return _union(use.taint for use in item.uses)
        return _union(_seen_from(item.keys, use) for use in item.uses)

    def _of_reference(self, item: _Item, value: Any) -> Taint:
        if is_called_secret(item.keys) or (item.keys and looks_secret(str(item.keys[-1]), value)):
            return WHOLE
        seeds = _union(_relative(item.keys, seed) for seed in self.seeds)
        return seeds | _union(_seen_from(item.keys, use) for use in _flatten(item.uses))

    def _of_call(self, item: _Item) -> Taint:
        first = str(item.arguments[0]) if item.arguments else ""
        given = _union(use.taint for use in item.uses)
        if item.name == "oc.env" and self.sources.is_secret_variable(first):
            return WHOLE
        if item.name == "globals":
            path = split_path(first) or ()
            return WHOLE if is_called_secret(path) else given | self.sources.globals_taint(path)
        if item.name == "runtime_params" and is_called_secret(split_path(first) or ()):
            return WHOLE
        if item.name == "if_null" and isinstance(item.node, Call):
            return _union(use.taint for use in item.uses if use.node is not item.node.arguments[0])
        return given if item.name in _MERGES or not given else given | WHOLE


def _flatten(uses: Iterable[_Item]) -> Iterable[_Item]:
    for use in uses:
        if use.kind == "redirect":
            yield from _flatten(use.uses)
        else:
            yield use


def _seen_from(place: Keys, use: _Item) -> Taint:
    """Return what is secret of the value at ``place``, by something that was evaluated for it."""
    if use.kind != "value":
        return WHOLE if use.taint else NOTHING
    return _union(_relative(place, (*use.keys, *path)) for path in use.taint)


def _relative(place: Keys, secret: Keys) -> Taint:
    """Return what is secret of the value at ``place`` if the one at ``secret`` is."""
    shared = min(len(place), len(secret))
    if tuple(map(str, place[:shared])) != tuple(map(str, secret[:shared])):
        return NOTHING
    return frozenset({tuple(secret[len(place) :])})


def _union(taints: Iterable[Taint]) -> Taint:
    return frozenset(path for taint in taints for path in taint)

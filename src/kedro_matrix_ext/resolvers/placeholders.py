"""Placeholders for environment variables that only a pod has, while a workflow is planned on another machine.

While placeholders are active, ``oc.env`` returns one for a variable that is named and not set. A resolver
that receives a placeholder is not called: its result is the placeholder. This works for values that OmegaConf
resolves, in its table of resolvers, and for those that ``LayeredConfigLoader`` resolves itself.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from omegaconf import OmegaConf
from omegaconf.basecontainer import BaseContainer
from omegaconf.errors import OmegaConfBaseException

from kedro_matrix_ext.resolvers.run_ids import RUN_ID_VARIABLES

__all__ = ["Placeholders", "guard_resolvers", "holds_placeholder", "no_placeholders", "use_placeholders"]

Resolver = Callable[..., Any]

_VARIABLES = "oc.env"
_RUN = "run"
_PASS_VALUES_ON = frozenset({"merge", "merge_shallow", "if_null"})
_LOOK_UP_A_PATH = frozenset({"globals", "runtime_params", "oc.select"})  # a default may be a placeholder
_ARGUMENTS = 3  # the position of the arguments in a registration: (config, parent, node, arguments, texts)


@dataclass(frozen=True)
class Placeholders:
    """One placeholder for each variable, with a random part that no configuration contains by chance.

    Args:
        variables: The names of the variables whose values only a pod has.
        values: The values of variables that the pod gets and this machine does not have.

    Examples:
        >>> placeholders = Placeholders(("TOKEN",))
        >>> text = f"https://host/{placeholders.of('TOKEN')}"
        >>> placeholders.find({"url": [text]}), placeholders.conceal(text)
        (('TOKEN',), 'https://host/<TOKEN>')
    """

    variables: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    _nonce: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)

    def of(self, variable: str) -> str:
        """Return the placeholder of a variable."""
        return f"pod-value-{self._nonce}-{self.variables.index(variable)}-"

    def find(self, value: Any) -> tuple[str, ...]:
        """Return the variables whose placeholders a value contains, at any depth, each once."""
        return tuple(dict.fromkeys(self.variables[number] for number in self._numbers(value)))

    def conceal(self, value: Any) -> Any:
        """Replace placeholders in a value, at any depth, by ``<VARIABLE>``."""
        if isinstance(value, str):
            return self._pattern.sub(lambda match: f"<{self.variables[int(match[1])]}>", value)
        if isinstance(value, Mapping):
            return {self.conceal(key): self.conceal(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(map(self.conceal, value)) if type(value) in (list, tuple) else value
        return value

    @property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"pod-value-{self._nonce}-(\d+)-")

    def _numbers(self, value: Any) -> Iterator[int]:
        if OmegaConf.is_config(value):
            try:
                value = OmegaConf.to_container(value, resolve=True)
            except OmegaConfBaseException:  # reported where the value itself is resolved
                return
        if isinstance(value, str):
            yield from (int(match[1]) for match in self._pattern.finditer(value))
        elif isinstance(value, Mapping):
            for key, item in value.items():
                yield from self._numbers(key)
                yield from self._numbers(item)
        elif isinstance(value, list | tuple | set | frozenset):
            for item in value:
                yield from self._numbers(item)

    def answer(self, name: str, arguments: tuple[Any, ...]) -> str | None:
        """Return what a call results in instead of the resolver's result; none where it must be called."""
        if name == _VARIABLES and arguments and isinstance(variable := arguments[0], str):
            if variable not in os.environ and variable in self.variables:
                return self.of(variable)
            if variable not in os.environ and variable in self.values:
                return self.values[variable]
        if name == _RUN and RUN_ID_VARIABLES[0] in self.variables:
            return self.of(RUN_ID_VARIABLES[0])
        if name in _PASS_VALUES_ON:
            return None
        found = self.find(arguments[:1] if name in _LOOK_UP_A_PATH else arguments)
        return self.of(found[0]) if found else None


_ACTIVE: ContextVar[Placeholders | None] = ContextVar("placeholders", default=None)


def holds_placeholder(value: Any) -> bool:
    """Return whether a value contains a placeholder that is active."""
    active = _ACTIVE.get()
    return active is not None and bool(active.find(value))


def guard_resolvers(resolvers: Mapping[str, Resolver]) -> dict[str, Resolver]:
    """Return resolvers that pass placeholders on while placeholders are active."""
    active = _ACTIVE.get()
    if active is None:
        return dict(resolvers)
    return {name: _guard(name, resolver, active) for name, resolver in resolvers.items()}


def _guard(name: str, resolver: Resolver, active: Placeholders) -> Resolver:
    @wraps(resolver)
    def guarded(*arguments: Any) -> Any:
        answer = active.answer(name, arguments)
        return resolver(*arguments) if answer is None else answer

    return guarded


class _GuardedTable(dict[str, Any]):
    """OmegaConf's table of resolvers, whose entries pass placeholders on when OmegaConf looks them up."""

    def __init__(self, table: Mapping[str, Any], active: Placeholders) -> None:
        super().__init__(table)
        self._active = active

    def __getitem__(self, name: str) -> Any:
        registration = super().__getitem__(name)

        def look_up(*arguments: Any) -> Any:
            answer = self._active.answer(name, tuple(arguments[_ARGUMENTS]))
            return registration(*arguments) if answer is None else answer

        return look_up


@contextmanager
def use_placeholders(placeholders: Placeholders) -> Iterator[None]:
    """Activate placeholders until the block ends."""
    with _switched(placeholders):
        yield


@contextmanager
def no_placeholders() -> Iterator[None]:
    """Deactivate placeholders until the block ends, for code of the project."""
    with _switched(None):
        yield


@contextmanager
def _switched(placeholders: Placeholders | None) -> Iterator[None]:
    outer_active = _ACTIVE.set(placeholders)
    outer_table = BaseContainer._resolvers  # noqa: SLF001  as in `registration`
    table = dict(outer_table) if placeholders is None else _GuardedTable(outer_table, placeholders)
    BaseContainer._resolvers = table  # noqa: SLF001
    try:
        yield
    finally:
        current = BaseContainer._resolvers  # noqa: SLF001  what was registered inside the block stays
        outer_table.clear()
        outer_table.update(_raw_items(current))
        BaseContainer._resolvers = outer_table  # noqa: SLF001
        _ACTIVE.reset(outer_active)


def _raw_items(table: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return dict.items(table) if isinstance(table, dict) else table.items()

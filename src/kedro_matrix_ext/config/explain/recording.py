"""The loader's own evaluation, recorded: which value used which references and resolvers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.interpolation.evaluator import Resolution
from kedro_matrix_ext.config.interpolation.missing_variables import ValueSkippedError
from kedro_matrix_ext.config.layers.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.interpolation.grammar import Call, Reference

__all__ = ["Trace", "TracedResolution"]


@dataclass(eq=False)
class Trace:
    """One thing that was evaluated.

    Attributes:
        kind: ``value`` (a raw node at its place), ``reference``, ``redirect`` (a reference on the way to a
            key below it), ``call`` (of a resolver), ``text`` (made of parts) or ``lookup`` (of a key path).
        keys: Where it stands; of a reference, redirect or lookup, where it led.
        node: The raw node; of a reference or call in our grammar, the expression; else its text or None.
        name: Of a call, the resolver's.
        arguments: Of a call, the values it was given.
        value: What it gave; ``ABSENT`` where it failed.
        uses: What was evaluated for it, in order.
    """

    kind: str
    keys: Keys
    node: Any = None
    name: str = ""
    arguments: tuple[Any, ...] = ()
    value: Any = ABSENT
    uses: list[Trace] = field(default_factory=list)


@dataclass
class TracedResolution(Resolution):
    """A resolution that remembers what each value was made from."""

    _open: list[Trace] = field(default_factory=list, init=False, repr=False)
    _made: dict[tuple[Keys, int], Trace] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.own = {name: self._recorded(name, function) for name, function in self.own.items()}
        self.foreign = {name: self._recorded(name, function) for name, function in self.foreign.items()}

    def trace(self, keys: Keys) -> Trace:
        """Resolve the value at a key path, and only what it needs.

        Args:
            keys: Mapping keys and list indices from the root.

        Returns:
            A ``lookup``, its value ``ABSENT`` where there is no such key.

        Raises:
            InterpolationError: If a reference leads nowhere, or a resolver fails.
            MissingVariablesError: If environment variables are not set.
        """
        try:
            with self._recording(Trace("lookup", keys)) as lookup:
                lookup.node, lookup.keys = self._find(keys)
                if lookup.node is not ABSENT:
                    lookup.value = self._value(lookup.node, lookup.keys)
        except ValueSkippedError as error:
            raise self.missing.error() from error
        if self.missing.places:
            raise self.missing.error()
        return lookup

    def target(self, reference: Reference, keys: Keys) -> Keys:
        """Give the absolute key path of a reference that stands at ``keys``."""
        return self._target(reference, keys)

    @contextmanager
    def _recording(self, trace: Trace) -> Iterator[Trace]:
        """Take up what is evaluated inside, and be taken up by what is open outside."""
        if self._open:
            self._open[-1].uses.append(trace)
        self._open.append(trace)
        try:
            yield trace
        finally:
            self._open.pop()

    def _once(self, node: Any, keys: Keys, resolve: Callable[[Any, Keys], Any]) -> Any:
        mark = (keys, id(node))
        if mark in self._known:
            if self._open:
                self._open[-1].uses.append(self._made[mark])
            return self._known[mark]
        with self._recording(Trace("value", keys, node)) as trace:
            trace.value = super()._once(node, keys, resolve)
        self._made[mark] = trace
        return trace.value

    def _referred(self, reference: Reference, keys: Keys) -> Any:
        with self._recording(Trace("reference", keys, reference)) as trace:
            trace.value = super()._referred(reference, keys)
            trace.keys = self._find(self._target(reference, keys))[1]
        return trace.value

    def _redirect(self, text: str, place: Keys, rest: Keys) -> tuple[Any, Keys] | None:
        with self._recording(Trace("redirect", place, text)) as trace:
            found = super()._redirect(text, place, rest)
            trace.keys = found[1] if found else place
        return found

    def _called(self, call: Call, keys: Keys) -> Any:
        with self._recording(Trace("call", keys, call, call.name)) as trace:
            trace.value = super()._called(call, keys)
        return trace.value

    def _concatenated(self, expression: Any, keys: Keys) -> Any:
        with self._recording(Trace("text", keys, expression)) as trace:
            trace.value = super()._concatenated(expression, keys)
        return trace.value

    def _recorded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A resolver that notes its arguments; OmegaConf calls it without our knowing of the call before."""

        @wraps(function)
        def resolver(*arguments: Any, **keywords: Any) -> Any:
            above = self._open[-1] if self._open else None
            if above is not None and above.kind == "call" and above.name == name and above.value is ABSENT:
                above.arguments = arguments
                return function(*arguments, **keywords)
            text = (
                above.node if above and isinstance(above.node, str) and _is_call(name, above.node) else None
            )
            place = above.keys if above else ()
            with self._recording(Trace("call", place, text, name, arguments)) as trace:
                trace.value = function(*arguments, **keywords)
            return trace.value

        return resolver


def _is_call(name: str, text: str) -> bool:
    """Whether a text is nothing but a call of a resolver."""
    return text.replace(" ", "").startswith(f"${{{name}:") and text.endswith("}")

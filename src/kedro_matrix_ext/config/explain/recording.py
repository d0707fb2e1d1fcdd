"""Record an evaluation: which value used which references and resolvers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.interpolation.evaluator import Evaluator
from kedro_matrix_ext.config.interpolation.grammar import Call
from kedro_matrix_ext.config.interpolation.missing_variables import ValueSkippedError
from kedro_matrix_ext.config.layers.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.interpolation.grammar import Reference

__all__ = ["Recording", "Trace", "TracedEvaluator"]


@dataclass(eq=False)
class Trace:
    """One evaluated item.

    Attributes:
        kind: ``value`` (a raw node at its place), ``reference``, ``redirect`` (a reference on the way to a
            key below it), ``call`` (of a resolver), ``text`` (made of parts) or ``lookup`` (of a key path).
        keys: Its place; for a reference, redirect or lookup, the place that it led to.
        node: The raw node; for a reference or call in our grammar, the expression; else its text or None.
        name: The resolver's name, for a call.
        arguments: The values that a call got.
        value: Its value; ``ABSENT`` if it failed.
        uses: The items evaluated for it, in order.
    """

    kind: str
    keys: Keys
    node: Any = None
    name: str = ""
    arguments: tuple[Any, ...] = ()
    value: Any = ABSENT
    uses: list[Trace] = field(default_factory=list)


class Recording:
    """Remembers what each value was made from; the ``Recorder`` of an evaluator."""

    def __init__(self) -> None:
        self._open: list[Trace] = []
        self._made: dict[tuple[Keys, int], Trace] = {}

    @contextmanager
    def open(self, trace: Trace) -> Iterator[Trace]:
        """Add what is evaluated meanwhile to a trace, and the trace to the one around it."""
        if self._open:
            self._open[-1].uses.append(trace)
        self._open.append(trace)
        try:
            yield trace
        finally:
            self._open.pop()

    def record(self, kind: str, keys: Keys, node: Any, evaluate: Callable[[], Any]) -> Any:
        """Evaluate and record one item."""
        with self.open(Trace(kind, keys, node, node.name if isinstance(node, Call) else "")) as trace:
            value = evaluate()
            if kind != "redirect":
                trace.value = value
        if kind == "value":
            self._made[keys, id(node)] = trace
        return value

    def lead_to(self, keys: Keys) -> None:
        """Record where the open reference or redirect leads."""
        self._open[-1].keys = keys

    def reuse(self, keys: Keys, node: Any) -> None:
        """Record the use of a value that was evaluated before."""
        if self._open:
            self._open[-1].uses.append(self._made[keys, id(node)])

    def wrap(self, name: str, resolver: Callable[..., Any]) -> Callable[..., Any]:
        """Return the resolver, its arguments recorded; a call by OmegaConf is a new item."""

        @wraps(resolver)
        def recorded(*arguments: Any, **keywords: Any) -> Any:
            above = self._open[-1] if self._open else None
            if above is not None and above.kind == "call" and above.name == name and above.value is ABSENT:
                above.arguments = arguments
                return resolver(*arguments, **keywords)
            text = (
                above.node if above and isinstance(above.node, str) and _is_call(name, above.node) else None
            )
            place = above.keys if above else ()
            with self.open(Trace("call", place, text, name, arguments)) as trace:
                trace.value = resolver(*arguments, **keywords)
            return trace.value

        return recorded


class TracedEvaluator:
    """An evaluator with the recording of what it evaluates; arguments as for ``Evaluator``."""

    def __init__(
        self,
        raw: dict[Any, Any],
        config_type: str,
        native: Mapping[str, Callable[..., Any]],
        external: Mapping[str, Callable[..., Any]],
        **options: Any,
    ) -> None:
        self._recording = Recording()
        self._evaluator = Evaluator(raw, config_type, native, external, recorder=self._recording, **options)

    @property
    def raw(self) -> dict[Any, Any]:
        """The merged raw layers."""
        return self._evaluator.raw

    def trace(self, keys: Keys) -> Trace:
        """Evaluate the value at a key path, and only what it needs.

        Raises:
            InterpolationError: If a reference leads nowhere, or a resolver fails.
            MissingVariablesError: If environment variables are not set.
        """
        missing = self._evaluator.missing
        try:
            with self._recording.open(Trace("lookup", keys)) as lookup:
                lookup.node, lookup.keys = self._evaluator.find_node(keys)
                if lookup.node is not ABSENT:
                    lookup.value = self._evaluator.evaluate(lookup.node, lookup.keys)
        except ValueSkippedError as error:
            raise missing.error() from error
        if missing.places:
            raise missing.error()
        return lookup

    def find_target(self, reference: Reference, keys: Keys) -> Keys:
        """Return the absolute key path of a reference at ``keys``."""
        return self._evaluator.find_target(reference, keys)

    def is_native(self, text: str) -> bool:
        """Check whether a text is evaluated without OmegaConf."""
        return self._evaluator.is_native(text)


def _is_call(name: str, text: str) -> bool:
    """Check whether a text consists of one call of a resolver."""
    return text.replace(" ", "").startswith(f"${{{name}:") and text.endswith("}")

"""Evaluate a merged raw configuration: replace every ``${...}`` with its value.

Each value is evaluated once and at its place, so relative references keep their meaning. Texts outside our
grammar and resolvers that are not ours go to OmegaConf, in ``omegaconf_fallback``.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import Keys, render_key_path
from kedro_matrix_ext._secrets import describe_value
from kedro_matrix_ext.config.errors import (
    InterpolationError,
    MissingKeyError,
    MissingValueError,
    interpolation_error_like,
)
from kedro_matrix_ext.config.interpolation.evaluation_stack import EvaluationStack
from kedro_matrix_ext.config.interpolation.expansion_limit import ExpansionLimit
from kedro_matrix_ext.config.interpolation.grammar import (
    Call,
    Expression,
    Literal,
    Reference,
    parse_text,
    resolver_names,
)
from kedro_matrix_ext.config.interpolation.missing_variables import (
    MissingVariables,
    Unresolved,
    ValueSkippedError,
)
from kedro_matrix_ext.config.interpolation.node_lookup import NodeLookup
from kedro_matrix_ext.config.interpolation.runtime_type_restriction import TaintedStr, taint
from kedro_matrix_ext.config.layers.key_rules import reads_numbers_as_keys, split_reference
from kedro_matrix_ext.config.layers.merging import (
    MISSING,
    Layered,
    Resolved,
    changes_type,
    is_special,
    merge_softly,
)
from kedro_matrix_ext.config.layers.values import ABSENT
from kedro_matrix_ext.errors import KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro_matrix_ext.config.interpolation.evaluation_stack import Recorder
    from kedro_matrix_ext.config.interpolation.omegaconf_fallback import OmegaConfFallback

__all__ = ["Evaluator"]

_ENVIRONMENT_RESOLVER = "oc.env"


@dataclass
class Evaluator:
    """Evaluates one configuration type.

    Args:
        raw: The merged raw layers.
        config_type: ``parameters``, ``catalog``, ...
        native: The resolvers called here, by name; they take and return plain values and change none of them.
        external: The user's resolvers, by name, that OmegaConf calls.
        locate: Returns the file and line where a key path is set, for messages.
        cleanup: Closed by the caller when done; it restores OmegaConf's registered resolvers.
        on_error: Takes the error of a value that cannot be evaluated, which becomes ``Unresolved``; if it is
            None, the error is raised.
        recorder: Records what is evaluated.

    Attributes:
        missing: The environment variables found missing so far.
        stack: What is being evaluated now.
    """

    raw: dict[Any, Any]
    config_type: str
    native: Mapping[str, Callable[..., Any]]
    external: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    locate: Callable[[Keys], tuple[str | None, int | None]] = lambda _: (None, None)
    cleanup: ExitStack = field(default_factory=ExitStack)
    on_error: Callable[[InterpolationError], None] | None = None
    recorder: Recorder | None = None
    stack: EvaluationStack = field(init=False, repr=False)
    _lookup: NodeLookup = field(init=False, repr=False)
    _known: dict[tuple[Keys, int], Any] = field(default_factory=dict, init=False, repr=False)
    _limit: ExpansionLimit = field(init=False, repr=False)
    _fallback: OmegaConfFallback | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.stack = EvaluationStack(self.config_type, self.locate)
        self._lookup = NodeLookup(self)
        self._limit = ExpansionLimit(self.stack)
        self.missing = MissingVariables(self.stack)
        if _ENVIRONMENT_RESOLVER in self.native:
            collecting = self.missing.collect(self.native[_ENVIRONMENT_RESOLVER])
            self.native = {**self.native, _ENVIRONMENT_RESOLVER: collecting}
        if self.recorder is not None:
            self.native = {name: self.recorder.wrap(name, call) for name, call in self.native.items()}
            self.external = {name: self.recorder.wrap(name, call) for name, call in self.external.items()}

    def evaluate_all(self) -> dict[Any, Any]:
        """Evaluate everything.

        Raises:
            InterpolationError: If a reference leads nowhere or to itself, or a resolver is unknown or fails.
            MissingVariablesError: If environment variables are not set; it names them all.
        """
        try:
            result: dict[Any, Any] = self._value(self.raw, ())
        except RecursionError as error:
            raise self.stack.too_deep() from error
        if self.missing.places:
            raise self.missing.error()
        return result

    def find(self, keys: Keys) -> Any:
        """Evaluate the value at a key path; ``ABSENT`` if there is none, or the mark of a missing value."""
        node, place = self._lookup.find(keys)
        if node is ABSENT or (type(node) is str and node == MISSING):
            return ABSENT
        return self.evaluate(node, place)

    def evaluate(self, node: Any, keys: Keys) -> Any:
        """Evaluate one raw node at its place."""
        return self._value(node, keys)

    def find_node(self, keys: Keys) -> tuple[Any, Keys]:
        """Find the raw node at a key path and its own place; see ``NodeLookup.find``."""
        return self._lookup.find(keys)

    def find_target(self, reference: Reference, keys: Keys) -> Keys:
        """Return the absolute key path of a reference written at ``keys``."""
        dots, names = reference.dots, reference.keys
        if not reference.is_plain:
            dots, names = self._evaluate_path(reference, keys)
        if not dots:
            return names
        if dots > len(keys):
            raise self.stack.problem(
                "a relative reference leads above the top of the configuration", error_class=MissingKeyError
            )
        return (*keys[: len(keys) - dots], *names)

    def is_native(self, text: str) -> bool:
        """Check whether a text is evaluated here, not by OmegaConf."""
        expression = parse_text(text) if "${" in text else None
        return expression is not None and resolver_names(expression) <= self.native.keys()

    def _value(self, node: Any, keys: Keys) -> Any:
        kind = type(node)
        if kind is str:
            return self._once(node, keys, self._text) if is_special(node) else node
        if kind is dict:
            return self._once(node, keys, self._mapping)
        if kind is list:
            return self._once(node, keys, self._list)
        if kind is Layered:
            return self._once(node, keys, self._layered)
        if kind is Resolved:
            return self._limit.copy(node.value)
        return node

    def _once(self, node: Any, keys: Keys, resolve: Callable[[Any, Keys], Any]) -> Any:
        """Evaluate a node that has not been evaluated yet, and refuse one that needs itself."""
        mark = (keys, id(node))
        if mark in self._known:
            if self.recorder is not None:
                self.recorder.reuse(keys, node)
            return self._known[mark]
        if self.recorder is None:
            return self._evaluate_node(node, keys, resolve)
        return self.recorder.record("value", keys, node, lambda: self._evaluate_node(node, keys, resolve))

    def _evaluate_node(self, node: Any, keys: Keys, resolve: Callable[[Any, Keys], Any]) -> Any:
        mark = (keys, id(node))
        self.stack.push(mark, keys)
        try:
            value = self._known[mark] = resolve(node, keys)
        finally:
            del self.stack.active[mark]
        return value

    def _mapping(self, node: dict[Any, Any], keys: Keys) -> dict[Any, Any]:
        result = {}
        for key, child in node.items():
            kind = type(child)
            if kind is Layered or (kind is str and is_special(child)):
                result[key] = self._leaf(child, (*keys, key))
            else:
                result[key] = self._value(child, (*keys, key)) if kind in _NODES else child
        return result

    def _list(self, node: list[Any], keys: Keys) -> list[Any]:
        return [
            self._leaf(child, (*keys, index)) if type(child) is str else self._value(child, (*keys, index))
            for index, child in enumerate(node)
        ]

    def _leaf(self, node: str | Layered, keys: Keys) -> Any:
        """Evaluate a value in a mapping or list; one that needs a missing variable is skipped."""
        try:
            return self._value(node, keys)
        except ValueSkippedError as skipped:
            return Unresolved(skipped.root)
        except InterpolationError as error:
            if self.on_error is None:
                raise
            self.on_error(error)
            return Unresolved((error.config_path, error.message))

    def _layered(self, node: Layered, keys: Keys) -> Any:
        upper = self._value(node.upper, keys)
        if upper == MISSING:
            return self._value(node.lower, keys)
        if not isinstance(upper, dict):
            return upper
        lower = self._value(node.lower, keys)
        if not isinstance(lower, dict) or (node.by_type and changes_type(lower, upper)):
            return upper
        return self._limit.copy(merge_softly(lower, upper))

    def _text(self, text: str, keys: Keys) -> Any:
        if text == MISSING:
            return text
        expression = parse_text(text) if "${" in text else None
        if expression is None or not resolver_names(expression) <= self.native.keys():
            return self._by_omegaconf(text, keys)
        return self._limit.copy(self._expression(expression, keys))

    def _expression(self, expression: Expression, keys: Keys) -> Any:
        if type(expression) is Literal:
            return expression.value
        if self.recorder is None:
            return self._evaluate_expression(expression, keys)
        kind = _KINDS.get(type(expression), "text")
        return self.recorder.record(
            kind, keys, expression, lambda: self._evaluate_expression(expression, keys)
        )

    def _evaluate_expression(self, expression: Expression, keys: Keys) -> Any:
        if type(expression) is Reference:
            return self._follow(expression, keys)
        if type(expression) is Call:
            return self._call(expression, keys)
        return self._concatenate(expression, keys)

    def _concatenate(self, expression: Any, keys: Keys) -> Any:
        values = [
            part.value if type(part) is Literal else self._expression(part, keys) for part in expression.parts
        ]
        text = self._limit.join(values)
        return TaintedStr(text) if any(type(value) is TaintedStr for value in values) else text

    def _follow(self, reference: Reference, keys: Keys) -> Any:
        target = self.find_target(reference, keys)
        node, place = self._lookup.find(target)
        if node is ABSENT:
            raise self._not_found(target)
        if self.recorder is not None:
            self.recorder.lead_to(place)
        if type(node) is str and node == MISSING:
            raise self.stack.problem(
                f"the key {render_key_path(target)!r} has no value yet: it is '???'",
                error_class=MissingValueError,
            )
        value = self._value(node, place)
        if type(value) is Unresolved:  # its error is reported already
            raise ValueSkippedError(root=value.root)
        return taint(value) if any(type(key) is TaintedStr for key in target) else value

    def _evaluate_path(self, reference: Reference, keys: Keys) -> tuple[int, tuple[str, ...]]:
        """Return the dots and keys of a reference whose keys contain interpolations.

        As with OmegaConf, the text of the whole reference counts: it may become relative, or get more keys.
        """
        text, tainted = "." * reference.dots, False
        for position, key in enumerate(reference.keys):
            value = key if isinstance(key, str) else self._evaluate_key(key, keys)
            tainted = tainted or type(value) is TaintedStr
            separator = "." if position else ""
            text += f"[{value}]" if position in reference.bracketed else f"{separator}{value}"
        dots, names = split_reference(text)
        return dots, tuple(map(TaintedStr, names)) if tainted else names

    def _evaluate_key(self, key: Expression, keys: Keys) -> Any:
        value = self._expression(key, keys)
        if isinstance(value, str) or (type(value) is int and reads_numbers_as_keys()):
            return value
        raise self.stack.problem(
            f"an interpolation used as a key gives {describe_value(value)}, which is not a key"
        )

    def _call(self, call: Call, keys: Keys) -> Any:
        arguments = [
            part.value if type(part) is Literal else self._expression(part, keys) for part in call.arguments
        ]
        self._limit.visit(*arguments)
        try:
            value = self.native[call.name](*arguments)
        except (InterpolationError, ValueSkippedError):
            raise
        except Exception as error:
            raise self.stack.resolver_failed(call, arguments, error) from error
        if any(type(argument) is TaintedStr for argument in arguments):
            return taint(value)
        return value

    def _by_omegaconf(self, text: str, keys: Keys) -> Any:
        from kedro_matrix_ext.config.interpolation.omegaconf_fallback import (
            OmegaConfFallback,
            OmegaConfProblem,
        )

        if self._fallback is None:
            self._fallback = OmegaConfFallback(self, self.cleanup)
        missing_before = self.missing.count
        try:
            value = self._fallback.resolve(text, keys)
        except OmegaConfProblem as problem:
            if self.missing.count > missing_before or isinstance(problem.origin, ValueSkippedError):
                raise ValueSkippedError(root=getattr(problem.origin, "root", None)) from problem
            if isinstance(problem.origin, InterpolationError):
                raise problem.origin from problem.origin.__cause__
            error = self.stack.problem(
                str(problem), hint=problem.hint, error_class=interpolation_error_like(problem.origin)
            )
            error.resolver = problem.resolver
            raise error from problem.origin
        self._limit.visit(value)
        if isinstance(value, str):
            self._limit.keep_text(value)
        return value

    def _not_found(self, target: Keys) -> InterpolationError:
        try:
            parent, _ = self._lookup.find(target[:-1])
        except (KedroMatrixError, ValueSkippedError):
            parent = None
        return self.stack.missing_key_error(target, parent)


_NODES = frozenset({dict, list, Resolved})
_KINDS: dict[type, str] = {Reference: "reference", Call: "call"}

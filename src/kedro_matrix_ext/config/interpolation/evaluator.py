"""Resolving a merged raw configuration: every ``${...}`` replaced by what it stands for.

Each value is resolved once and where it stands, so relative references mean what they meant where they were
written. Texts outside our grammar and resolvers that are not ours go to OmegaConf, in ``omegaconf_fallback``.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import Keys, render_key_path
from kedro_matrix_ext.config.interpolation.evaluation_stack import MAX_DEPTH, EvaluationStack
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
    UNRESOLVED,
    MissingVariables,
    ValueSkippedError,
)
from kedro_matrix_ext.config.interpolation.runtime_type_restriction import TaintedStr, taint
from kedro_matrix_ext.config.layers.merging import (
    MISSING,
    Layered,
    Resolved,
    changes_type,
    is_special,
    merge_softly,
    overlay,
)
from kedro_matrix_ext.config.layers.values import ABSENT, child_of
from kedro_matrix_ext.errors import InterpolationError, KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kedro_matrix_ext.config.interpolation.omegaconf_fallback import OmegaConfFallback

__all__ = ["Resolution"]

_ENVIRONMENT_RESOLVER = "oc.env"


@dataclass
class Resolution:
    """One configuration type being resolved.

    Args:
        raw: The merged raw layers.
        config_type: ``parameters``, ``catalog``, ...
        own: The resolvers evaluated here, by name; they take and give plain values and change none of them.
        foreign: Resolvers of the user's, by name, that OmegaConf calls.
        locate: Gives the file and line where a key path is set, for messages.
        table: Closed by the caller when done; then OmegaConf's table of resolvers is as it was.
        noted: Where given, takes the errors of values that cannot be resolved; they become ``UNRESOLVED``.

    Attributes:
        missing: The environment variables found missing so far.
    """

    raw: dict[Any, Any]
    config_type: str
    own: Mapping[str, Callable[..., Any]]
    foreign: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    locate: Callable[[Keys], tuple[str | None, int | None]] = lambda _: (None, None)
    table: ExitStack = field(default_factory=ExitStack)
    noted: list[InterpolationError] | None = None
    _trail: EvaluationStack = field(init=False, repr=False)
    _known: dict[tuple[Keys, int], Any] = field(default_factory=dict, init=False, repr=False)
    _targets: dict[tuple[Keys, int], Keys] = field(default_factory=dict, init=False, repr=False)
    _budget: ExpansionLimit = field(init=False, repr=False)
    _fallback: OmegaConfFallback | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._trail = EvaluationStack(self.config_type, self.locate)
        self._active = self._trail.active
        self._budget = ExpansionLimit(self._trail)
        self.missing = MissingVariables(self._trail)
        if _ENVIRONMENT_RESOLVER in self.own:
            noting = self.missing.noting(self.own[_ENVIRONMENT_RESOLVER])
            self.own = {**self.own, _ENVIRONMENT_RESOLVER: noting}

    def resolve(self) -> dict[Any, Any]:
        """Resolve everything.

        Returns:
            Plain dictionaries, lists and scalars that share nothing with each other or the raw layers.

        Raises:
            InterpolationError: If a reference leads nowhere or to itself, or a resolver is unknown or fails.
            MissingVariablesError: If environment variables are not set; it names them all.
        """
        try:
            result: dict[Any, Any] = self._value(self.raw, ())
        except RecursionError as error:
            raise self._trail.too_deep() from error
        if self.missing.places:
            raise self.missing.error()
        return result

    def find(self, keys: Keys) -> Any:
        """Resolve the value at a key path.

        Args:
            keys: Mapping keys and list indices (as numbers or text) from the root.

        Returns:
            The value, not to be changed; ``ABSENT`` where there is no such key.
        """
        node, place = self._find(keys)
        return node if node is ABSENT else self._value(node, place)

    def evaluate(self, node: Any, keys: Keys) -> Any:
        """Resolve one raw node at its place; for ``omegaconf_fallback``."""
        return self._value(node, keys)

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
            return self._budget.copy(node.value)
        return node

    def _once(self, node: Any, keys: Keys, resolve: Callable[[Any, Keys], Any]) -> Any:
        """Resolve a node unless it has been, and refuse one that needs itself."""
        mark = (keys, id(node))
        if mark in self._known:
            return self._known[mark]
        self._begin(mark, keys)
        try:
            value = self._known[mark] = resolve(node, keys)
        finally:
            del self._active[mark]
        return value

    def _begin(self, mark: tuple[Keys, int], keys: Keys) -> None:
        if mark in self._active:
            raise self._trail.cycle(keys)
        if len(self._active) >= MAX_DEPTH:
            raise self._trail.too_deep()
        self._active[mark] = keys

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
        """Resolve a value in a mapping or list; where a variable is missing, go on with the next."""
        try:
            return self._value(node, keys)
        except ValueSkippedError:
            return UNRESOLVED
        except InterpolationError as error:
            if self.noted is None:
                raise
            self.noted.append(error)
            return UNRESOLVED

    def _layered(self, node: Layered, keys: Keys) -> Any:
        upper = self._value(node.upper, keys)
        if upper == MISSING:
            return self._value(node.lower, keys)
        if not isinstance(upper, dict):
            return upper
        lower = self._value(node.lower, keys)
        if not isinstance(lower, dict) or (node.by_type and changes_type(lower, upper)):
            return upper
        return self._budget.copy(merge_softly(lower, upper))

    def _text(self, text: str, keys: Keys) -> Any:
        if text == MISSING:
            return text
        expression = parse_text(text) if "${" in text else None
        if expression is None or not resolver_names(expression) <= self.own.keys():
            return self._by_omegaconf(text, keys)
        return self._budget.copy(self._expression(expression, keys))

    def _expression(self, expression: Expression, keys: Keys) -> Any:
        if type(expression) is Literal:
            return expression.value
        if type(expression) is Reference:
            return self._referred(expression, keys)
        if type(expression) is Call:
            return self._called(expression, keys)
        return self._concatenated(expression, keys)

    def _concatenated(self, expression: Any, keys: Keys) -> Any:
        values = [
            part.value if type(part) is Literal else self._expression(part, keys) for part in expression.parts
        ]
        text = self._budget.join(values)
        return TaintedStr(text) if any(type(value) is TaintedStr for value in values) else text

    def _referred(self, reference: Reference, keys: Keys) -> Any:
        target = self._target(reference, keys)
        node, place = self._find(target)
        if node is ABSENT:
            raise self._not_found(target)
        if type(node) is str and node == MISSING:
            raise self._trail.problem(f"the key {render_key_path(target)!r} has no value yet: it is '???'")
        value = self._value(node, place)
        if value is UNRESOLVED:  # what it is in is resolved already, and told of
            raise ValueSkippedError
        return taint(value) if any(type(key) is TaintedStr for key in target) else value

    def _target(self, reference: Reference, keys: Keys) -> Keys:
        """The absolute key path of a reference that stands at ``keys``."""
        names: list[str] = []
        for key in reference.keys:
            names.extend([key] if isinstance(key, str) else self._key_names(key, keys))
        if not reference.dots:
            return tuple(names)
        if reference.dots > len(keys):
            raise self._trail.problem("a relative reference leads above the top of the configuration")
        return (*keys[: len(keys) - reference.dots], *names)

    def _key_names(self, key: Expression, keys: Keys) -> Sequence[str]:
        value = self._expression(key, keys)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self._trail.problem(f"an interpolation used as a key gives {value!r}, which is no key")
        names = str(value).split(".")
        return list(map(TaintedStr, names)) if type(value) is TaintedStr else names

    def _called(self, call: Call, keys: Keys) -> Any:
        arguments = [
            part.value if type(part) is Literal else self._expression(part, keys) for part in call.arguments
        ]
        self._budget.visit(*arguments)
        try:
            value = self.own[call.name](*arguments)
        except (InterpolationError, ValueSkippedError):
            raise
        except Exception as error:
            raise self._trail.resolver_failed(call.name, arguments, error) from error
        if any(type(argument) is TaintedStr for argument in arguments):
            return taint(value)
        return value

    def _find(self, keys: Keys) -> tuple[Any, Keys]:
        """Give the raw node at a key path and where it stands, resolving on the way only what must be."""
        node: Any = self.raw
        place: Keys = ()
        for position, key in enumerate(keys):
            if type(node) is str and "${" in node:
                redirected = self._redirect(node, place, keys[position:])
                if redirected is not None:
                    return redirected
            node, name = self._child(node, place, key)
            if node is ABSENT:
                return ABSENT, keys
            place = (*place, name)
        return node, place

    def _redirect(self, text: str, place: Keys, rest: Keys) -> tuple[Any, Keys] | None:
        """Where the node on the way is a reference, walk on from what it refers to."""
        expression = parse_text(text)
        if type(expression) is not Reference:
            return None
        mark = ((*place, *rest), id(text))
        self._begin(mark, place)
        try:
            target = self._targets.get(here := (place, id(text))) or self._target(expression, place)
            return self._find((*self._targets.setdefault(here, target), *rest))
        finally:
            del self._active[mark]

    def _child(self, node: Any, place: Keys, key: Any) -> tuple[Any, Any]:
        """The raw child of a node under a key, and the key as the node has it."""
        if type(node) is Layered:
            return self._child_of_layers(node, place, key)
        if type(node) is str and "${" in node:
            node = Resolved(self._value(node, place))
        if type(node) is Resolved:
            child, key = child_of(node.value, key)
            return (child if child is ABSENT else Resolved(child)), key
        return child_of(node, key)

    def _child_of_layers(self, node: Layered, place: Keys, key: Any) -> tuple[Any, Any]:
        """The child of layers not merged yet; the lower ones are asked only where need be."""
        upper = node.upper if type(node.upper) is dict else Resolved(self._value(node.upper, place))
        if type(upper) is Resolved and not isinstance(upper.value, dict):
            return self._child(upper, place, key)
        child, name = self._child(upper, place, key)
        if child is not ABSENT and not isinstance(child, (dict, str, Resolved)):
            return child, name
        lower, lower_name = self._child(node.lower, place, key)
        if child is ABSENT:
            return lower, lower_name
        if lower is ABSENT:
            return child, name
        return overlay(lower, child), name

    def is_own(self, text: str) -> bool:
        """Tell whether a text is evaluated here, not by OmegaConf."""
        expression = parse_text(text)
        return expression is not None and resolver_names(expression) <= self.own.keys()

    def _by_omegaconf(self, text: str, keys: Keys) -> Any:
        from kedro_matrix_ext.config.interpolation.omegaconf_fallback import (
            OmegaConfFallback,
            OmegaConfProblem,
        )

        if self._fallback is None:
            self._fallback = OmegaConfFallback(self, self.table)
        noted = self.missing.count
        try:
            value = self._fallback.resolve(text, keys)
        except OmegaConfProblem as problem:
            if self.missing.count > noted or isinstance(problem.origin, ValueSkippedError):
                raise ValueSkippedError from problem
            if isinstance(problem.origin, InterpolationError):
                raise problem.origin from problem.origin.__cause__
            raise self._trail.problem(str(problem), hint=problem.hint) from problem.origin
        self._budget.visit(value)
        if isinstance(value, str):
            self._budget.keep_text(value)
        return value

    def _not_found(self, target: Keys) -> InterpolationError:
        try:
            parent, _ = self._find(target[:-1])
        except (KedroMatrixError, ValueSkippedError):
            parent = None
        return self._trail.missing_key_error(target, parent)


_NODES = frozenset({dict, list, Resolved})

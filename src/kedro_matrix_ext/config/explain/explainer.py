"""From the record of an evaluation to an explanation.

A key inside what an interpolation gives is followed into it: through references, the globals, and the
argument of a ``merge`` that gives the key. What other resolvers give is explained as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.transcoding import TRANSCODE
from kedro_matrix_ext.config.explain.calls import describe_call
from kedro_matrix_ext.config.explain.expressions import plain_references, render_expression
from kedro_matrix_ext.config.explain.model import Explanation, ResolverCall
from kedro_matrix_ext.config.interpolation.grammar import Call, Literal, Reference, parse_text
from kedro_matrix_ext.config.layers.key_rules import split_path
from kedro_matrix_ext.config.layers.merging import MISSING, Layered, Resolved, is_special
from kedro_matrix_ext.config.layers.values import ABSENT, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.explain.model import Step
    from kedro_matrix_ext.config.explain.recording import Trace
    from kedro_matrix_ext.config.explain.scopes import Scope, Scopes
    from kedro_matrix_ext.config.inspection.provenance import Provenance
    from kedro_matrix_ext.config.interpolation.grammar import Expression

__all__ = ["Explainer"]

_MERGES = ("merge", "merge_shallow")


@dataclass(frozen=True)
class Explainer:
    """Explains values of one loader's configuration.

    Args:
        scopes: What is resolved together.
    """

    scopes: Scopes

    def explain(self, config_type: str, keys: Keys, via: str = "") -> Explanation | None:
        """Explain the value at a key path.

        Raises:
            InterpolationError: If it cannot be resolved.
        """
        chosen = self.scopes.choose(config_type, keys)
        if not chosen:
            return self._transcoded(keys) if config_type == "catalog" and keys else None
        if len(chosen) == 1:
            return self._in_scope(chosen[0], keys, via)
        merged: dict[Any, Any] = {}
        for scope in reversed(chosen):
            merged = {**merged, **scope.evaluator.trace(keys).value}
        steps = [self.explain(config_type, (*keys, key)) for key in merged]
        made = self._in_scope(chosen[0], keys, via)
        value = {step.keys[-1]: step.value for step in steps if step}
        shown = self.scopes.secrets.redact(config_type, value, keys)
        return replace(made, value=value, steps=tuple(filter(None, steps)), shown=shown)

    def _transcoded(self, keys: Keys) -> Explanation | None:
        """Explain a key of an entry that a ``transcode:`` entry stands for."""
        catalog, raw = self.scopes.loaded("catalog"), self.scopes.reader.raw("catalog").data
        name = str(keys[0]).rpartition("@")[0]
        value = value_at(catalog, keys)
        if value is ABSENT or not isinstance(raw.get(name), dict) or TRANSCODE not in raw[name]:
            return None
        found = self.scopes.reader.find("catalog", keys).written
        declared = self.explain("catalog", found.keys) if found and len(found.keys) > 1 else None
        return Explanation(
            "catalog",
            keys,
            value,
            written=found,
            steps=(declared,) if declared else (),
            notes=(f"made by '{TRANSCODE}' of the entry {name!r}",),
            shown=self.scopes.secrets.redact("catalog", value, keys),
        )

    def _in_scope(self, scope: Scope, keys: Keys, via: str = "") -> Explanation:
        trace = scope.evaluator.trace(keys)
        found, notes = self._place(scope, keys, via)
        return Explanation(
            scope.config_type,
            keys,
            trace.value,
            via,
            found.written,
            found.merged,
            found.overridden,
            tuple(self._steps(scope, keys, trace)),
            notes,
            shown=self.scopes.secrets.redact(scope.config_type, trace.value, keys),
        )

    def _place(self, scope: Scope, keys: Keys, via: str) -> tuple[Provenance, tuple[str, ...]]:
        """Find where it is written; in a scope of one environment, other environments do not count."""
        reader = self.scopes.reader
        found = reader.find(scope.config_type, keys)
        top = found.written
        if scope.env is None or top is None or top.env in (scope.env, None):
            return found, ()
        note = (
            f"{top} overrides it in environment {top.env!r}, but not for what {scope.env!r} refers to: "
            f"OmegaConfigLoader resolves each environment alone"
        )
        return reader.find(scope.config_type, keys, env=scope.env), (note,) if via else ()

    def _steps(self, scope: Scope, keys: Keys, trace: Trace) -> Iterator[Step]:
        node, place = trace.node, trace.keys
        if len(place) != len(keys) or any(str(a) != str(b) for a, b in zip(place, keys, strict=True)):
            redirect = next(use for use in trace.uses if use.kind == "redirect" and use.keys == place)
            yield from self._generic(scope, _key_parts(redirect))
            yield self._in_scope(scope, place, redirect.node)
        elif type(node) is Resolved:
            yield from self._inside(scope, keys, trace)
        elif isinstance(node, (dict, list)) or (type(node) is Layered and isinstance(trace.value, dict)):
            yield from self._children(scope, keys, trace.value)
        elif made := [use for use in trace.uses if use.kind == "value" and use.node is node]:
            yield from self._made_from(scope, keys, made[-1])

    def _inside(self, scope: Scope, keys: Keys, trace: Trace) -> Iterator[Step]:
        """Steps of a value inside what an interpolation further up gives."""
        outer = [use for use in trace.uses if use.kind == "value" and len(use.keys) < len(trace.keys)]
        rest = trace.keys[len(outer[-1].keys) :] if outer else ()
        layers = [use for use in outer if use.keys == outer[-1].keys and _has(use.value, rest)]
        giver = (layers or outer[-1:])[:1]  # of two layers the upper one comes first
        is_merged = len(layers) > 1 and isinstance(trace.value, dict)
        narrowed = self._narrow(scope, giver[0], rest) if giver and not is_merged else None
        if narrowed is not None:
            yield from narrowed
        elif isinstance(trace.value, dict):
            yield from self._children(scope, keys, trace.value)
        elif giver:
            yield from self._made_from(scope, giver[0].keys, giver[0])

    def _children(self, scope: Scope, keys: Keys, value: Any) -> Iterator[Explanation]:
        """A mapping's values; of a list, the items that are not plain as they are."""
        if isinstance(value, dict):
            for key in value:
                yield self._in_scope(scope, (*keys, key))
        elif isinstance(value, list):
            for index in range(len(value)):
                item = self._in_scope(scope, (*keys, index))
                if item.steps or item.written is None:
                    yield item

    def _made_from(self, scope: Scope, keys: Keys, trace: Trace) -> Iterator[Step]:
        """Steps of a text that interpolates, or of layers merged when they were resolved."""
        if type(trace.node) is Layered:  # the topmost layer that has a value gives it, as it is not a mapping
            for layer in [use for use in trace.uses if use.kind == "value" and use.value != MISSING][:1]:
                yield from self._made_from(scope, keys, layer)
            return
        call = trace.uses[-1] if trace.uses else None
        if (
            isinstance(trace.value, dict)
            and call is not None
            and call.kind == "call"
            and call.name in _MERGES
        ):
            yield from self._children(scope, keys, trace.value)
            return
        yield from self._generic(scope, trace.uses)
        if isinstance(trace.node, str):
            yield from self._missed(scope, trace, ())

    def _generic(self, scope: Scope, uses: Iterable[Trace]) -> Iterator[Step]:
        """Steps of what was evaluated; what a text refers to twice is explained once."""
        referred: set[tuple[Keys, str]] = set()
        for use in uses:
            if use.kind == "reference":
                if (use.keys, _expression(use)) in referred:
                    continue
                referred.add((use.keys, _expression(use)))
            if use.kind == "call":
                yield self._call(scope, use)
            elif use.kind == "text":
                yield from self._generic(scope, use.uses)
            elif use.kind == "reference":
                yield from self._generic(scope, _key_parts(use))
                yield self._in_scope(scope, use.keys, _expression(use))
            elif use.kind == "value":
                yield self._in_scope(scope, use.keys)

    def _missed(self, scope: Scope, trace: Trace, rest: Keys) -> Iterator[Explanation]:
        """Find references to plain values in a text that OmegaConf evaluated without calling us."""
        if scope.evaluator.is_native(trace.node):
            return
        seen = {use.keys for use in trace.uses}
        for reference in plain_references(trace.node):
            target = scope.evaluator.find_target(reference, trace.keys)
            if target not in seen and scope.has((*target, *rest)):
                yield self._in_scope(scope, (*target, *rest), render_expression(reference))

    def _call(self, scope: Scope, call: Trace) -> Step:
        if call.name == "globals" and (named := self._global(call, ())) is not None:
            return named
        source, variable = describe_call(call, self.scopes.loader.runtime_params or {})
        steps = tuple(self._generic(scope, call.uses))
        secret = variable is not None and self.scopes.secrets.is_secret_variable(variable)
        return ResolverCall(
            _expression(call),
            call.name,
            call.arguments,
            call.value,
            source,
            variable,
            steps,
            is_secret_source=secret,
        )

    def _global(self, call: Trace, rest: Keys) -> Explanation | None:
        """The global that a call looked up; None where it took the default."""
        path = split_path(call.arguments[0]) or ()
        return self.explain("globals", (*path, *rest), _expression(call))

    def _narrow(self, scope: Scope, trace: Trace, rest: Keys) -> list[Step] | None:
        """Return the steps of a key inside a value; None if the part that gives the key is unknown."""
        node = trace.node
        if isinstance(node, (dict, list)):
            return [self._in_scope(scope, (*trace.keys, *rest))]
        if type(node) is Layered:
            givers = [use for use in trace.uses if _has(use.value, rest)]
            return self._narrow(scope, givers[0], rest) if givers else None
        expression = parse_text(node) if isinstance(node, str) and is_special(node) else None
        used = trace.uses[-1] if trace.uses else None
        if used is None:
            return None
        if expression is None and used.kind == "call" and used.name in _MERGES:
            return [self._opaque_merge(scope, trace, used, rest)]
        return self._narrow_part(scope, expression, used, rest)

    def _narrow_part(
        self, scope: Scope, expression: Expression | None, used: Trace, rest: Keys
    ) -> list[Step] | None:
        if isinstance(expression, Reference) and used.kind == "reference":
            return [self._in_scope(scope, (*used.keys, *rest), render_expression(expression))]
        if not isinstance(expression, Call) or used.kind != "call":
            return None
        if used.name == "globals":
            found = self._global(used, rest)
            return [found] if found else None
        return self._narrow_merge(scope, expression, used, rest) if used.name in _MERGES else None

    def _narrow_merge(self, scope: Scope, expression: Call, call: Trace, rest: Keys) -> list[Step] | None:
        """The argument of a merge that gives a key, and those before it that it overrides."""
        uses = iter(call.uses)
        parts = [(part, None if isinstance(part, Literal) else next(uses)) for part in expression.arguments]
        givers = [
            (part, use)
            for (part, use), value in zip(parts, call.arguments, strict=True)
            if use is not None and _has(value, rest)
        ]
        if not givers or len([1 for _, use in givers if isinstance(value_at(use.value, rest), dict)]) > 1:
            return None
        top, *below = [self._narrow_part(scope, part, use, rest) or [] for part, use in reversed(givers)]
        return [self._merge(call, rest, tuple(top), tuple(step for steps in below for step in steps))]

    def _opaque_merge(self, scope: Scope, trace: Trace, call: Trace, rest: Keys) -> ResolverCall:
        """A merge that OmegaConf evaluated: what refers to an equal value gives it, where it is the last."""
        value = value_at(call.value, rest)
        found = list(self._missed(scope, trace, rest))
        steps = tuple(step for step in found if step.value == value)[-1:]
        return self._merge(call, rest, steps, tuple(step for step in found if step not in steps))

    @staticmethod
    def _merge(
        call: Trace, rest: Keys, steps: tuple[Step, ...], overridden: tuple[Step, ...] = ()
    ) -> ResolverCall:
        value = value_at(call.value, rest)
        return ResolverCall(
            _expression(call), call.name, call.arguments, value, steps=steps, overridden=overridden
        )


def _key_parts(reference: Trace) -> list[Trace]:
    """What was evaluated for the keys of a reference, not for what it led to."""
    return [use for use in reference.uses if use.kind not in ("value", "redirect")]


def _expression(trace: Trace) -> str:
    """The text of a reference or call; of a call that OmegaConf made, what it was given."""
    if isinstance(trace.node, str):
        return trace.node
    if trace.node is not None:
        return render_expression(trace.node)
    return f"${{{trace.name}:{','.join(map(str, trace.arguments))}}}"


def _has(value: Any, keys: Keys) -> bool:
    return value_at(value, keys) is not ABSENT

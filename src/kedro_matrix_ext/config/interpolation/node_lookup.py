"""Find raw nodes by key path, through references and layers that are not merged yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.interpolation.grammar import Reference, parse_text
from kedro_matrix_ext.config.layers.merging import Layered, Resolved, overlay
from kedro_matrix_ext.config.layers.values import ABSENT, child_of

if TYPE_CHECKING:
    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.interpolation.evaluator import Evaluator

__all__ = ["NodeLookup"]


class NodeLookup:
    """Finds raw nodes for an evaluator, which evaluates what lies on the way."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._targets: dict[tuple[Keys, int], Keys] = {}

    def find(self, keys: Keys) -> tuple[Any, Keys]:
        """Find the raw node at a key path, and its own place, which differs behind a reference.

        Only what lies on the way and refers to something else is evaluated.
        """
        node: Any = self._evaluator.raw
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
        """If a node on the way is a reference, go on from its target."""
        expression = parse_text(text)
        if type(expression) is not Reference:
            return None
        if self._evaluator.recorder is None:
            return self._find_behind(expression, text, place, rest)

        def find() -> tuple[Any, Keys]:
            found = self._find_behind(expression, text, place, rest)
            recorder.lead_to(found[1])
            return found

        recorder = self._evaluator.recorder
        redirected: tuple[Any, Keys] = recorder.record("redirect", place, text, find)
        return redirected

    def _find_behind(self, reference: Reference, text: str, place: Keys, rest: Keys) -> tuple[Any, Keys]:
        stack, mark, here = self._evaluator.stack, ((*place, *rest), id(text)), (place, id(text))
        stack.push(mark, place)
        try:
            target = self._targets.get(here) or self._evaluator.find_target(reference, place)
            return self.find((*self._targets.setdefault(here, target), *rest))
        finally:
            del stack.active[mark]

    def _child(self, node: Any, place: Keys, key: Any) -> tuple[Any, Any]:
        """Return the raw child of a node under a key, and the key as the node spells it."""
        if type(node) is Layered:
            return self._child_of_layers(node, place, key)
        if type(node) is str and "${" in node:
            node = Resolved(self._evaluator.evaluate(node, place))
        if type(node) is Resolved:
            child, key = child_of(node.value, key)
            return (child if child is ABSENT else Resolved(child)), key
        return child_of(node, key)

    def _child_of_layers(self, node: Layered, place: Keys, key: Any) -> tuple[Any, Any]:
        """Return the child of layers that are not merged yet; lower ones are read only if needed."""
        upper = (
            node.upper if type(node.upper) is dict else Resolved(self._evaluator.evaluate(node.upper, place))
        )
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

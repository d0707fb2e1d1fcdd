"""Find where in a file's text a value is: the line of its key, and the text of the value.

The text is parsed a second time, with marks, and only when a place is asked for. Anchors are followed to
where they are written: a key that a mapping has from ``<<: *defaults`` is found in ``defaults``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from kedro_matrix_ext.config.layers.yaml_nodes import (
    DEFAULT_VALUE_TAG,
    MERGE_TAG,
    Loader,
    compose,
    construct_scalar,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Position", "can_be_removed", "find_line", "find_position"]

_ALIAS = re.compile(r"(?:[\s:,\[\-?]|#[^\n]*\n)*(\*[^\s,\]}]+)")

_Span = tuple[int, int, int]  # a line, and the offsets of a value's text


@dataclass(frozen=True)
class Position:
    """Where a value is in the text of a file.

    Attributes:
        line: The line, from 1, of its key, or of the item in a list.
        start: The offset of the value's text, in characters.
        end: The offset behind it.
        depth: How many keys of the path that was asked for the file gives.
    """

    line: int
    start: int
    end: int
    depth: int


def find_position(text: str, keys: Sequence[object]) -> Position | None:
    r"""Find the deepest value on a key path that a file gives.

    Examples:
        >>> text = "a: &d {b: 1}\nc:\n  <<: *d  # all of it\n"
        >>> find_position(text, ["c", "b"])
        Position(line=1, start=10, end=11, depth=2)
        >>> place = find_position(text, ["c", "z"])
        >>> place.depth, place.line, text[place.start : place.end]
        (1, 2, '<<: *d')
    """
    return _marked(text).find(keys)


def find_line(text: str, keys: Sequence[object]) -> int | None:
    """Find the line of the deepest key on a path that a file gives."""
    position = find_position(text, keys)
    return position.line if position else None


def can_be_removed(text: str, keys: Sequence[object]) -> bool:
    r"""Return whether taking a key out of a file changes nothing else in it.

    Not so what an alias or ``<<`` brings or would bring then, nor what an anchor is on or around, which
    aliases may need.

    Examples:
        >>> text = "a: &d {b: 1}\nc:\n  <<: *d\n  e: 2\n"
        >>> [can_be_removed(text, keys) for keys in (["a"], ["a", "b"], ["c", "b"], ["c", "e"])]
        [False, False, False, True]
    """
    return _marked(text).can_be_removed(keys)


@lru_cache(maxsize=128)
def _marked(text: str) -> _MarkedText:
    return _MarkedText(text, *compose(text))


@dataclass
class _MarkedText:
    """The nodes of a text, with marks; each mapping is indexed when it is first looked into."""

    text: str
    loader: Any
    root: Any
    _indexed: dict[int, dict[Any, tuple[Any, Any]]] = field(default_factory=dict)

    def find(self, keys: Sequence[object]) -> Position | None:
        node, found = self.root, None
        for depth, key in enumerate(keys, start=1):
            child = self._child(node, key)
            if child is None:
                break
            (line, start, end), node = child
            found = Position(line, start, end, depth)
        return found

    def can_be_removed(self, keys: Sequence[object]) -> bool:
        node, start, end = self.root, 0, 0
        for key in keys:
            pair = self._index(node).get(key) if isinstance(node, yaml.MappingNode) else None
            if pair is None or not _is_inside(pair[0], node) or node.start_mark.index in self._anchors:
                return False
            if any(key in self._index(part) for part in _merged_mappings(node)):
                return False
            start, end = pair[0].end_mark.index, self._pair(*pair)[2]
            node = pair[1]
        return not any(start <= anchor < end for anchor in self._anchors)

    @cached_property
    def _anchors(self) -> frozenset[int]:
        """The offsets at which anchors are."""
        if "&" not in self.text:
            return frozenset()
        events: Any = yaml.parse(self.text, Loader=Loader)
        return frozenset(
            event.start_mark.index
            for event in events
            if getattr(event, "anchor", None) and not isinstance(event, yaml.AliasEvent)
        )

    def _child(self, node: Any, key: object) -> tuple[_Span, Any] | None:
        """Return the place of a key or item, and the node of its value."""
        if isinstance(node, yaml.SequenceNode):
            inside = isinstance(key, int) and 0 <= key < len(node.value)
            return (self._item(node, key), node.value[key]) if inside else None  # type: ignore[arg-type]
        pair = self._index(node).get(key) if isinstance(node, yaml.MappingNode) else None
        return (self._pair(*pair), pair[1]) if pair else None

    def _index(self, node: Any) -> dict[Any, tuple[Any, Any]]:
        if id(node) not in self._indexed:
            own = {self._key(key): (key, value) for key, value in node.value if key.tag != MERGE_TAG}
            merged: dict[Any, tuple[Any, Any]] = {}
            for part in _merged_mappings(node):
                merged = {**merged, **self._index(part)}
            self._indexed[id(node)] = {**merged, **own}
        return self._indexed[id(node)]

    def _key(self, node: Any) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            return None
        return node.value if node.tag == DEFAULT_VALUE_TAG else construct_scalar(self.loader, node)

    def _pair(self, key: Any, value: Any) -> _Span:
        line = key.start_mark.line + 1
        if value.start_mark.index < key.start_mark.index:
            return (line, *self._alias(key.end_mark.index))
        return (line, *self._own_text(value))

    def _item(self, node: Any, index: int) -> _Span:
        item = node.value[index]
        if _is_inside(item, node):
            return (item.start_mark.line + 1, *self._own_text(item))
        behind = self._item(node, index - 1)[2] if index else node.start_mark.index
        start, end = self._alias(behind)
        return self.text.count("\n", 0, start) + 1, start, end

    def _alias(self, behind: int) -> tuple[int, int]:
        """The offsets of the alias that stands for a value; its own node is where the anchor is."""
        alias = _ALIAS.match(self.text, behind)
        return alias.span(1) if alias else (behind, behind)

    def _own_text(self, node: Any) -> tuple[int, int]:
        """The offsets of a value's text; libyaml has a block end only where the next thing begins."""
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
            return start, start + len(self.text[start:end].rstrip())
        if isinstance(node, yaml.MappingNode):
            return start, self._pair(*node.value[-1])[2]
        return start, self._item(node, len(node.value) - 1)[2]


def _is_inside(part: Any, node: Any) -> bool:
    return bool(node.start_mark.index <= part.start_mark.index < node.end_mark.index)


def _merged_mappings(node: Any) -> Iterator[Any]:
    """The mappings that ``<<`` brings into one, those that count less first."""
    for key, value in node.value:
        if key.tag == MERGE_TAG:
            parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
            yield from (part for part in reversed(parts) if isinstance(part, yaml.MappingNode))

"""Edit keys of a YAML text in place, so that its comments and layout stay."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MappingEditor", "TextEdits", "dump_inline", "list_pairs", "read_node"]


_ALIAS = re.compile(r"\s*:\s*(?P<alias>\*[^\s,\[\]{}]+)")


def read_node(node: yaml.Node) -> Any:
    """Return the plain value of a node; the node is not changed."""
    constructor = yaml.SafeLoader("")
    try:
        return constructor.construct_object(deepcopy(node), deep=True)
    finally:
        constructor.dispose()


def list_pairs(node: yaml.Node) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Yield key text, key node and value node of a mapping; nothing for other nodes."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, key, value


def dump_inline(value: Any) -> str:
    """Return a value as YAML on one line."""
    text: str = yaml.safe_dump(
        [value], default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False
    )
    return text.strip()[1:-1]


@dataclass
class TextEdits:
    """Replacements of parts of a text."""

    text: str
    _edits: dict[tuple[int, int], str] = field(default_factory=dict)

    def replace(self, start: int, end: int, new: str) -> None:
        """Replace a part; the same part is only replaced once, since aliases share a node."""
        self._edits.setdefault((start, end), new)

    def apply(self) -> str:
        """Return the text with all edits."""
        text = self.text
        for (start, end), new in sorted(self._edits.items(), reverse=True):
            text = text[:start] + new + text[end:]
        return text


class MappingEditor:
    """Edits the pairs of one mapping; each key is edited once, and a key that is not written is ignored."""

    def __init__(self, node: yaml.MappingNode, edits: TextEdits) -> None:
        self._edits = edits
        self._node = node
        self._nodes = {key: (key_node, value) for key, key_node, value in list_pairs(node)}
        self._written = [name for name in self._nodes if name != "<<"]
        self._spans = {name: self._value_span(key, value) for name, (key, value) in self._nodes.items()}
        self._pairs = {name: [f"{name}: {self._text_of(name)}"] for name in self._nodes}

    @property
    def names(self) -> list[str]:
        """The keys that are written in the mapping itself, in order, and not edited yet."""
        return list(self._written)

    def rename(self, old: str, new: str) -> None:
        """Rename a key."""
        if self._take(old):
            key, _ = self._nodes[old]
            self._edit(old, key.start_mark.index, key.end_mark.index, new, [f"{new}: {self._text_of(old)}"])

    def set_value(self, name: str, value: Any) -> None:
        """Replace the value of a key."""
        if self._take(name):
            new = dump_inline(value)
            self._edit(name, *self._spans[name], new, [f"{name}: {new}"])

    def replace(self, name: str, pairs: Mapping[str, Any]) -> None:
        """Replace a pair by others; remove it if there are none."""
        if self._take(name):
            key, _ = self._nodes[name]
            lines = [f"{new}: {dump_inline(new_value)}" for new, new_value in pairs.items()]
            start, end = key.start_mark.index, self._spans[name][1]
            text = self._separator(key).join(lines)
            if not lines:
                start, end, text = self._whole_line(start, end)
            self._edit(name, start, end, text, lines)

    def nest(self, name: str, outer: str, inner: str, pairs: Mapping[str, Any]) -> None:
        """Move a value below a new key: ``name: value`` becomes ``outer: {**pairs, inner: value}``."""
        if self._take(name):
            key, _ = self._nodes[name]
            end = self._spans[name][1]
            rest = self._edits.text[key.end_mark.index : end]
            first = [f"{new}: {dump_inline(new_value)}" for new, new_value in pairs.items()]
            indent = " " * (key.start_mark.column + 2)
            moved = rest.replace("\n", "\n  ")
            lines = [f"{outer}:", *(indent + line for line in first), f"{indent}{inner}{moved}"]
            flow = f"{outer}: {{{', '.join([*first, f'{inner}: {self._text_of(name)}'])}}}"
            self._edit(name, key.start_mark.index, end, "\n".join(lines), [flow])

    def add_after(self, name: str, pairs: Mapping[str, Any]) -> None:
        """Add pairs behind the line of a key."""
        if name in self._nodes and pairs:
            key, _ = self._nodes[name]
            lines = [f"{new}: {dump_inline(new_value)}" for new, new_value in pairs.items()]
            end = self._spans[name][1]
            comment = re.compile(r"[ \t]*(#.*)?").match(self._edits.text, end)
            at = comment.end() if comment else end
            if self._node.flow_style:
                self._pairs[name] += lines
            else:
                separator = self._separator(key)
                self._edits.replace(at, at, separator + separator.join(lines))

    def finish(self) -> None:
        """Write a mapping in braces, whose pairs are on one line."""
        if self._node.flow_style:
            pairs = ", ".join(line for lines in self._pairs.values() for line in lines)
            start = self._edits.text.index("{", self._node.start_mark.index)  # behind an anchor
            self._edits.replace(start, self._node.end_mark.index, f"{{{pairs}}}")

    def _take(self, name: str) -> bool:
        if name not in self._written:
            return False
        self._written.remove(name)
        return True

    def _edit(self, name: str, start: int, end: int, new: str, flow_pairs: list[str]) -> None:
        added = self._pairs[name][1:]
        self._pairs[name] = [*flow_pairs, *added]
        if not self._node.flow_style:
            self._edits.replace(start, end, new)

    def _value_span(self, key: yaml.Node, value: yaml.Node) -> tuple[int, int]:
        """Return start and end of a value as written here: PyYAML places an alias where its anchor is."""
        if value.start_mark.index >= key.end_mark.index:
            return value.start_mark.index, _end_of(value)
        alias = _ALIAS.match(self._edits.text, key.end_mark.index)
        return alias.span("alias") if alias else (key.end_mark.index, key.end_mark.index)

    def _text_of(self, name: str) -> str:
        start, end = self._spans[name]
        return self._edits.text[start:end]

    def _separator(self, key: yaml.Node) -> str:
        return "\n" + " " * key.start_mark.column

    def _whole_line(self, start: int, end: int) -> tuple[int, int, str]:
        """Return the part to remove with a pair, and the comment of its line, which stays."""
        text = self._edits.text
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end + 1
        indent, comment = text[line_start:start], text[end:line_end].strip()
        if indent.strip():  # the first pair of a mapping in a list
            return start, end, ""
        return line_start, line_end, f"{indent}{comment}\n" if comment.startswith("#") else ""


def _end_of(node: yaml.Node) -> int:
    """Return the index behind the last character of a node; PyYAML's is behind trailing comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end_of(last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return len(node.end_mark.buffer[:end].rstrip()) if node.end_mark.buffer else end
    return end

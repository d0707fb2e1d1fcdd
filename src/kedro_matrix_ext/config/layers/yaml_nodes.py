"""YAML as OmegaConf reads it: PyYAML's loader with OmegaConf's scalars, its nodes, and merge keys.

The rules for scalars are those of ``OmegaConf.load``: YAML 1.1 with the safe tags, floats such as ``1e3``,
dates left as text. Merge keys are read here, since PyYAML 6.0.4 and others differ in their order.
"""

from __future__ import annotations

import pathlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BOOL_TAG",
    "DEFAULT_VALUE_TAG",
    "MAX_EXPANDED_NODES",
    "MERGE_TAG",
    "STR_TAG",
    "Loader",
    "bound_expansion",
    "compose",
    "construct_scalar",
    "find_lost_text",
    "merged_pairs",
    "read_plain_scalar",
]

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

STR_TAG = "tag:yaml.org,2002:str"
MERGE_TAG = "tag:yaml.org,2002:merge"
DEFAULT_VALUE_TAG = "tag:yaml.org,2002:value"  # a plain "=", which as a key is text
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
BOOL_TAG = "tag:yaml.org,2002:bool"
_MAY_LOSE_TEXT = re.compile(
    r"\b(?:yes|no|on|off|true|false)\s*:|\b0[0-9]|[0-9]:[0-5]?[0-9]|[0-9][eE][+-]?[0-9]{3}", re.IGNORECASE
)
_LOST = re.compile(
    r"[-+]?(?:0[0-7_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[0-9._]+[eE][+-]?[0-9]{3,})"
)
_PATH_CLASSES = ("Path", "PosixPath", "WindowsPath")

# Anchors may make a small file large. What one file may become: a thousand variants of 2,500 values each.
MAX_EXPANDED_NODES = 5_000_000
_MAX_NUMBER_CHARACTERS = 3_000  # whatever its base, Python then writes the number out

# OmegaConf's rule for floats: YAML 1.1's, and exponents without a point or sign.
_FLOAT = re.compile(
    r"""^(?:[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)
    |\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)


class Loader(_SafeLoader):  # type: ignore[misc]  # the C loader where there is one
    """The safe loader with OmegaConf's rules for scalars."""


Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in Loader.yaml_implicit_resolvers.items()
}
for _module in ("pathlib", "pathlib._local"):
    for _name in _PATH_CLASSES:
        Loader.add_constructor(
            f"tag:yaml.org,2002:python/object/apply:{_module}.{_name}",
            lambda loader, node: pathlib.Path(*loader.construct_sequence(node)),
        )


def compose(text: str) -> tuple[Any, Any]:
    """Parse the text of a valid file into PyYAML's nodes, which carry marks."""
    loader = Loader(text)
    return loader, loader.get_single_node()


def construct_scalar(loader: Any, node: Any) -> Any:
    """Give the value of a scalar node that is not plain text.

    Raises:
        yaml.constructor.ConstructorError: If the text is none of what the tag says, or a number too long to
            be one.
    """
    if node.tag == _TIMESTAMP:
        problem = f"the tag {node.tag!r} has no meaning in configuration"
        remedy = "Leave it out: dates are text, and the code that reads them parses them."
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark, remedy)
    if node.tag in _NUMBERS and len(node.value) > _MAX_NUMBER_CHARACTERS:
        problem = f"a number of {len(node.value):,} characters is too long"
        remedy = f"It may have {_MAX_NUMBER_CHARACTERS:,}; put it in quotes to have it as text."
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark, remedy)
    try:
        return loader.construct_object(node, deep=True)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # PyYAML's own constructors check nothing
        problem = f"{node.value[:80]!r} is not of the type {node.tag.rpartition(':')[2]!r}"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


def find_lost_text(text: str) -> Iterator[tuple[int, str, str]]:
    r"""Find what YAML 1.1 reads as a number or boolean although it was hardly meant as one.

    Those are keys such as ``no``, and numbers whose value does not show how they were written: ``0755``
    (octal), ``22:30`` (to the base 60), ``12e4567`` (infinite).

    Yields:
        The line, what is written, and what it is read as.

    Examples:
        >>> list(find_lost_text("no: 1\nstart: 22:30\nmode: '0755'\n"))
        [(1, 'no', 'False'), (2, '22:30', '1350')]
    """
    if not _MAY_LOSE_TEXT.search(text):
        return
    loader, root = compose(text)
    pending, seen = [root], set[int]()
    while pending:
        node = pending.pop()
        if id(node) in seen or node is None:
            continue
        seen.add(id(node))
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        pending += [value for _, value in pairs]
        pending += node.value if isinstance(node, yaml.SequenceNode) else ()
        keys = [key for key, _ in pairs if key.tag == BOOL_TAG]
        if node.tag in _NUMBERS and _LOST.fullmatch(node.value):
            keys.append(node)
        for each in keys:
            read = construct_scalar(loader, each)
            yield each.start_mark.line + 1, each.value, str(read)


@lru_cache(maxsize=65536)
def read_plain_scalar(text: str) -> Any:
    """Return what a text means without quotes: itself, a number, a truth value or null.

    Examples:
        >>> read_plain_scalar("2024"), read_plain_scalar("no"), read_plain_scalar("a")
        (2024, False, 'a')
    """
    candidates = Loader.yaml_implicit_resolvers.get(text[:1], [])
    tag = next((tag for tag, pattern in candidates if pattern.match(text)), STR_TAG)
    if tag in (STR_TAG, MERGE_TAG, DEFAULT_VALUE_TAG):
        return text
    try:
        return construct_scalar(Loader(""), yaml.ScalarNode(tag, text))
    except yaml.YAMLError:
        return text


def merged_pairs(node: Any) -> list[tuple[Any, Any]]:
    """Return the keys and values of a mapping with what ``<<`` brings; its own count most, and are last.

    Of a list under one ``<<`` the first mapping counts most; of several ``<<`` the last, as with OmegaConf.

    Raises:
        yaml.constructor.ConstructorError: If ``<<`` is given anything but mappings.
    """
    if not any(key.tag == MERGE_TAG for key, _ in node.value):
        pairs: list[tuple[Any, Any]] = node.value
        return pairs
    own = [pair for pair in node.value if pair[0].tag != MERGE_TAG]
    merged: dict[Any, tuple[Any, Any]] = {}
    for key, value in node.value:
        if key.tag == MERGE_TAG:
            for part in _merge_order(value):
                merged.update((_identity(pair[0]), pair) for pair in merged_pairs(part))
    for key, _ in own:
        merged.pop(_identity(key), None)
    return [*merged.values(), *own]


def _merge_order(value: Any) -> list[Any]:
    """Return the mappings under one ``<<``, the one that counts most last."""
    parts = value.value[::-1] if isinstance(value, yaml.SequenceNode) else [value]
    for part in parts:
        if not isinstance(part, yaml.MappingNode):
            raise yaml.constructor.ConstructorError(
                None, None, f"'<<' merges mappings, and this is a {part.id}", part.start_mark
            )
    return parts


def _identity(key: Any) -> Any:
    return (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else id(key)


def bound_expansion(root: Any, file: str) -> None:
    """Refuse a text whose anchors refer to themselves or multiply beyond bounds.

    Raises:
        ConfigurationError: If what the aliases expand to is out of bounds.
        yaml.constructor.ConstructorError: If an alias refers to a mapping or list around it.
    """
    sizes: dict[int, int] = {}
    visiting: set[int] = set()

    def measure(node: Any) -> int:
        if id(node) in sizes:
            return sizes[id(node)]
        if id(node) in visiting:
            raise yaml.constructor.ConstructorError(
                None, None, "an alias refers to a mapping or list around it", node.start_mark
            )
        visiting.add(id(node))
        size = 1 + sum(measure(child) for child in _children(node))
        visiting.discard(id(node))
        sizes[id(node)] = size
        return size

    expanded = measure(root)
    if expanded > MAX_EXPANDED_NODES:
        raise ConfigurationError(
            f"the aliases of this file expand its {len(sizes):,} nodes to {expanded:,}, of at most "
            f"{MAX_EXPANDED_NODES:,}",
            file=file,
            hint="Repeat less of it, or split the file: each may expand to as much.",
        )


def _children(node: Any) -> list[Any]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []

"""From the text of one file to a raw mapping, as OmegaConf reads it, several times faster.

The rules are those of ``OmegaConf.load``: YAML 1.1 with the safe tags, floats such as ``1e3``, dates left as
text, a key given twice in one mapping refused, ``.json`` read as the YAML it is. The C parser of libyaml
does the work where PyYAML was built with it.
"""

from __future__ import annotations

import pathlib
import re
from typing import Any

import yaml

from kedro_matrix_ext.errors import ConfigurationError

__all__ = [
    "DEFAULT_VALUE_TAG",
    "MERGE_TAG",
    "bound_expansion",
    "compose",
    "construct_scalar",
    "parse_mapping",
]

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_STR, _MAP, _SEQ = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
MERGE_TAG = "tag:yaml.org,2002:merge"
DEFAULT_VALUE_TAG = "tag:yaml.org,2002:value"  # a plain "=", which as a key is text
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_PATH_CLASSES = ("Path", "PosixPath", "WindowsPath")

# Anchors may make a small file large. What one file may become: a thousand variants of 2,500 values each.
MAX_EXPANDED_NODES = 5_000_000
_MAX_DEPTH = 120  # of containers; resolving goes no deeper either
_TOO_DEEP = f"Mappings and lists may be {_MAX_DEPTH} deep inside each other: make it flatter."
_MAX_NUMBER_CHARACTERS = 3_000  # whatever its base, Python then writes the number out
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")

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


class _Loader(_SafeLoader):  # type: ignore[misc]  # the C loader where there is one
    """The safe loader with OmegaConf's rules for scalars."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
for _module in ("pathlib", "pathlib._local"):
    for _name in _PATH_CLASSES:
        _Loader.add_constructor(
            f"tag:yaml.org,2002:python/object/apply:{_module}.{_name}",
            lambda loader, node: pathlib.Path(*loader.construct_sequence(node)),
        )


def parse_mapping(text: str, file: str) -> dict[Any, Any]:
    r"""Read the text of a YAML or JSON file whose top level is a mapping.

    Raises:
        ConfigurationError: If the text is not valid, gives a key twice, is not a mapping, refers to itself,
            or expands beyond bounds. The cause is kept.

    Examples:
        >>> parse_mapping("rate: 1e3\nday: 2024-01-01", "parameters.yml")
        {'rate': 1000.0, 'day': '2024-01-01'}
    """
    loader = None
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None or (root.tag == "tag:yaml.org,2002:null"):
            return {}
        if not isinstance(root, yaml.MappingNode):
            raise _not_a_mapping(root, file)
        if "&" in text and "*" in text:
            bound_expansion(root, file)
        data: dict[Any, Any] = _Construction(loader, file).build(root)
    except yaml.YAMLError as error:
        raise _syntax_error(error, file) from error
    except RecursionError as error:
        raise ConfigurationError("this file is nested too deeply", file=file, hint=_TOO_DEEP) from error
    except UnicodeEncodeError as error:
        raise ConfigurationError(f"cannot read this file: {error.reason}", file=file) from error
    finally:
        if loader is not None:
            loader.dispose()
    return data


def compose(text: str) -> tuple[Any, Any]:
    """Parse the text of a valid file into PyYAML's nodes, which carry marks."""
    loader = _Loader(text)
    return loader, loader.get_single_node()


class _Construction:
    """Nodes to plain values; scalars with other tags than text go through PyYAML's constructors."""

    def __init__(self, loader: Any, file: str) -> None:
        self._loader = loader
        self._file = file
        self._depth = 0

    def build(self, node: Any) -> Any:
        tag, kind = node.tag, type(node)
        if kind is yaml.ScalarNode:
            return node.value if tag == _STR else construct_scalar(self._loader, node)
        if tag == _MAP and kind is yaml.MappingNode:
            return self._mapping(node)
        if tag == _SEQ and kind is yaml.SequenceNode:
            return self._sequence(node)
        return self._tagged(node, tag)

    def _tagged(self, node: Any, tag: str) -> Any:
        """Build a mapping or list that carries a tag: only those of paths have a meaning."""
        if tag == "tag:yaml.org,2002:set" or not tag.startswith("tag:yaml.org,2002:python"):
            raise yaml.constructor.ConstructorError(
                None, None, f"the tag {tag!r} has no meaning in configuration", node.start_mark
            )
        try:
            return self._loader.construct_object(node, deep=True)
        except (TypeError, ValueError) as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error

    def _enter(self, node: Any) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            line = node.start_mark.line + 1
            raise ConfigurationError(
                "this file is nested too deeply", file=self._file, line=line, hint=_TOO_DEEP
            )

    def _sequence(self, node: Any) -> list[Any]:
        self._enter(node)
        result = [self.build(child) for child in node.value]
        self._depth -= 1
        return result

    def _mapping(self, node: Any) -> dict[Any, Any]:
        self._enter(node)
        self._reject_repeated_keys(node)
        if any(key.tag == MERGE_TAG for key, _ in node.value):
            self._loader.flatten_mapping(node)
        build = self.build
        result = {}
        for key_node, value_node in node.value:
            plain = key_node.tag == _STR and type(key_node) is yaml.ScalarNode
            key = key_node.value if plain else self._key(key_node)
            result[key] = build(value_node)
        self._depth -= 1
        return result

    def _key(self, node: Any) -> Any:
        key = node.value if node.tag == DEFAULT_VALUE_TAG else self.build(node)
        if not isinstance(key, (str, bytes, int, float)):
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"{key!r} cannot be a key: keys are text, numbers or true and false",
                node.start_mark,
            )
        return key

    @staticmethod
    def _reject_repeated_keys(node: Any) -> None:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == _STR and type(key_node) is yaml.ScalarNode:
                if key_node.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key_node.value!r} is given twice", key_node.start_mark
                    )
                seen.add(key_node.value)


def construct_scalar(loader: Any, node: Any) -> Any:
    """Give the value of a scalar node that is not plain text.

    Raises:
        yaml.constructor.ConstructorError: If the text is none of what the tag says, or a number too long to
            be one.
    """
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


def _syntax_error(error: yaml.YAMLError, file: str) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    column = f", column {mark.column + 1}" if mark else ""
    message = f"cannot read this file: {problem}{column}" + (f" ({context})" if context else "")
    remedy = getattr(error, "note", None)
    if "nesting depth" in problem:  # PyYAML 6.0.4 and later have their own limit
        message, remedy = f"this file is nested too deeply{column}", _TOO_DEEP
    return ConfigurationError(message, file=file, line=mark.line + 1 if mark else None, hint=remedy)


def _not_a_mapping(root: Any, file: str) -> ConfigurationError:
    kind = "a list" if isinstance(root, yaml.SequenceNode) else f"the single value {root.value!r}"
    return ConfigurationError(
        f"the top level of this file is {kind}, not a mapping",
        file=file,
        line=root.start_mark.line + 1,
        hint="Write 'key: value' lines.",
    )

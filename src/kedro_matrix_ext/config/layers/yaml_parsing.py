"""From the text of one file to a raw mapping, as OmegaConf reads it, several times faster.

The rules are those of ``OmegaConf.load``: YAML 1.1 with the safe tags, floats such as ``1e3``, dates left as
text, a key given twice in one mapping refused, ``.json`` read as the YAML it is. The C parser of libyaml
does the work where PyYAML was built with it.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

import yaml

from kedro_matrix_ext._secrets import is_secret_name
from kedro_matrix_ext.config.errors import (
    DuplicateKeyError,
    FileEncodingError,
    UnusableKeyError,
    file_error_like,
)
from kedro_matrix_ext.config.layers.key_rules import refuses_equal_keys
from kedro_matrix_ext.config.layers.yaml_nodes import (
    BOOL_TAG,
    DEFAULT_VALUE_TAG,
    MERGE_TAG,
    STR_TAG,
    Loader,
    bound_expansion,
    construct_scalar,
    merged_pairs,
)
from kedro_matrix_ext.errors import ConfigurationError

__all__ = ["parse_mapping"]

_MAP, _SEQ = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
_VALUE = re.compile(  # what follows dashes, a key, an anchor and a tag
    r"\s*(?:-\s+)*(?:(?:'[^']*'|\"[^\"]*\"|[^\s'\"\[{#&*!$][^#]*?)\s*:\s+)?(?:[&!]\S*\s+)*(.*)"
)
_COMMENT = re.compile(r"\s#.*")
_ITEM_START = re.compile(r"[,\[{]|:\s")
_KEYS = re.compile(r"[\w.-]+(?=['\"]?\s*:)")
_NO_ALIAS = re.compile(r"(?:^|[:\-,\[]\s*)(\*(?=\W|$).*)")
_RESERVED_STARTS = ("@", "`", "%")
_REMOVE_ONE = "Remove one of them, or put both in quotes if they are different texts."
_MAX_DEPTH = 120  # of containers; resolving goes no deeper either
_TOO_DEEP = f"Mappings and lists may be {_MAX_DEPTH} deep inside each other: make it flatter."


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
        loader = Loader(text)
        root = loader.get_single_node()
        if root is None or (root.tag == "tag:yaml.org,2002:null"):
            return {}
        if not isinstance(root, yaml.MappingNode):
            raise _not_a_mapping(root, file)
        if "&" in text and "*" in text:
            bound_expansion(root, file)
        data: dict[Any, Any] = _Construction(loader, file).build(root)
    except yaml.YAMLError as error:
        if _holds_secret(error, file, text):
            raise _secret_syntax_error(error, file) from None  # the cause would show the text
        raise _syntax_error(error, file, text) from error
    except RecursionError as error:
        raise ConfigurationError("this file is nested too deeply", file=file, hint=_TOO_DEEP) from error
    except UnicodeEncodeError as error:
        raise FileEncodingError(f"cannot read this file: {error.reason}", file=file) from error
    finally:
        if loader is not None:
            loader.dispose()
    return data


class _Construction:
    """Nodes to plain values; scalars with other tags than text go through PyYAML's constructors."""

    def __init__(self, loader: Any, file: str) -> None:
        self._loader = loader
        self._file = file
        self._depth = 0

    def build(self, node: Any) -> Any:
        tag, kind = node.tag, type(node)
        if kind is yaml.ScalarNode:
            return node.value if tag == STR_TAG else construct_scalar(self._loader, node)
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
        build = self.build
        pairs = merged_pairs(node)
        own = len(pairs) - sum(key.tag != MERGE_TAG for key, _ in node.value)
        result = {}
        given: dict[Any, Any] = {}
        has_integers = False
        for position, (key_node, value_node) in enumerate(pairs):
            plain = key_node.tag == STR_TAG and type(key_node) is yaml.ScalarNode
            key = key_node.value if plain else self._key(key_node)
            has_integers = has_integers or type(key) is int
            if position >= own:
                first = given.setdefault(key, key_node)
                if first is not key_node:
                    raise _repeated(first, key_node)
            result[key] = build(value_node)
        self._depth -= 1
        if has_integers and refuses_equal_keys():
            self._refuse_number_beside_text(result, pairs)
        return result

    def _refuse_number_beside_text(self, result: dict[Any, Any], pairs: list[tuple[Any, Any]]) -> None:
        """Refuse a number and its text as keys of one mapping, as OmegaConf does."""
        text = next((str(key) for key in result if type(key) is int and str(key) in result), None)
        if text is None:
            return
        nodes = {self._key(node): node for node, _ in pairs}
        first, second = sorted((nodes[text], nodes[int(text)]), key=lambda node: node.start_mark.line)
        line = first.start_mark.line + 1
        problem = f"the key {text!r} is given with quotes and without, first at line {line}"
        raise _RepeatedKeyError(None, None, problem, second.start_mark, _REMOVE_ONE)

    def _key(self, node: Any) -> Any:
        key = node.value if node.tag == DEFAULT_VALUE_TAG else self.build(node)
        if not isinstance(key, (str, bytes, int, float)):
            shown = repr(key) if key is None else f"a {type(key).__name__}"
            raise _UnusableKeyError(
                None,
                None,
                f"{shown} cannot be a key: keys are text, numbers or true and false",
                node.start_mark,
            )
        return key


class _RepeatedKeyError(yaml.constructor.ConstructorError):
    """A mapping gives a key twice."""


class _UnusableKeyError(yaml.constructor.ConstructorError):
    """A mapping has a key of another kind than text, numbers and truth values."""


def _repeated(first: Any, second: Any) -> _RepeatedKeyError:
    line = first.start_mark.line + 1
    problem = f"the key {second.value!r} is given twice, first at line {line}"
    if first.value != second.value:
        kind = "truth value" if first.tag == second.tag == BOOL_TAG else "number"
        problem = f"the keys {first.value!r} (line {line}) and {second.value!r} are the same {kind}"
    return _RepeatedKeyError(None, None, problem, second.start_mark, _REMOVE_ONE)


def _syntax_error(error: yaml.YAMLError, file: str, text: str) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.reader.ReaderError):
        return _unreadable_character(error, file, text)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    column = f", column {mark.column + 1}" if mark else ""
    message = f"cannot read this file: {problem}{column}" + (f" ({context})" if context else "")
    is_text = mark is not None and not isinstance(error, yaml.constructor.ConstructorError)
    remedy = getattr(error, "note", None) or (
        _find_remedy(text, mark, is_flow="flow" in str(context)) if is_text else None
    )
    if "nesting depth" in problem:  # PyYAML 6.0.4 and later have their own limit
        message, remedy = f"this file is nested too deeply{column}", _TOO_DEEP
    return _class_for(error)(message, file=file, line=mark.line + 1 if mark else None, hint=remedy)


def _unreadable_character(error: yaml.reader.ReaderError, file: str, text: str) -> ConfigurationError:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    position = found.start() if found else 0
    return file_error_like(error)(
        f"cannot read this file: the control character {text[position : position + 1]!r} is not allowed",
        file=file,
        line=text.count("\n", 0, position) + 1,
        hint="Remove it, or write it as an escape in double quotes.",
    )


def _class_for(error: yaml.YAMLError) -> type[ConfigurationError]:
    named: dict[type, type[ConfigurationError]] = {
        _RepeatedKeyError: DuplicateKeyError,
        _UnusableKeyError: UnusableKeyError,
    }
    return named.get(type(error)) or file_error_like(error)


def _holds_secret(error: yaml.YAMLError, file: str, text: str) -> bool:
    """Check whether an error may quote a secret: in a file of credentials, or under a key called so."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return False
    if _is_of_credentials(file):
        return True
    key = _key_of(_line_at(text, mark.line))
    return not isinstance(error, _RepeatedKeyError) and is_secret_name(key)


def _is_of_credentials(file: str) -> bool:
    return any(part.lower().startswith("credentials") for part in PurePath(file).parts)


def _secret_syntax_error(error: yaml.YAMLError, file: str) -> ConfigurationError:
    mark: Any = getattr(error, "problem_mark", None)
    is_repeated = isinstance(error, _RepeatedKeyError)
    problem = "a key is given twice" if is_repeated else "it is not valid YAML"
    return _class_for(error)(
        f"cannot read this file: {problem}, column {mark.column + 1}",
        file=file,
        line=mark.line + 1,
        hint=None if is_repeated else "Put values in single quotes, and write a single quote in them twice.",
    )


def _line_at(text: str, number: int) -> str:
    return [*text.split("\n"), ""][min(number, text.count("\n"))].rstrip("\r")


def _find_remedy(text: str, mark: Any, *, is_flow: bool) -> str | None:
    """Return what to do about the mistakes that YAML's own words do not explain."""
    line = _line_at(text, mark.line)
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "There is a tab at the start of this line: indent with spaces."
    if is_flow and "${" in line:
        item = _quoted_value(_item_at(line, mark.column))
        return f"Inside [ ] and {{ }} YAML reads the braces of an interpolation: write {item}."
    value = None if is_flow else _interpolated_value(text, mark.line)
    if value:
        return f"YAML reads a part of this value by itself: write {_quoted_value(value)}."
    if line.lstrip().startswith("{"):
        return "A key that begins with '{' needs quotes, as '\"{namespace}.table\":'."
    needs_quotes = _find_text_for_quotes(line, mark.column)
    return f"This text needs quotes: {_quoted(needs_quotes)}." if needs_quotes else None


def _item_at(line: str, column: int) -> str:
    """Return the item or value in brackets that the interpolation at a column is in."""
    first = max(line.rfind("${", 0, column + 2), line.find("${"))
    start = max((found.end() for found in _ITEM_START.finditer(line, 0, first)), default=0)
    depth, end = 0, first
    while end < len(line) and (depth or line[end] not in ",]}"):
        depth += (line[end] == "{") - (line[end] == "}")
        end += 1
    return _COMMENT.sub("", line[start:end]).strip()


def _interpolated_value(text: str, number: int) -> str | None:
    """Return the whole value that has an interpolation on a line, without its quotes and line breaks.

    A value may begin on a line above, with a brace that is still open.
    """
    lines = [*text.splitlines(), ""]
    for first in range(min(number, len(lines) - 1), -1, -1):
        value = _COMMENT.sub("", _VALUE.sub(r"\1", lines[first]))
        if "${" in value and (first == number or value.count("{") > value.count("}")):
            break
    else:
        return None
    if is_secret_name(_key_of(lines[first])):
        return None
    for line in lines[first + 1 :]:
        if value.count("{") <= value.count("}"):
            break
        if len(line) - len(line.lstrip()) <= len(lines[first]) - len(lines[first].lstrip()):
            break
        value = f"{value.rstrip()} {_COMMENT.sub('', line).strip()}"
    value = value.strip()
    return value[1:-1] if value[0] in "'\"" and value[0] == value[-1] else value


def _quoted_value(value: str) -> str:
    """Show a value in quotes, unless there may be a secret in it."""
    if any(map(is_secret_name, _KEYS.findall(value))):
        return "the whole value in single quotes"
    return f"{_quoted(value)}, in quotes"


def _key_of(line: str) -> str:
    return line.partition(":")[0].strip(" -?'\"")


def _find_text_for_quotes(line: str, column: int) -> str | None:
    """Return the text of a line that begins or contains what has a meaning in YAML."""
    if line[column : column + 1] in _RESERVED_STARTS:
        return line[column:].strip()
    alias = _NO_ALIAS.search(line)
    if alias:
        return alias[1].strip()
    value = line.partition(": ")[2].strip()
    if value.startswith('"') and "\\" in value:  # which begins an escape there
        return value.strip('"')
    return value if ": " in value and value[0] not in "[{'\"" else None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _not_a_mapping(root: Any, file: str) -> ConfigurationError:
    value = "" if _is_of_credentials(file) else f" {root.value!r}"
    kind = "a list" if isinstance(root, yaml.SequenceNode) else f"the single value{value}"
    return ConfigurationError(
        f"the top level of this file is {kind}, not a mapping",
        file=file,
        line=root.start_mark.line + 1,
        hint="Write 'key: value' lines.",
    )

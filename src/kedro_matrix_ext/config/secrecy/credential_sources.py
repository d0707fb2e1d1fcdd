"""What credentials refer to: environment variables, and globals with all that these refer to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.layers.key_rules import split_path
from kedro_matrix_ext.config.layers.values import ABSENT, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.config.layers.raw_config import RawConfiguration
    from kedro_matrix_ext.config.secrecy.taint import Taint

__all__ = ["CredentialSources", "find_credential_sources", "is_public_name"]

_VARIABLE = re.compile(r"\$\{\s*oc\.env\s*:\s*([A-Za-z_]\w*)")
_GLOBAL = re.compile(r"\$\{\s*globals\s*:\s*([^\s,{}$]+)")
_REFERENCE = re.compile(r"\$\{\s*(\.*)([\w\-/@.\[\]]+)\s*\}")
_PUBLIC = re.compile(
    r"(^|_)(endpoint|endpoint_ur[li]|host|hostname|port|region|region_name|location|zone|scheme|protocol|driver|"
    r"drivername|dialect|database|dbname|db_name|db|schema|project|project_id|bucket|account_name|type|anon|"
    r"use_ssl|verify|timeout|version|signature_version|addressing_style)$"
)


@dataclass(frozen=True)
class CredentialSources:
    """What credentials are made from.

    Attributes:
        variables: The names of environment variables.
        globals: The key paths of globals, all keys as text.
    """

    variables: frozenset[str]
    globals: Taint


def is_public_name(name: str) -> bool:
    """Check whether a key or variable among credentials is called as what anyone may know.

    Examples:
        >>> [is_public_name(name) for name in ("endpoint_url", "DB_HOST", "region_name", "secret")]
        [True, True, True, False]
    """
    return _PUBLIC.search(name.lower()) is not None


def find_credential_sources(
    credentials: RawConfiguration | None, global_values: RawConfiguration | None
) -> CredentialSources:
    """Find what the texts of credentials refer to, directly and through globals."""
    variables: set[str] = set()
    paths: set[tuple[str, ...]] = set()
    waiting = [leaf for layer in (credentials.layers if credentials else ()) for leaf in _texts(layer.data)]
    trees = [layer.data for layer in global_values.layers] if global_values else []
    while waiting:
        keys, text = waiting.pop()
        if keys and is_public_name(keys[-1]):
            continue
        variables.update(name for name in _VARIABLE.findall(text) if not is_public_name(name))
        in_globals = keys[:1] == (_IN_GLOBALS,)
        targets = [split_path(path) or () for path in _GLOBAL.findall(text)]
        if in_globals:
            targets += [_target(keys[1:], dots, path) for dots, path in _REFERENCE.findall(text)]
        for path in map(tuple, targets):
            if path and path not in paths and not is_public_name(path[-1]):
                paths.add(path)
                waiting += [leaf for tree in trees for leaf in _texts_at(tree, path)]
    return CredentialSources(frozenset(variables), frozenset(paths))


_IN_GLOBALS = "globals"


def _target(keys: tuple[str, ...], dots: str, path: str) -> tuple[str, ...]:
    start = keys[: len(keys) - len(dots)] if dots else ()
    return (*start, *(split_path(path) or ()))


def _texts_at(tree: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the texts at a path of the globals, or of the interpolation on the way that gives it."""
    for end in range(len(path), 0, -1):
        value = value_at(tree, path[:end])
        if value is not ABSENT:
            yield from _texts(value, (_IN_GLOBALS, *path[:end]))
            return


def _texts(tree: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(tree, dict):
        for key, child in tree.items():
            yield from _texts(child, (*keys, str(key)))
    elif isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from _texts(child, (*keys, str(index)))
    elif isinstance(tree, str) and "${" in tree:
        yield keys, tree

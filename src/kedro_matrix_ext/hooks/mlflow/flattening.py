"""Parameters and numbers in the form that MLflow keeps; nothing here imports mlflow."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import numbers
import posixpath
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.engine_names import strip_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "fit_keys",
    "fit_value",
    "flatten_numbers",
    "flatten_parameters",
    "matches",
    "select",
    "select_numbers",
]

_NOT_IN_KEYS = re.compile(r"[^/\w.\- ]")


def flatten_parameters(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Give every leaf of nested parameters a dotted name and a text.

    Examples:
        >>> flatten_parameters({"model": {"depth": 3, "layers": [8, 4]}, "seed": None})
        {'model.depth': '3', 'model.layers': '[8, 4]', 'seed': 'None'}
        >>> flatten_parameters({})
        {}
    """
    return {name: _write(value) for name, value in _leaves("", parameters) if name}


def flatten_numbers(name: str, data: object) -> dict[str, float]:
    """Find the numbers in what a node returned.

    Examples:
        >>> flatten_numbers("price_predictor.metrics", {"r2": 0.5, "rows": {"test": 10}, "model": "linear"})
        {'price_predictor.metrics.r2': 0.5, 'price_predictor.metrics.rows.test': 10.0}
    """
    leaves = _leaves(strip_engine(name), data)
    return {key: float(value) for key, value in leaves if isinstance(value, numbers.Real)}


def select(values: Mapping[str, str], patterns: Iterable[str]) -> dict[str, str]:
    """Keep the values whose name, or the name of what they are part of, matches a pattern.

    Examples:
        >>> select({"model.depth": "3", "seed": "1"}, ["model"])
        {'model.depth': '3'}
    """
    chosen = tuple(patterns)
    return {
        name: value
        for name, value in values.items()
        if any(matches(ancestor, chosen) for ancestor in _ancestors(name))
    }


def select_numbers(
    outputs: Mapping[str, object], patterns: Iterable[str], *, every: bool
) -> dict[str, float]:
    """Return the numbers in the datasets that a name or pattern selects, or in all of them.

    Examples:
        >>> select_numbers({"loss": 0.5, "test": {"r2": 1}}, ["te*"], every=False)
        {'test.r2': 1.0}
    """
    found: dict[str, float] = {}
    for name, data in outputs.items():
        if every or matches(name, patterns):
            found.update(flatten_numbers(name, data))
    return found


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a name matches one of some names or shell patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def fit_keys(values: Mapping[str, Any], longest: int) -> dict[str, Any]:
    """Rename what MLflow would refuse by its name.

    MLflow takes letters, digits, ``_ - . /`` and spaces, in a form that stays the same as a relative path
    (see ``mlflow.utils.validation``); anything else becomes ``_``. Names too long, and names that are taken
    once changed, end in a digest of the original.

    Examples:
        >>> fit_keys({"{namespace}.rate": 1}, 250)
        {'_namespace_.rate': 1}
    """
    fitted: dict[str, Any] = {}
    for name, value in values.items():
        key = _clean(name)
        if len(key) > longest or key in fitted:
            digest = hashlib.blake2s(name.encode(), digest_size=4).hexdigest()
            key = f"{key[: longest - len(digest) - 1]}-{digest}"
        fitted[key] = value
    return fitted


def fit_value(text: str, longest: int) -> str:
    """Cut a text that MLflow would refuse for its length.

    Examples:
        >>> fit_value("abcdefgh", 6)
        'abc...'
    """
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _clean(name: str) -> str:
    key = _NOT_IN_KEYS.sub("_", name) or "_"
    if posixpath.normpath(key) != key or key.startswith(("/", "..")) or key == ".":
        key = key.replace("/", "_").replace("..", "__")
    return key if key != "." else "_"


def _leaves(prefix: str, value: object) -> Iterator[tuple[str, Any]]:
    mapping = _as_mapping(value)
    if not mapping:
        yield prefix, value
        return
    for key, inner in mapping.items():
        yield from _leaves(f"{prefix}.{key}" if prefix else str(key), inner)


def _as_mapping(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if hasattr(type(value), "model_fields"):
        return {name: getattr(value, name) for name in type(value).model_fields}
    return None


def _write(value: object) -> str:
    return json.dumps(value, default=str) if isinstance(value, (list, tuple)) else str(value)


def _ancestors(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])

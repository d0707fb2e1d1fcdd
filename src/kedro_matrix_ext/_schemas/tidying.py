"""Making pydantic's JSON Schemas what editors read: flat choices, plain descriptions, known keywords."""

from __future__ import annotations

from typing import Any

__all__ = ["tidy"]

_DROPPED = ("discriminator", "title")
_BOUNDS = {"gt": "exclusiveMinimum", "ge": "minimum"}  # pydantic's names, where it has no place for a bound
_NUMERIC = ("integer", "number")


def tidy(schema: Any) -> Any:
    """Rewrite a schema, at every depth.

    Examples:
        >>> tidy({"gt": 0, "anyOf": [{"anyOf": [{"type": "number"}, {"type": "null"}]}]})
        {'anyOf': [{'type': 'number', 'exclusiveMinimum': 0}, {'type': 'null'}]}
    """
    if isinstance(schema, list):
        return [tidy(child) for child in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _tidy_names(child) if key in ("properties", "$defs") else _tidy_key(key, child)
        for key, child in schema.items()
        if key not in _DROPPED
    }
    if "anyOf" in kept:
        return _join_choices(kept)
    return {_BOUNDS.get(key, key): child for key, child in kept.items()}


def _tidy_names(named: dict[str, Any]) -> dict[str, Any]:
    return {name: tidy(child) for name, child in named.items()}


def _tidy_key(key: str, value: Any) -> Any:
    if key == "default":
        return value
    if key == "description":
        return value.partition("\n\n")[0].replace("``", "`").replace("\n", " ")
    return tidy(value)


def _join_choices(schema: dict[str, Any]) -> dict[str, Any]:
    """Flatten choices inside choices, and give each the keywords next to them that apply to it."""
    choices: list[dict[str, Any]] = []
    for choice in schema["anyOf"]:
        choices += choice["anyOf"] if choice.keys() == {"anyOf"} else [choice]
    if {"type": "number"} in choices:
        choices = [choice for choice in choices if choice != {"type": "integer"}]
    bounds = {_BOUNDS[key]: schema[key] for key in _BOUNDS if key in schema}
    closed = {key: schema[key] for key in ("additionalProperties",) if key in schema}
    joined = [_narrow(choice, bounds, closed) for choice in choices]
    rest = {key: value for key, value in schema.items() if key not in (*_BOUNDS, *closed)}
    return {**rest, "anyOf": joined}


def _narrow(choice: dict[str, Any], bounds: dict[str, Any], closed: dict[str, Any]) -> dict[str, Any]:
    if choice.get("type") in _NUMERIC:
        return {**choice, **bounds}
    return {**choice, **closed} if choice.get("type") == "object" else choice

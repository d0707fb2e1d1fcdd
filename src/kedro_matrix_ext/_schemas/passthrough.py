"""Describe the fields of Argo and Kubernetes that ``argo.yml`` passes through."""

from __future__ import annotations

from typing import Any

from kedro_matrix_ext.argo.configuration.passthrough.fields import OBJECTS, REQUIRED
from kedro_matrix_ext.argo.configuration.passthrough.scalars import TEXT_KINDS

__all__ = ["describe_passed_fields"]

_TEXT_MAP = {"type": "object", "additionalProperties": {"type": "string"}}
_KINDS: dict[str, dict[str, Any]] = {
    **{kind: {"type": "string"} for kind in TEXT_KINDS},
    "amount": {"type": ["integer", "string"]},
    "annotations": _TEXT_MAP,
    "any": {},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "labels": _TEXT_MAP,
    "natural": {"type": "integer", "minimum": 0},
    "positive": {"type": "integer", "minimum": 1},
    "quantities": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
    "quantity": {"type": ["string", "integer"]},
    "weight": {"type": "integer", "minimum": 1, "maximum": 100},
}
_OPEN = ("Container", "Outputs", "Sidecar", "Template", "Volume")
_PODS = ("Rule", "Template")


def describe_passed_fields(schema: dict[str, Any]) -> None:
    """Add the fields to the schema of ``argo.yml``: as objects, and next to the options of our sections."""
    definitions = schema["$defs"]
    definitions.update({f"Argo{kind}": _describe_object(kind) for kind in OBJECTS})
    for name in ("workflow", "pod"):
        _refer(schema["properties"], name, name.capitalize())
    for section in _PODS:
        _refer(_mapping(definitions[section])["properties"], "pod", "Pod")
    for section in ("EnvironmentVariable", "TaskVariable"):
        _refer(_mapping(definitions[section])["properties"], "valueFrom", "EnvVarSource")
    for section in _OPEN:
        mapping = _mapping(definitions[section])
        own = mapping["properties"]
        passed = {name: _describe_kind(kind) for name, kind in OBJECTS[section].items()}
        mapping["properties"] = {**passed, **own}
        mapping["additionalProperties"] = False


def _refer(properties: dict[str, Any], name: str, kind: str) -> None:
    described = properties[name].get("description", "")
    properties[name] = {"description": described, "allOf": [{"$ref": f"#/$defs/Argo{kind}"}]}


def _describe_object(kind: str) -> dict[str, Any]:
    fields = {name: _describe_kind(each) for name, each in OBJECTS[kind].items()}
    required = {"required": [*REQUIRED[kind]]} if kind in REQUIRED else {}
    return {"type": "object", "properties": fields, **required, "additionalProperties": False}


def _describe_kind(kind: str) -> dict[str, Any]:
    if kind.startswith("["):
        return {"type": "array", "items": _describe_kind(kind[1:-1])}
    if "|" in kind:
        return {"enum": kind.split("|")}
    return {"$ref": f"#/$defs/Argo{kind}"} if kind in OBJECTS else dict(_KINDS[kind])


def _mapping(definition: dict[str, Any]) -> dict[str, Any]:
    choices: list[dict[str, Any]] = definition.get("anyOf", [definition])
    return next(choice for choice in choices if choice.get("type") == "object")

"""What our models accept besides what they keep: text for amounts, one value for a list, names for mappings.

Pydantic describes what comes out of a validator that runs before its own; what goes in is described here.
"""

from __future__ import annotations

from typing import Any

__all__ = ["ALSO_TAKEN", "allow_partial_files", "amend_definitions"]

_STRING: dict[str, Any] = {"type": "string"}
_NULL: dict[str, Any] = {"type": "null"}
_BOOLEAN: dict[str, Any] = {"type": "boolean"}
_QUANTITY = {"type": "string", "pattern": r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[A-Za-z]*$"}
_DURATION = {"type": "string", "pattern": r"^(\s*\d+(\.\d+)?\s*[smhd])+\s*$"}
_RETRY_PRESETS = ["none", "spot"]
_POD_GC = {"enum": ["OnPodCompletion", "OnPodSuccess", "OnWorkflowCompletion", "OnWorkflowSuccess"]}

ALSO_TAKEN: dict[str, list[dict[str, Any]]] = {
    "parse_cores": [_QUANTITY],
    "parse_gib": [_QUANTITY],
    "parse_seconds": [_DURATION],
    "write_scalar": [{"type": "number"}, _BOOLEAN],
    "_list_one": [_STRING],
    "_list_cron": [_STRING],
    "_section": [_NULL],
    "_list_rules": [_NULL],
    "_as_strategy": [_POD_GC],
    "_as_completion": [_DURATION, {"type": "integer"}],
    "_as_spot": [{"enum": ["gke", "aks", "eks", "karpenter"]}],
    "_as_schedule": [_STRING, {"type": "array", "items": _STRING}],
    "_as_hardening": [_BOOLEAN],
    "_read_patterns": [_BOOLEAN],
    "_refuse_bool": [],
    "_refuse_number": [],
    "_write_label": [{"type": "integer"}, _BOOLEAN],
    "_write_date": [],
    "Retries._expand_preset": [{"enum": _RETRY_PRESETS}],
    "Table._refuse_other_rows": [],
    "Toleration._compare_values": [],
}
"""For each validator that runs before pydantic's own, what it accepts besides what the model keeps."""


def amend_definitions(definitions: dict[str, Any]) -> None:
    """Add keys that a model takes and has no field for."""
    if "Retries" in definitions:
        preset = {"enum": _RETRY_PRESETS, "description": "What the other keys depart from."}
        _mapping(definitions["Retries"])["properties"]["preset"] = preset
    if "Output" in definitions:  # as Argo spells it
        output = _mapping(definitions["Output"])
        output["properties"]["valueFrom"] = {"type": "object", "properties": {"path": _STRING}}
        output["required"] = [name for name in output["required"] if name != "path"]


def allow_partial_files(schema: dict[str, Any]) -> None:
    """Let environments set a part of a machine type, and remove an entry of a mapping by null."""
    _mapping(schema["$defs"]["MachineType"]).pop("required", None)
    for key in ("machine_types", "labels", "annotations", "node_selector"):
        entries = _mapping(schema["properties"][key])
        entries["additionalProperties"] = {"anyOf": [entries["additionalProperties"], _NULL]}


def _mapping(definition: dict[str, Any]) -> dict[str, Any]:
    """The schema of a model's mapping, where other things are taken for it too."""
    choices: list[dict[str, Any]] = definition.get("anyOf", [definition])
    return next(choice for choice in choices if choice.get("type") == "object")

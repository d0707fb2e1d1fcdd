"""Resource templates: a rehearsal creates no resource, and runs the container that its inputs describe."""

from __future__ import annotations

import json
from typing import Any

from kedro_matrix_ext.argo.constants import RESOURCE_INPUTS

__all__ = ["take_container"]


def take_container(template: Any) -> Any:
    """Return a template as it was read, with the container in its inputs if it creates a resource.

    Raises:
        ValueError: If it creates a resource and its inputs are not those of our manifests.
    """
    if not isinstance(template, dict) or "resource" not in template:
        return template
    given = _read_inputs(template.get("inputs"))
    if not given.keys() >= {*RESOURCE_INPUTS}:
        raise ValueError(
            f"template {template.get('name')!r} creates a resource and does not have the inputs "
            f"{', '.join(RESOURCE_INPUTS)}, which a rehearsal runs instead"
        )
    lists = {name: json.loads(given[name]) for name in RESOURCE_INPUTS if name != "image"}
    others = [each for each in template["inputs"]["parameters"] if each.get("name") not in RESOURCE_INPUTS]
    inputs = {**template["inputs"], "parameters": others}
    return {**template, "inputs": inputs, "container": {**lists, "image": given["image"]}}


def _read_inputs(inputs: Any) -> dict[str, str]:
    """Return the inputs of a template that have a value, of data that is not yet checked."""
    listed = inputs.get("parameters") if isinstance(inputs, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return {}
    return {str(each.get("name")): each["value"] for each in listed if isinstance(each.get("value"), str)}

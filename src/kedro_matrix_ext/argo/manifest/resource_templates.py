"""Resource templates: Argo creates an object of the cluster, which runs a task's command on another engine.

The command, image and environment are inputs of the template. Argo replaces tags once, and these inputs
contain tags themselves; so the manifest gets their text here, and Argo replaces the tags in it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.constants import NODES, RESOURCE_INPUTS
from kedro_matrix_ext.argo.template_tags.inputs import find_input_names
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags, find_tags, input_tag
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.configuration.resource import Resource
    from kedro_matrix_ext.argo.configuration.templates import Template

__all__ = ["KEDRO_NODES", "render_resource_template"]

KEDRO_NODES = "kedro_nodes"


def render_resource_template(
    rendered: Mapping[str, Any], template: Template, resource: Resource
) -> dict[str, Any]:
    """Turn a container template into a resource template whose inputs are the parts of the container."""
    container = rendered["container"]
    texts = {name: _as_text(container[name]) for name in RESOURCE_INPUTS}
    given = rendered["inputs"]["parameters"]
    inputs = [*given, *({"name": name, "value": text} for name, text in texts.items())]
    own = {**texts, KEDRO_NODES: input_tag(NODES)}
    written = {"manifest": _fill(resource.manifest, own, template)} if resource.manifest is not None else {}
    return {
        "name": rendered["name"],
        "inputs": {"parameters": inputs},
        "resource": {"action": resource.action, **written, **resource.passed},
    }


def _as_text(part: object) -> str:
    """Write lists as JSON, which is a list in YAML too."""
    return part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)


def _fill(manifest: str, texts: Mapping[str, str], template: Template) -> str:
    for tag in find_tags(manifest):
        inside = find_input_names("{{" + tag + "}}") & set(texts)
        if tag.startswith("=") and inside:
            raise ArgoError(
                f"template {template.name!r} uses {min(inside)!r} in an expression, which does not have it",
                config_path="argo: template.templates",
                hint=f"Write {input_tag(min(inside))!r} by itself.",
            )
    prefix = "inputs.parameters."
    return fill_tags(
        manifest, lambda tag: texts.get(tag.removeprefix(prefix)) if tag.startswith(prefix) else None
    )

"""Merge fields that ``argo.yml`` passes through into what is generated.

Mappings are merged, lists are joined, and of other values the more specific one counts: generated < ``pod``
of the file < of a template < of a rule. What Argo's templates do not have goes into a ``podSpecPatch``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.configuration.passthrough.sections import POD_OF_TEMPLATE
from kedro_matrix_ext.argo.constants import NODES
from kedro_matrix_ext.argo.manifest.pod_spec import render_tolerations
from kedro_matrix_ext.argo.template_tags.escaping import refuse_tags
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.configuration.templates import Template

__all__ = ["list_hook_templates", "merge_fields", "merge_workflow", "pass_through"]

_NODES = f"inputs.parameters.{NODES}"


def merge_fields(below: Any, above: Any) -> Any:
    """Return two values merged: mappings key by key, lists one behind the other."""
    if isinstance(below, dict) and isinstance(above, dict):
        merged = dict(below)
        for key, value in above.items():
            merged[key] = merge_fields(below[key], value) if key in below else value
        return merged
    if isinstance(below, list) and isinstance(above, list):
        return [*below, *(item for item in above if item not in below)]
    return above


def list_hook_templates(config: ArgoConfig) -> list[str]:
    """List the templates that hooks of the workflow run."""
    hooks = (config.workflow or {}).get("hooks")
    listed = hooks.values() if isinstance(hooks, Mapping) else ()
    return sorted({hook["template"] for hook in listed if isinstance(hook, Mapping) and hook.get("template")})


def merge_workflow(
    spec: dict[str, Any], config: ArgoConfig, hooked: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a workflow's spec with the fields under ``workflow``.

    ``hooked`` are the names that the manifest gives to the templates of hooks.
    """
    merged: dict[str, Any] = merge_fields(spec, _plain(config.workflow))
    if hooked:
        merged["hooks"] = {
            event: {**hook, "template": hooked[hook["template"]]} if "template" in hook else hook
            for event, hook in merged["hooks"].items()
        }
    return merged


def pass_through(
    rendered: dict[str, Any],
    config: ArgoConfig,
    template: Template | None = None,
    pod: Mapping[str, Any] | None = None,
    *,
    nodes: str | None = None,
) -> dict[str, Any]:
    """Return a generated template with the fields of its template in ``argo.yml``, and of its pods.

    ``nodes`` is the input with the task's nodes, for labels and annotations; none where no nodes run.
    """
    passed = {} if template is None else _plain(template.passed)
    of_pods = {name: passed.pop(name) for name in POD_OF_TEMPLATE if name in passed}
    strategy = passed.pop("retryStrategy", None)
    rendered = merge_fields(rendered, passed)
    if strategy is not None:
        rendered["retryStrategy"] = strategy
    own = template.pod if template else {}
    of_file = _fill_metadata(_plain(config.pod), nodes)
    return _merge_pods(rendered, config, (of_file, of_pods, own, pod or {}))


def _fill_metadata(pod: dict[str, Any], nodes: str | None) -> dict[str, Any]:
    """Name the input that a template has its nodes in; without one, leave such labels and annotations out."""
    metadata = pod.get("metadata")
    if metadata:
        pod["metadata"] = {
            part: {
                name: value.replace(_NODES, f"inputs.parameters.{nodes}")
                for name, value in values.items()
                if nodes is not None or "{{inputs." not in value
            }
            for part, values in metadata.items()
        }
    return pod


def _merge_pods(
    template: dict[str, Any], config: ArgoConfig, pods: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    pod: dict[str, Any] = {}
    for each in pods:
        pod = merge_fields(pod, _plain(each))
    containers = pod.pop("containers", [])
    of_template = {name: pod.pop(name) for name in POD_OF_TEMPLATE if name in pod}
    of_workflow = {
        "nodeSelector": dict(config.node_selector),
        "tolerations": render_tolerations(config.tolerations),
    }
    for name, value in of_workflow.items():
        if name in of_template and name not in template and value:
            template[name] = value  # Argo takes a template's own instead of the workflow's
    merged: dict[str, Any] = merge_fields(template, of_template)
    for container in containers if "container" in merged else ():
        fields = {name: value for name, value in container.items() if name != "name"}
        merged["container"] = merge_fields(merged["container"], fields)
    tolerations = merged.get("tolerations", of_workflow["tolerations"])
    patch = _render_patch(pod, config, tolerations)
    return {**merged, "podSpecPatch": patch} if patch else merged


def _render_patch(pod: dict[str, Any], config: ArgoConfig, tolerations: list[Any]) -> str | None:
    static = refuse_tags(json.dumps(pod, sort_keys=True), place="argo: pod") if pod else None
    if config.spot is None:
        return static
    spot = {
        "nodeSelector": dict(config.spot.node_selector),
        # A patch replaces tolerations as a whole.
        "tolerations": [*tolerations, *render_tolerations(config.spot.tolerations)],
    }
    refuse_tags(json.dumps(tolerations), place="argo: tolerations")
    first, later = (_quote(merge_fields(pod, spot)), _quote(pod))
    return f"{{{{=asInt(retries) < {config.spot.attempts} ? {first} : {later}}}}}"


def _quote(patch: dict[str, Any]) -> str:
    """Return a patch as text in one of Argo's expressions, without double braces or further quotes."""
    text = json.dumps(patch, sort_keys=True)
    if "'" in text or "\\" in text:
        raise ArgoError(
            "fields under 'pod' contain a quote or a backslash, which an expression for 'spot' cannot hold",
            config_path="argo: pod",
            hint="Remove it, or set spot machines by 'node_selector' without 'spot'.",
        )
    while "}}" in text or "{{" in text:
        text = text.replace("}}", "} }").replace("{{", "{ {")
    return f"'{text}'"


def _plain(value: Any) -> Any:
    """Return a deep copy as dictionaries and lists."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value

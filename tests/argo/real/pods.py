"""The pods of a manifest, as far as the controller makes them of the manifest alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.template_tags.syntax import fill_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["list_pods"]

_CHOICE = re.compile(r"\{\{=asInt\(retries\) < \d+ \? '(.*)' : '(.*)'\}\}", re.DOTALL)
_OF_WORKFLOW = (
    *("affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "hostAliases", "hostNetwork"),
    *("imagePullSecrets", "nodeSelector", "schedulerName", "securityContext", "serviceAccountName"),
    "tolerations",
)
_OF_TEMPLATE = (
    *("affinity", "automountServiceAccountToken", "hostAliases", "nodeSelector", "priorityClassName"),
    *("schedulerName", "securityContext", "serviceAccountName", "tolerations"),
)
_OF_SIDECAR = ("mirrorVolumeMounts",)
_ARGO_VOLUMES: list[dict[str, Any]] = [
    {"name": name, "emptyDir": {}} for name in ("var-run-argo", "tmp-dir-argo")
]
_ARGO_MOUNT = {"name": "var-run-argo", "mountPath": "/var/run/argo"}


def list_pods(manifest: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Yield the pod of each template with a container, and the patches of its specification."""
    spec = manifest["spec"].get("workflowSpec", manifest["spec"])
    parameters = {
        f"workflow.parameters.{each['name']}": each.get("value", "x")
        for each in (spec.get("arguments") or {}).get("parameters") or []
    }
    for template in spec["templates"]:
        if "container" in template:
            pod = _fill(_make_pod(template, spec), parameters)
            patch = template.get("podSpecPatch")
            choice = _CHOICE.fullmatch(patch or "")
            for one in choice.groups() if choice else [patch]:
                yield pod, [one] if one else []


def _fill(value: Any, parameters: Mapping[str, str]) -> Any:
    """Replace tags by the values of parameters, and others by a text that any field takes."""
    if isinstance(value, str):
        return fill_tags(value, lambda tag: parameters.get(tag, "x"))
    if isinstance(value, dict):
        return {key: _fill(member, parameters) for key, member in value.items()}
    return [_fill(member, parameters) for member in value] if isinstance(value, list) else value


def _make_pod(template: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    pod = {name: spec[name] for name in _OF_WORKFLOW if name in spec}
    pod |= {name: template[name] for name in _OF_TEMPLATE if name in template}
    sidecars = [
        {key: value for key, value in sidecar.items() if key not in _OF_SIDECAR}
        for sidecar in template.get("sidecars") or []
    ]
    containers = [{**template["container"], "name": "main"}, *sidecars]
    wait = {"name": "wait", "image": "quay.io/argoproj/argoexec:v4.1.2"}
    metadata = [spec.get("podMetadata") or {}, template.get("metadata") or {}]
    merged = {
        part: {**metadata[0].get(part, {}), **metadata[1].get(part, {})} for part in ("labels", "annotations")
    }
    deadline = template.get("activeDeadlineSeconds") or spec.get("activeDeadlineSeconds")
    return {
        "metadata": {"name": "shop-1", "namespace": "jobs", **merged},
        "spec": {
            **pod,
            "restartPolicy": "Never",
            **({"activeDeadlineSeconds": int(deadline)} if deadline else {}),
            **(
                {"priorityClassName": spec["podPriorityClassName"]}
                if "podPriorityClassName" in spec and "priorityClassName" not in template
                else {}
            ),
            "initContainers": _mount([{**wait, "name": "init"}, *(template.get("initContainers") or [])]),
            "containers": _mount([wait, *containers]),
            "volumes": [*_ARGO_VOLUMES, *(spec.get("volumes") or []), *(template.get("volumes") or [])],
        },
    }


def _mount(containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "terminationMessagePolicy": "File",
            **each,
            "volumeMounts": [*each.get("volumeMounts", []), _ARGO_MOUNT],
        }
        for each in containers
    ]

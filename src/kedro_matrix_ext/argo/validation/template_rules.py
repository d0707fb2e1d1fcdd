"""Rules for the specification and for single templates."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.constants import TEMPLATE_LIMIT
from kedro_matrix_ext.argo.nodes.quantities import parse_cores
from kedro_matrix_ext.argo.template_tags.syntax import has_tags
from kedro_matrix_ext.argo.validation.faults import Fault, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext.argo.validation.faults import Template

__all__ = ["check_spec", "check_template", "find_duplicates"]

_TEMPLATE_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")
_PARAMETER_NAME = re.compile(r"[-a-zA-Z0-9_]+")
_MOST_INPUTS = 500
_KINDS = ("container", "dag", "steps", "script", "resource", "suspend", "containerSet", "data", "http")
_CONTAINER_ONLY = ("retryStrategy", "activeDeadlineSeconds", "timeout")
_DAG_ONLY = ("parallelism", "failFast")
_TAKEN_CONTAINERS = ("main", "wait", "init")
_GPU = "nvidia.com/gpu"
_NUMERIC_EXIT_CODE = re.compile(r"lastRetry\.exitCode\s*(?:[=!<>]=?\s*\d|in\s*\[\s*\d)")


def find_duplicates(names: Iterable[str]) -> list[str]:
    """Return names that occur more than once."""
    return [name for name, count in Counter(names).items() if count > 1]


def check_spec(spec: dict[str, Any]) -> Iterator[Fault]:
    """Check the number and names of templates, and the entrypoint and exit handler."""
    names = [template["name"] for template in spec.get("templates") or []]
    if len(names) > TEMPLATE_LIMIT:
        yield Fault("spec", f"{len(names)} templates; Argo accepts {TEMPLATE_LIMIT}")
    for name in find_duplicates(names):
        yield Fault("spec", f"template {name!r} is declared twice")
    for key in ("entrypoint", "onExit"):
        wanted = spec.get(key)
        if (wanted or key == "entrypoint") and wanted not in names:
            yield Fault("spec", f"{key} {wanted!r} is not a template")
    for key in ("retryStrategy", "templateDefaults"):
        if key in spec:
            yield Fault("spec", f"{key} would apply to DAGs too; it belongs on templates with a container")
    yield from _check_parameters("spec", names_of(spec, "arguments"), need_value=True)


def check_template(template: Template) -> Iterator[Fault]:
    """Check a template on its own."""
    place = f"template {template['name']!r}"
    if not _TEMPLATE_NAME.fullmatch(template["name"]):
        yield Fault(place, "its name must consist of letters, digits and '-', at most 128")
    kinds = [kind for kind in _KINDS if kind in template]
    if len(kinds) != 1:
        yield Fault(
            place, f"a template is one of {', '.join(_KINDS)}; this is {' and '.join(kinds) or 'none'}"
        )
    misplaced = _CONTAINER_ONLY if {"dag", "steps"} & set(kinds) else _DAG_ONLY
    for key in misplaced:
        if key in template:
            yield Fault(place, f"{key} is not allowed on a template with {kinds[0] if kinds else 'nothing'}")
    inputs = names_of(template, "inputs")
    if len(inputs) > _MOST_INPUTS:
        yield Fault(place, f"{len(inputs)} input parameters; Argo accepts {_MOST_INPUTS}")
    yield from _check_parameters(place, inputs, need_value=False)
    if "container" in template:
        yield from _check_pod(place, template)


def _check_parameters(place: str, parameters: list[dict[str, Any]], *, need_value: bool) -> Iterator[Fault]:
    names = [parameter["name"] for parameter in parameters]
    for name in find_duplicates(names):
        yield Fault(place, f"parameter {name!r} is declared twice")
    for parameter in parameters:
        if not _PARAMETER_NAME.fullmatch(parameter["name"]):
            yield Fault(
                place, f"parameter {parameter['name']!r} must consist of letters, digits, '-' and '_'"
            )
        if "value" in parameter and not isinstance(parameter["value"], str):
            yield Fault(place, f"parameter {parameter['name']!r} has a value that is not a string")
        if need_value and "value" not in parameter and "valueFrom" not in parameter:
            yield Fault(place, f"parameter {parameter['name']!r} has no value")


def _check_pod(place: str, template: Template) -> Iterator[Fault]:
    sidecars = template.get("sidecars") or []
    names = [sidecar["name"] for sidecar in sidecars]
    for name in (*find_duplicates(names), *(name for name in names if name in _TAKEN_CONTAINERS)):
        yield Fault(place, f"sidecar {name!r} has the name of another container of the pod")
    volumes = [volume["name"] for volume in template.get("volumes") or []]
    for name in find_duplicates(volumes):
        yield Fault(place, f"volume {name!r} is declared twice")
    for container in (template["container"], *sidecars):
        yield from _check_container(place, container, set(volumes))
    expression = (template.get("retryStrategy") or {}).get("expression") or ""
    if _NUMERIC_EXIT_CODE.search(expression):
        yield Fault(place, "lastRetry.exitCode is a string: compare it with '137', in quotes")


def _check_container(place: str, container: dict[str, Any], volumes: set[str]) -> Iterator[Fault]:
    for name in find_duplicates(entry["name"] for entry in container.get("env") or []):
        yield Fault(place, f"environment variable {name!r} is set twice")
    mounts = [mount.get("mountPath") for mount in container.get("volumeMounts") or []]
    for mount in container.get("volumeMounts") or []:
        if mounts.count(mount.get("mountPath")) > 1:
            yield Fault(place, f"two volumes are mounted at {mount.get('mountPath')!r}")
        if mount["name"] not in volumes:
            yield Fault(place, f"volume {mount['name']!r} is mounted but not declared")
    yield from _check_resources(place, container.get("resources") or {})
    for side, quantities in (container.get("resources") or {}).items():
        for name, quantity in quantities.items():
            if has_tags(str(quantity)):
                yield Fault(place, f"{side} of {name} contains a tag, which is not allowed in a quantity")
            if name == _GPU and str(quantity) == "0":
                yield Fault(place, f"{side} of 0 GPUs can still land on a machine with GPUs: leave it out")


def _check_resources(place: str, resources: dict[str, Any]) -> Iterator[Fault]:
    """Check requests against limits: at most the limit, and equal to it for devices such as GPUs."""
    limits = resources.get("limits") or {}
    for name, wanted in (resources.get("requests") or {}).items():
        limit = limits.get(name)
        if "/" in name and (limit is None or parse_cores(limit) != parse_cores(wanted)):
            yield Fault(place, f"requests {wanted} of {name!r}, a device, whose limit must be the same")
        elif (
            limit is not None
            and not has_tags(f"{wanted}{limit}")
            and parse_cores(wanted) > parse_cores(limit)
        ):
            yield Fault(place, f"requests {wanted} of {name}, more than its limit of {limit}")

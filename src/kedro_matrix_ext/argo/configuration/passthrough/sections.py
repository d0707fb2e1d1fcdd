"""Check ``workflow:`` and ``pod:``, and refuse fields that have an option of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kedro_matrix_ext._section import ModelError
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.passthrough.check import find_field_errors

__all__ = ["POD_OF_TEMPLATE", "find_passed_errors"]

_WORKFLOW_RESERVED = {
    "entrypoint": "it is generated. Use 'template.init_templates' to run something first.",
    "templates": "they are generated. Declare templates in 'template.templates'.",
    "onExit": "it is generated. Write 'template.exit_template'.",
    "retryStrategy": "it would repeat whole DAGs. Write 'retries'.",
    "templateDefaults": "they would apply to DAGs too. Write 'pod', or a template in 'template.templates'.",
    "podSpecPatch": "it is generated. Write 'pod'.",
    "workflowTemplateRef": "the workflow has its own templates. Remove it.",
    "shutdown": "it stops a workflow that runs. Use 'argo stop'.",
}
# The option that is the same field: it is given once only.
_WORKFLOW_OPTIONS = {
    "activeDeadlineSeconds": ("deadlines", "workflow"),
    "archiveLogs": ("archive_logs",),
    "imagePullSecrets": ("image_pull_secrets",),
    "nodeSelector": ("node_selector",),
    "parallelism": ("parallelism",),
    "podGC": ("pod_gc",),
    "serviceAccountName": ("service_account",),
    "tolerations": ("tolerations",),
    "ttlStrategy": ("ttl",),
}
_ARGUMENTS_RESERVED = ("image", "run-id")
_POD_RESERVED = {
    "activeDeadlineSeconds": "write 'deadlines.task'.",
    "ephemeralContainers": "they cannot be declared in advance.",
    "nodeName": "the scheduler chooses the machine. Write 'nodeSelector' or 'affinity'.",
    "restartPolicy": "Argo retries tasks. Write 'retries'.",
}
_CONTAINER_RESERVED = {
    "args": "write a template in 'template.templates'.",
    "command": "write a template in 'template.templates'.",
    "env": "write 'template.environment'.",
    "image": "write 'deployment', or 'image' in a rule.",
    "resources": "write 'machine_types' or 'rules'.",
}
POD_OF_TEMPLATE = (
    *(
        "affinity",
        "automountServiceAccountToken",
        "hostAliases",
        "initContainers",
        "metadata",
        "nodeSelector",
    ),
    *("priorityClassName", "schedulerName", "securityContext", "serviceAccountName"),
    *("tolerations", "volumes"),
)
"""The fields of a pod that Argo's templates have; the others go into a ``podSpecPatch``."""


def find_passed_errors(data: object) -> Iterator[ModelError]:
    """Report errors in ``workflow``, and in ``pod`` of the file, of rules and of templates."""
    if not isinstance(data, Mapping):
        return
    if data.get("workflow") is not None:
        yield from _workflow_errors(data["workflow"], data)
    for keys, pod in _pods(data):
        yield from _pod_errors(pod, keys)


def _workflow_errors(workflow: object, data: Mapping[str, Any]) -> Iterator[ModelError]:
    if not isinstance(workflow, Mapping):
        yield ModelError(("workflow",), f"{workflow!r} is not a mapping", "wrong_kind", workflow)
        return
    kept = {}
    for name, value in workflow.items():
        keys = ("workflow", str(name))
        if name in _WORKFLOW_RESERVED:
            yield ModelError(keys, _WORKFLOW_RESERVED[name], "reserved", value)
        elif name in _WORKFLOW_OPTIONS and _is_given(data, _WORKFLOW_OPTIONS[name]):
            option = ".".join(_WORKFLOW_OPTIONS[name])
            yield ModelError(keys, f"the option {option!r} sets it too. Keep one.", "reserved", value)
        else:
            kept[name] = value
    yield from find_field_errors(kept, "Workflow", ("workflow",))
    yield from _hook_errors(kept.get("hooks"), data.get("template"))
    yield from _parameter_errors(kept)


def _hook_errors(hooks: object, template: object) -> Iterator[ModelError]:
    """Report the hook that would replace the exit handler, and templates that are not declared."""
    listed = template.get("templates") if isinstance(template, Mapping) else None
    declared = [each.get("name") for each in listed or () if isinstance(each, Mapping)]
    names = [name for name in declared if isinstance(name, str)]
    for event, hook in hooks.items() if isinstance(hooks, Mapping) else ():
        keys = ("workflow", "hooks", str(event))
        if event == "exit":
            yield ModelError(
                keys,
                "Argo would run it or the exit handler. Write 'template.exit_template'.",
                "reserved",
                hook,
            )
            continue
        name = hook.get("template") if isinstance(hook, Mapping) else None
        if isinstance(name, str) and name not in names:
            hint = did_you_mean(name, names) or "Declare it in 'template.templates'."
            yield ModelError((*keys, "template"), f"there is no template {name!r}. {hint}", "missing", hook)


def _parameter_errors(kept: Mapping[str, Any]) -> Iterator[ModelError]:
    parameters = (
        kept.get("arguments", {}).get("parameters", []) if isinstance(kept.get("arguments"), dict) else []
    )
    for index, parameter in enumerate(parameters if isinstance(parameters, list) else []):
        place: tuple[int | str, ...] = ("workflow", "arguments", "parameters", index)
        if not isinstance(parameter, Mapping) or not isinstance(parameter.get("name"), str):
            yield ModelError(place, "a parameter needs a 'name'", "wrong_kind", parameter)
        elif parameter["name"] in _ARGUMENTS_RESERVED:
            yield ModelError(
                place, f"{parameter['name']!r} is generated. Choose another name.", "reserved", parameter
            )
        elif not isinstance(parameter.get("value"), str) and "valueFrom" not in parameter:
            yield ModelError(
                place, "give 'value' as text, the default, or 'valueFrom'", "wrong_kind", parameter
            )


def _is_given(data: Mapping[str, Any], option: tuple[str, ...]) -> bool:
    value: Any = data
    for key in option:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value is not None


def _pods(data: Mapping[str, Any]) -> Iterator[tuple[tuple[int | str, ...], object]]:
    yield ("pod",), data.get("pod")
    template = data.get("template")
    lists = {
        ("rules",): data.get("rules"),
        ("template", "templates"): template.get("templates") if isinstance(template, Mapping) else None,
    }
    for keys, entries in lists.items():
        for index, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
            if isinstance(entry, Mapping):
                yield (*keys, index, "pod"), entry.get("pod")


def _pod_errors(pod: object, keys: tuple[int | str, ...]) -> Iterator[ModelError]:
    if pod is None:
        return
    yield from find_field_errors(
        {name: value for name, value in pod.items() if name not in _POD_RESERVED}
        if isinstance(pod, Mapping)
        else pod,
        "Pod",
        keys,
    )
    if not isinstance(pod, Mapping):
        return
    for name in _POD_RESERVED.keys() & pod.keys():
        yield ModelError((*keys, name), _POD_RESERVED[name], "reserved", pod[name])
    containers = pod.get("containers")
    for index, container in enumerate(containers if isinstance(containers, list) else []):
        if not isinstance(container, Mapping):
            continue
        if container.get("name") != "main":
            message = "the container of a task is 'main'. Write others as 'sidecars' of a template"
            yield ModelError((*keys, "containers", index, "name"), message, "reserved", container.get("name"))
        for name in _CONTAINER_RESERVED.keys() & container.keys():
            yield ModelError(
                (*keys, "containers", index, name), _CONTAINER_RESERVED[name], "reserved", container[name]
            )

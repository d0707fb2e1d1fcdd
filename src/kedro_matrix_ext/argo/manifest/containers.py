"""Containers: their environment, resources, scratch storage and rights."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._variables import (
    CODE_DIGEST_VARIABLE,
    CODE_VARIABLE,
    CREDENTIALS_VARIABLE,
    PARAMETERS_VARIABLE,
    RUN_ID_VARIABLE,
)
from kedro_matrix_ext.argo.configuration.credentials import list_credential_secrets, name_variables
from kedro_matrix_ext.argo.constants import CODE, CODE_DIGEST, CODE_MODULE, RUN_ID, SCRATCH_VOLUME
from kedro_matrix_ext.argo.nodes.quantities import render_gib
from kedro_matrix_ext.argo.template_tags.escaping import escape_variables, refuse_tags
from kedro_matrix_ext.argo.template_tags.size_expressions import fill_expressions
from kedro_matrix_ext.argo.template_tags.syntax import workflow_parameter_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.configuration.templates import (
        EnvironmentVariable,
        Sidecar,
        Volume,
        VolumeMount,
    )
    from kedro_matrix_ext.argo.configuration.workflow import Hardening
    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

__all__ = [
    "GROUP",
    "kedro_command",
    "list_fixed_variables",
    "pod_security",
    "render_container_security",
    "render_environment",
    "render_mounts",
    "render_resources",
    "render_scratch",
    "render_sidecar",
    "render_variable",
    "render_volume",
    "size_variables",
    "variable",
]

# A fresh volume belongs to root; this group, which every container of the pod is in, may write to it.
GROUP = 1000

Variable = dict[str, Any]


def variable(name: str, value: str) -> Variable:
    """Set an environment variable to what the caller has made safe."""
    return {"name": name, "value": value}


def render_environment(
    config: ArgoConfig,
    *,
    run_parameters: str | None,
    resources: ArgoResourceConfig | None = None,
    own: Iterable[Variable] = (),
) -> list[Variable]:
    """List the environment of a container of the project's image; expressions need the task's resources."""
    size = resources or config.default_resources
    sizes = {"cpu": size.cpu_limit, "mem": size.memory_limit, "num_gpu": size.num_gpus}
    run_id = workflow_parameter_tag(RUN_ID)
    variables = [variable("WORKFLOW_ID", run_id), variable(RUN_ID_VARIABLE, run_id)]
    if config.deployment.code is not None:
        variables.append(variable(CODE_VARIABLE, workflow_parameter_tag(CODE)))
        variables.append(variable(CODE_DIGEST_VARIABLE, workflow_parameter_tag(CODE_DIGEST)))
    if run_parameters is not None:
        variables.append(variable(PARAMETERS_VARIABLE, run_parameters))
    variables += _render_credentials(config)
    variables += [
        render_variable(entry, place=f"argo: template.environment[{index}].value", sizes=sizes)
        for index, entry in enumerate(config.template.environment)
    ]
    return list({entry["name"]: entry for entry in [*variables, *own]}.values())


def list_fixed_variables(config: ArgoConfig) -> dict[str, str | None]:
    """List what ``template.environment`` sets, None for what is computed from a task's resources."""
    entries = [entry for entry in config.template.environment if entry.value is not None]
    return {entry.name: None if "{{" in str(entry.value) else entry.value for entry in entries}


def kedro_command(config: ArgoConfig) -> list[str]:
    """Return the command that runs ``kedro``: in the image's project, or in that of the code package."""
    return ["kedro"] if config.deployment.code is None else ["python", "-m", CODE_MODULE, "kedro"]


def _render_credentials(config: ArgoConfig) -> list[Variable]:
    """Pass the credentials on: their tree as JSON, and a variable for each secret."""
    if not config.credentials:
        return []
    tree = json.dumps(name_variables(config.credentials))
    secrets = [
        {
            "name": each.variable,
            "valueFrom": {"secretKeyRef": {"name": each.secret.name, "key": each.secret.key}},
        }
        for each in list_credential_secrets(config.credentials)
    ]
    return [
        variable(CREDENTIALS_VARIABLE, escape_variables(refuse_tags(tree, place="argo: credentials"))),
        *secrets,
    ]


def render_variable(
    entry: EnvironmentVariable, *, place: str | None, sizes: Mapping[str, float] | None = None
) -> Variable:
    """Write one entry of an ``environment`` or ``env`` list."""
    if entry.value_from is not None:
        return {"name": entry.name, "valueFrom": dict(entry.value_from)}
    if entry.secret_ref is not None:
        secret = {"name": entry.secret_ref.name, "key": entry.secret_ref.key}
        return {"name": entry.name, "valueFrom": {"secretKeyRef": secret}}
    value = entry.value or ""
    if sizes is not None:
        value = fill_expressions(value, sizes)
    return variable(entry.name, escape_variables(refuse_tags(value, place=place) if place else value))


def render_resources(resources: ArgoResourceConfig) -> dict[str, dict[str, str]]:
    """Write requests and limits."""
    requests, limits = dict(resources.requests), dict(resources.limits)
    if "ephemeral-storage" in limits:
        requests.setdefault("ephemeral-storage", "0")
    return {"requests": requests, "limits": limits}


def size_variables(resources: ArgoResourceConfig) -> list[Variable]:
    """Pass the task its size in whole cores and GiB, at least 1, for programs that take no fractions."""
    return [
        variable("NUM_CPU", str(max(1, math.floor(resources.cpu_limit)))),
        variable("MEM_LIMIT_GB", str(max(1, math.floor(resources.memory_limit)))),
    ]


def render_scratch(config: ArgoConfig, resources: ArgoResourceConfig) -> dict[str, Any] | None:
    """Write the scratch volume of a task."""
    size = max(resources.ephemeral_storage_limit, resources.ephemeral_storage_request)
    if not size:
        return None
    if config.template.emph_storage_medium == "node":
        return {"name": SCRATCH_VOLUME, "emptyDir": {"sizeLimit": render_gib(size)}}
    claim: dict[str, Any] = {"accessModes": ["ReadWriteOnce"]}
    if config.template.emph_storage_class is not None:
        claim["storageClassName"] = config.template.emph_storage_class
    claim["resources"] = {"requests": {"storage": render_gib(size)}}
    return {"name": SCRATCH_VOLUME, "ephemeral": {"volumeClaimTemplate": {"spec": claim}}}


def render_volume(volume: Volume) -> dict[str, Any]:
    """Write a volume of a template: a key of a secret as a file, or an empty folder."""
    if volume.passed:
        return {"name": volume.name, **volume.passed}
    if volume.secret_ref is None:
        return {"name": volume.name, "emptyDir": {"sizeLimit": render_gib(volume.size or 0)}}
    secret = volume.secret_ref
    items = [{"key": secret.key, "path": secret.path or secret.key}]
    return {"name": volume.name, "secret": {"secretName": secret.name, "items": items}}


def render_mounts(mounts: Iterable[VolumeMount]) -> list[dict[str, Any]]:
    """Write where a container sees volumes."""
    return [
        {"name": mount.name, "mountPath": mount.mount_path, "readOnly": mount.read_only} for mount in mounts
    ]


def render_sidecar(sidecar: Sidecar) -> dict[str, Any]:
    """Write a sidecar; its text may hold tags, as all of a template's."""
    optional = {
        "command": list(sidecar.command),
        "args": list(sidecar.args),
        "env": [render_variable(entry, place=None) for entry in sidecar.env],
        "volumeMounts": render_mounts(sidecar.volume_mounts),
    }
    given = {key: value for key, value in optional.items() if value}
    return {"name": sidecar.name, "image": sidecar.image, **given, **sidecar.passed}


def render_container_security(hardening: Hardening) -> dict[str, Any]:
    """Write the rights of a main container that is hardened; nothing else of the pod is touched by them."""
    user = {} if hardening.run_as_user is None else {"runAsUser": hardening.run_as_user}
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        **user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def pod_security(hardening: Hardening, *, has_scratch: bool, has_sidecars: bool) -> dict[str, Any]:
    """Give what holds for all containers of a pod."""
    security: dict[str, Any] = {}
    if hardening.enabled:
        if not has_sidecars and hardening.run_as_user is not None:
            security |= {"runAsNonRoot": True, "runAsUser": hardening.run_as_user}
        security["seccompProfile"] = {"type": "RuntimeDefault"}
    if has_scratch:
        security |= {"fsGroup": GROUP, "fsGroupChangePolicy": "OnRootMismatch"}
    return security

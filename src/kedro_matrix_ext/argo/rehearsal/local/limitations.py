"""What a rehearsal leaves out, said before it begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.constants import SCRATCH_VOLUME
from kedro_matrix_ext.argo.rehearsal.workflow.retries import explain_no_retries
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext.argo.rehearsal.workflow.model import Part, Template, WorkflowSpec
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step
    from kedro_matrix_ext.argo.rehearsal.workflow.values import WorkflowValues

__all__ = ["is_foreign", "list_remarks", "list_workflow_remarks", "refuse_foreign_outputs"]

_TEMPLATE_LEFT_OUT = (
    *("affinity", "archive_location", "executor", "host_aliases", "memoize", "metrics", "pending_timeout"),
    *("pod_resources", "pod_spec_patch", "resource_claims", "scheduler_name", "synchronization", "timeout"),
)
_CONTAINER_LEFT_OUT = (
    *("env_from", "lifecycle", "liveness_probe", "ports", "readiness_probe", "restart_policy"),
    *("startup_probe", "volume_devices"),
)
_WORKFLOW_LEFT_OUT = (
    *("affinity", "artifact_gc", "artifact_repository_ref", "dns_config", "dns_policy", "executor_plugins"),
    *(
        "hooks",
        "host_aliases",
        "host_network",
        "metrics",
        "pod_disruption_budget",
        "pod_resources",
        "priority",
    ),
    *(
        "resource_claims",
        "suspend",
        "synchronization",
        "volume_claim_gc",
        "volume_claim_templates",
        "volumes",
    ),
)
_PROJECT_CODE = re.compile(r"\bkedro\b")


def image_of(template: Template, values: WorkflowValues) -> str:
    """Give the image of a template's main container."""
    return fill_tags(template.container.image, values.look_up) if template.container else ""


def is_foreign(template: Template, image: str, values: WorkflowValues) -> bool:
    """Check whether a template runs something that is not in the project's image."""
    if template.container is None or image_of(template, values) == image:
        return False
    words = (*template.container.command, *template.container.args)
    return not any(_PROJECT_CODE.search(word) for word in words)


def refuse_foreign_outputs(steps: Iterable[Step], image: str, values: WorkflowValues) -> None:
    """Make sure that no step is skipped which others need a value of.

    Raises:
        ArgoError: If one is.
    """
    for step in steps:
        if step.template.outputs.parameters and is_foreign(step.template, image, values):
            raise ArgoError(
                f"template {step.template.name!r} runs in {image_of(step.template, values)!r}, which a "
                f"rehearsal does not have, and passes {step.template.outputs.parameters[0].name!r}",
                hint="Give it the project's image, or rehearse without it.",
            )


def list_remarks(steps: Iterable[Step], image: str, values: WorkflowValues) -> list[str]:
    """List the differences from the cluster."""
    templates = {step.template.name: step.template for step in steps}.values()
    found = (remark for template in templates for remark in _remark_on(template, image, values))
    return list(dict.fromkeys(found))


def list_workflow_remarks(spec: WorkflowSpec) -> list[str]:
    """List the fields of the workflow that a rehearsal leaves out."""
    return list(_left_out("the workflow", spec, _WORKFLOW_LEFT_OUT))


def _left_out(place: str, part: Part | None, fields: tuple[str, ...]) -> Iterator[str]:
    given = [name for name in fields if getattr(part, name, None) is not None]
    if part is not None and given:
        aliases = [type(part).model_fields[name].alias or name for name in given]
        yield f"{place}: {', '.join(aliases)} {'are' if len(aliases) > 1 else 'is'} left out"


def _remark_on(template: Template, image: str, values: WorkflowValues) -> Iterator[str]:
    name = f"template {template.name!r}"
    own = image_of(template, values)
    if is_foreign(template, image, values):
        yield f"{name} is skipped: image {own!r} is not here"
        return
    if own != image:
        yield f"{name} runs in this Python environment instead of image {own!r}"
    if template.resource is not None:
        yield f"{name} creates no resource here: its command runs by itself, on this machine"
    user = ((template.container and template.container.security_context) or {}).get("runAsUser")
    if user is not None:
        yield f"tasks run as your user, not as user {user}"
    for sidecar in (*template.init_containers, *template.sidecars):
        yield f"{name}: container {sidecar.name!r} ({sidecar.image}) is skipped"
    yield from _remark_on_passed(name, template)
    volumes = {volume.name: volume for volume in template.volumes}
    for mount in template.container.volume_mounts if template.container else ():
        secret = getattr(volumes.get(mount.name), "secret", None)
        what = "scratch storage" if mount.name == SCRATCH_VOLUME else "a secret" if secret else "a volume"
        yield f"{what} is not mounted at {mount.mount_path!r}"
    if template.retry_strategy is not None:
        reason = explain_no_retries(template.retry_strategy)
        if reason is not None:
            yield f"{name}: failed tasks are not tried again: {reason}"
        elif template.retry_strategy.backoff is not None:
            yield "failed tasks are retried immediately, without the waiting time of the cluster"


def _remark_on_passed(name: str, template: Template) -> Iterator[str]:
    """Name the fields of a template that Kubernetes or Argo would act on."""
    yield from _left_out(name, template, _TEMPLATE_LEFT_OUT)
    yield from _left_out(name, template.container, _CONTAINER_LEFT_OUT)
    if template.inputs.artifacts or template.outputs.artifacts:
        yield f"{name}: artifacts are left out"
    for variable in template.container.env if template.container else ():
        if variable.value_from is not None and variable.value_from.is_of_pod:
            yield f"{name}: variable {variable.name!r} is known in a pod only, and not set"

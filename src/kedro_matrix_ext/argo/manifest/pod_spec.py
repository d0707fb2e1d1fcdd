"""What all templates that make a pod have in common: retries, deadline, placement, rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.manifest.containers import pod_security, render_container_security

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.configuration.workflow import Retries, Toleration

__all__ = ["finish_pod", "render_retries", "render_tolerations"]


def finish_pod(
    template: dict[str, Any],
    config: ArgoConfig,
    *,
    node_selector: Mapping[str, str] | None = None,
    has_gpus: bool = False,
    has_scratch: bool = False,
) -> dict[str, Any]:
    """Add to a template that makes a pod what does not depend on what it runs."""
    if node_selector:
        template["nodeSelector"] = {**config.node_selector, **dict(sorted(node_selector.items()))}
    if has_gpus and config.gpu_tolerations:
        # Argo uses a template's tolerations instead of the workflow's, not in addition.
        template["tolerations"] = render_tolerations((*config.tolerations, *config.gpu_tolerations))
    if config.hardening.enabled and "container" in template:
        template["container"]["securityContext"] = render_container_security(config.hardening)
    security = pod_security(
        config.hardening, has_scratch=has_scratch, has_sidecars=bool(template.get("sidecars"))
    )
    if security:
        template["securityContext"] = security
    if config.retries.limit:
        template["retryStrategy"] = render_retries(config.retries)
    if config.deadlines.task is not None:
        template["activeDeadlineSeconds"] = str(config.deadlines.task)
    return template


def render_retries(retries: Retries) -> dict[str, Any]:
    """Write when a task is tried again; numbers as strings, which every validator takes."""
    strategy: dict[str, Any] = {"limit": str(retries.limit)}
    if retries.policy is not None:
        strategy["retryPolicy"] = retries.policy
    if retries.expression is not None:
        strategy["expression"] = retries.expression
    backoff = {"duration": f"{retries.backoff.duration}s", "factor": str(retries.backoff.factor)}
    if retries.backoff.max_duration is not None:
        backoff["maxDuration"] = f"{retries.backoff.max_duration}s"
    return {**strategy, "backoff": backoff}


def render_tolerations(tolerations: tuple[Toleration, ...]) -> list[dict[str, Any]]:
    """Write tolerations as Kubernetes does."""
    return [
        {
            key: value
            for key, value in (
                ("key", toleration.key),
                ("operator", toleration.operator),
                ("value", toleration.value),
                ("effect", toleration.effect),
                ("tolerationSeconds", toleration.seconds),
            )
            if value is not None
        }
        for toleration in tolerations
    ]

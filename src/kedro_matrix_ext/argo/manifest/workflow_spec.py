"""What holds for the whole workflow, as ``argo.yml`` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.manifest.pod_spec import render_tolerations

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.configuration.workflow import PodGC, TimeToLive

__all__ = ["render_settings"]


def render_settings(config: ArgoConfig, labels: dict[str, str]) -> dict[str, Any]:
    """Write the settings of a workflow."""
    settings: dict[str, Any] = {
        "serviceAccountName": config.service_account,
        "parallelism": config.parallelism,
        "activeDeadlineSeconds": config.deadlines.workflow,
        "nodeSelector": config.node_selector,
        "tolerations": render_tolerations(config.tolerations),
        "imagePullSecrets": [{"name": name} for name in config.image_pull_secrets],
        "podMetadata": {"labels": labels},
        "podGC": _render_pod_gc(config.pod_gc) if config.pod_gc else None,
        "ttlStrategy": _render_ttl(config.ttl) if config.ttl else None,
        "archiveLogs": config.archive_logs or None,
    }
    if config.hardening.enabled:
        settings["automountServiceAccountToken"] = False
        settings["executor"] = {"serviceAccountName": config.hardening.executor_service_account}
    return {key: value for key, value in settings.items() if value is not None and value not in ({}, [])}


def _render_pod_gc(pod_gc: PodGC) -> dict[str, str]:
    delay = {"deleteDelayDuration": f"{pod_gc.delay}s"} if pod_gc.delay else {}
    return {"strategy": pod_gc.strategy, **delay}


def _render_ttl(ttl: TimeToLive) -> dict[str, int]:
    seconds = {
        "secondsAfterCompletion": ttl.after_completion,
        "secondsAfterSuccess": ttl.after_success,
        "secondsAfterFailure": ttl.after_failure,
    }
    return {key: value for key, value in seconds.items() if value is not None}

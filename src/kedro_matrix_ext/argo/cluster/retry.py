"""Retrying a failed workflow in place: by the Argo server, or else by the ``argo`` command.

It is not one change of a resource: node statuses are rebuilt and pods deleted, which Argo's own code does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.cluster.status import FINISHED
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.cluster.client import Cluster

__all__ = ["choose_retry_backend", "retry_workflow"]

_TIMEOUT = 60.0
_BY_HAND = "or submit the rest as its own workflow with '--from-failed'"


def choose_retry_backend(server_url: str | None) -> str:
    """Say how a workflow will be retried.

    Raises:
        ClusterError: If there is neither.
    """
    if server_url:
        return f"the Argo server at {server_url}"
    if shutil.which("argo"):
        return "the 'argo' command"
    raise ClusterError(
        "nothing here can retry a workflow in place: 'argo.yml' names no 'server_url', and there is no "
        "'argo' on PATH",
        hint=f"Give either, {_BY_HAND}.",
    )


def retry_workflow(
    cluster: Cluster, name: str, *, server_url: str | None, parameters: Mapping[str, str]
) -> None:
    """Retry a workflow's tasks that did not succeed; those that did are kept.

    Raises:
        ClusterError: If it is refused or not answered.
    """
    if server_url:
        _ask_server(cluster, name, server_url.rstrip("/"), parameters)
    else:
        _run_argo(cluster, name, parameters)


def _ask_server(cluster: Cluster, name: str, server: str, parameters: Mapping[str, str]) -> None:
    import urllib3

    address = f"{server}/api/v1/workflows/{cluster.namespace}/{name}/retry"
    body = {
        "name": name,
        "namespace": cluster.namespace,
        "parameters": [f"{key}={value}" for key, value in parameters.items()],
    }
    pool = urllib3.PoolManager(retries=False, cert_reqs=_certificates(), timeout=_TIMEOUT)
    try:
        answer = pool.request(
            "PUT",
            address,
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **_authorization(cluster, server)},
        )
    except urllib3.exceptions.HTTPError as error:
        if _goes_on(cluster, name):
            return
        raise ClusterError(
            f"the Argo server at {server} does not answer: {error}",
            config_path="argo: server_url",
            hint=f"Correct the address, {_BY_HAND}.",
            reason="unreachable",
        ) from error
    finally:
        pool.clear()
    if answer.status >= 400:  # noqa: PLR2004  HTTP's errors
        raise _explain(answer.status, answer.data, server, name)
    if _read_name(answer.data) != name:
        raise ClusterError(
            f"the Argo server at {server} does not answer with the workflow {name!r}: "
            "a proxy or a login page may have answered in its place",
            config_path="argo: server_url",
            hint=f"Put the output of 'argo auth token' into ARGO_TOKEN, correct the address, {_BY_HAND}.",
            reason="unreachable",
        )


def _explain(status: int, data: bytes, server: str, name: str) -> ClusterError:
    if status in (401, 403):
        return ClusterError(
            f"the Argo server at {server} does not let you retry {name!r} ({status}): {_read_message(data)}",
            hint="Put the output of 'argo auth token' into the variable ARGO_TOKEN.",
            reason="forbidden",
        )
    return ClusterError(
        f"the Argo server at {server} does not retry {name!r} ({status}): {_read_message(data)}",
        hint=f"Fix the reported problem, {_BY_HAND}.",
        reason="refused",
    )


def _read_name(data: bytes) -> str | None:
    """Read the name of the workflow that an answer contains."""
    try:
        return str(json.loads(data)["metadata"]["name"])
    except (ValueError, KeyError, TypeError):
        return None


def _read_message(data: bytes) -> str:
    try:
        return str(json.loads(data)["message"])
    except (ValueError, KeyError, TypeError):
        return data.decode(errors="replace").strip()[:200] or "it does not say why"


def _authorization(cluster: Cluster, server: str) -> dict[str, str]:
    """Say who we are: by ``ARGO_TOKEN``, or as to Kubernetes where that is not sent in clear."""
    token = os.environ.get("ARGO_TOKEN") or (cluster.token if server.startswith("https://") else None)
    return {"Authorization": token} if token else {}


def _certificates() -> str:
    """Check the server's certificate, unless the variable of the ``argo`` command says not to."""
    insecure = os.environ.get("ARGO_INSECURE_SKIP_VERIFY", "").lower() in ("1", "true")
    return "CERT_NONE" if insecure else "CERT_REQUIRED"


def _goes_on(cluster: Cluster, name: str) -> bool:
    """Find out whether a retry was taken up although the answer did not come."""
    status: dict[str, Any] = cluster.get("Workflow", name).get("status") or {}
    return status.get("phase") not in FINISHED


def _run_argo(cluster: Cluster, name: str, parameters: Mapping[str, str]) -> None:
    command = ["argo", "retry", name, "--namespace", cluster.namespace, "--context", cluster.context]
    command += [word for key, value in parameters.items() for word in ("--parameter", f"{key}={value}")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  no shell
    if ran.returncode:
        lines = (ran.stderr or ran.stdout).strip().splitlines()
        raise ClusterError(
            f"'argo retry {name}' exited {ran.returncode}: {lines[-1] if lines else 'it printed nothing'}",
            hint=f"Fix the reported problem, {_BY_HAND}.",
            reason="refused",
        )

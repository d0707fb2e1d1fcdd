"""The connection to a cluster, by the current kubeconfig."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.cluster.requests import Request, is_success, require_list, require_resource, send
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PAUSES", "RESOURCES", "Cluster", "connect"]

# Kind -> the name of its resource in the API.
RESOURCES = {
    "Workflow": "workflows",
    "WorkflowTemplate": "workflowtemplates",
    "CronWorkflow": "cronworkflows",
}
_GROUP = "argoproj.io"
_VERSION = "v1alpha1"
_TIMEOUT = (5, 60)  # seconds to connect, and to wait for an answer; a workflow has up to a megabyte
_LONGEST_LOG = 64 * 1024
PAUSES = (0.5, 1.0, 2.0)
_DEFAULT_FILE = "~/.kube/config"


@dataclass(frozen=True)
class Cluster:
    """A namespace of a cluster.

    Attributes:
        client: The Kubernetes client's ``ApiClient``.
        context: The context of the kubeconfig.
        namespace: The namespace.
        pauses: How many seconds to wait before a request is sent again, attempt by attempt.
    """

    client: Any
    context: str
    namespace: str
    pauses: tuple[float, ...] = ()

    @property
    def address(self) -> str:
        """The address of the Kubernetes API."""
        return str(self.client.configuration.host)

    @property
    def token(self) -> str | None:
        """What the kubeconfig has to say who one is, as an ``Authorization`` header, if it has."""
        settings = self.client.configuration.auth_settings()
        return (settings.get("BearerToken") or {}).get("value") or None

    def post(self, kind: str, body: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """Create a resource, once, with strict validation.

        Raises:
            Exception: What the client raises; `send` makes our errors of it.
        """
        how = _strict(dry_run=dry_run)
        stored: dict[str, Any] = self._call("create_namespaced_custom_object", kind, body=body, **how)
        return stored

    def put(self, kind: str, body: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """Replace a resource, once, with strict validation.

        Raises:
            Exception: As for `post`.
        """
        name = body["metadata"]["name"]
        how = _strict(dry_run=dry_run)
        stored: dict[str, Any] = self._call(
            "replace_namespaced_custom_object", kind, name=name, body=body, **how
        )
        return stored

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Read a resource.

        Raises:
            ClusterError: If there is none, or it cannot be read; it has the status.
        """
        return send(
            lambda: self._call("get_namespaced_custom_object", kind, name=name),
            self.request("get", RESOURCES[kind], name),
        )

    def delete(self, kind: str, name: str) -> None:
        """Delete a resource.

        Raises:
            ClusterError: If it cannot be deleted.
        """
        send(
            lambda: self._call("delete_namespaced_custom_object", kind, name=name),
            self.request("delete", RESOURCES[kind], name),
        )

    def find(self, kind: str, name: str) -> dict[str, Any] | None:
        """Read a resource, or give nothing where there is none."""
        try:
            return self.get(kind, name)
        except ClusterError as error:
            if error.reason == "missing":
                return None
            raise

    def select(self, kind: str, selector: str) -> list[dict[str, Any]]:
        """List the resources that a label selector matches."""
        answer = send(
            lambda: self._call("list_namespaced_custom_object", kind, label_selector=selector),
            self.request("list", RESOURCES[kind]),
        )
        return list(answer["items"])

    def list_pods(self, selector: str, *, phase: str) -> list[dict[str, Any]]:
        """List the pods in a phase that a label selector matches, as plain data."""
        from kubernetes.client import CoreV1Api

        def ask() -> list[dict[str, Any]]:
            answer: Any = CoreV1Api(self.client).list_namespaced_pod(
                self.namespace,
                label_selector=selector,
                field_selector=f"status.phase={phase}",
                _preload_content=False,
                _request_timeout=_TIMEOUT,
            )
            return list(require_list(_read_json(answer.data), self.address)["items"])

        return send(ask, self.request("list", "pods"))

    def read_log(self, pod: str, *, container: str, lines: int) -> str:
        """Read the last lines that a container of a pod printed."""
        from kubernetes.client import CoreV1Api

        def ask() -> str:
            answer: Any = CoreV1Api(self.client).read_namespaced_pod_log(
                pod,
                self.namespace,
                container=container,
                tail_lines=lines,
                limit_bytes=_LONGEST_LOG,
                _preload_content=False,
                _request_timeout=_TIMEOUT,
            )
            return bytes(answer.data).decode(errors="replace")

        return send(ask, self.request("get", "pods/log", pod))

    def request(self, verb: str, resource: str, name: str | None = None) -> Request:
        """Describe a request, for errors about it."""
        return Request(verb, resource, name, self.namespace, self.address, self.pauses)

    def _call(self, method: str, kind: str, **arguments: Any) -> Any:
        from kubernetes.client import CustomObjectsApi

        call: Callable[..., Any] = getattr(CustomObjectsApi(self.client), method)
        place = {"group": _GROUP, "version": _VERSION, "namespace": self.namespace}
        answer = call(**place, plural=RESOURCES[kind], _request_timeout=_TIMEOUT, **arguments)
        if method.startswith("list"):
            require_list(answer, self.address)
        elif not (method.startswith("delete") and is_success(answer)):
            name = arguments.get("name") or arguments["body"]["metadata"]["name"]
            require_resource(answer, self.address, kind, name)
        return answer


def _read_json(text: str | bytes) -> Any:
    """Read an answer; none where it is something else than JSON."""
    import json

    try:
        return json.loads(text)
    except ValueError:
        return None


def _strict(*, dry_run: bool) -> dict[str, str]:
    return {"field_validation": "Strict", **({"dry_run": "All"} if dry_run else {})}


def connect(namespace: str, *, context: str | None = None) -> Cluster:
    """Read the kubeconfig that ``KUBECONFIG`` names, or else the one in the home folder; nothing is sent yet.

    Raises:
        ClusterError: If there is no Kubernetes client or kubeconfig, or the latter is wrong.
    """
    kubernetes = _import_client()
    import yaml

    config = kubernetes.config
    file = os.environ.get("KUBECONFIG") or _DEFAULT_FILE
    if not any(path.is_file() for path in _list_files(file)):
        raise ClusterError(
            f"there is no kubeconfig at {file!r}",
            hint="Have your cluster's provider write one, or name one in the variable KUBECONFIG.",
        )
    try:
        known, current = config.list_kube_config_contexts(config_file=file)
        chosen = _choose_context(context, [str(each["name"]) for each in known], current, file)
        settings = kubernetes.client.Configuration()
        settings.retries = False  # what is sent again is decided in one place, by what the request is
        client = config.new_client_from_config(
            config_file=file, context=chosen, client_configuration=settings
        )
    except (config.ConfigException, yaml.YAMLError, OSError, ValueError, TypeError, AttributeError) as error:
        raise ClusterError(
            f"the kubeconfig {file!r} cannot be used: {error}", hint="'kubectl config view' shows it."
        ) from error
    return Cluster(client, chosen, namespace, PAUSES)


def _import_client() -> Any:
    try:
        import kubernetes
    except ImportError as error:
        raise ClusterError(
            "submitting needs the Kubernetes client, which is not installed",
            hint="pip install 'kedro-matrix-ext[argo]'",
        ) from error
    return kubernetes


def _list_files(value: str) -> Iterator[Path]:
    return (Path(part).expanduser() for part in value.split(os.pathsep) if part)


def _choose_context(wanted: str | None, known: list[str], current: Any, file: str) -> str:
    if wanted is None:
        return str(current["name"])
    if wanted not in known:
        raise ClusterError(
            f"the kubeconfig {file!r} has no context {wanted!r}",
            hint=did_you_mean(wanted, known) or f"It has: {', '.join(known)}.",
        )
    return wanted

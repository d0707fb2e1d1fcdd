"""Send requests to the Kubernetes API; retry those that may succeed, and report the others in one line."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Request",
    "ask_client",
    "explain",
    "is_success",
    "name_taken",
    "outcome_unknown",
    "require_list",
    "require_resource",
    "send",
]

T = TypeVar("T")

_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_FORBIDDEN = re.compile(r"cannot (?P<verb>\w+) resource \"(?P<resource>[\w/]+)\"")
_UNKNOWN_FIELD = re.compile(r"(?:unknown|duplicate) field \"(?P<field>[^\"]+)\"")
_ANONYMOUS = "system:anonymous"
_LONGEST = 500


@dataclass(frozen=True)
class Request:
    """What a request is about, for errors about it.

    Attributes:
        verb: What it does, as roles name it: ``create``, ``get``, ...
        resource: What with: ``workflows``, ``pods``, ...
        name: Which one, if it is about one.
        namespace: Where.
        address: The address of the Kubernetes API.
        pauses: How many seconds to wait before it is sent again, attempt by attempt.
    """

    verb: str
    resource: str
    name: str | None
    namespace: str
    address: str
    pauses: tuple[float, ...] = ()


def send(ask: Callable[[], T], request: Request) -> T:
    """Send a request that may be sent any number of times.

    Raises:
        ClusterError: If it is refused, or is not answered after some attempts.
    """
    from kubernetes.client import ApiException
    from urllib3.exceptions import HTTPError

    for pause in request.pauses:
        try:
            return ask_client(ask)
        except (ApiException, HTTPError) as error:
            if not outcome_unknown(error):
                raise explain(error, request) from error
        time.sleep(pause)
    try:
        return ask_client(ask)
    except (ApiException, HTTPError) as error:
        raise explain(error, request) from error


def ask_client(ask: Callable[[], T]) -> T:
    """Send a request once, and raise what the client means where it fails.

    Releases before 37 fail on their own error if a connection ends without an answer.

    Raises:
        ApiException: If the client was refused or could not connect.
    """
    from kubernetes.client import ApiException

    try:
        return ask()
    except AttributeError as error:
        if isinstance(error.__context__, ApiException):
            raise error.__context__ from None
        raise


def require_resource(answer: Any, address: str, kind: str, name: str) -> dict[str, Any]:
    """Refuse an answer that is not the resource that was asked for, whatever its HTTP status.

    Raises:
        ClusterError: If it is something else, as the login page of a proxy.
    """
    metadata = answer.get("metadata") if isinstance(answer, dict) else None
    if not isinstance(metadata, dict) or answer.get("kind") != kind or metadata.get("name") != name:
        raise _not_kubernetes(answer, address, f"with the {kind} {name!r}")
    resource: dict[str, Any] = answer
    return resource


def is_success(answer: Any) -> bool:
    """Check whether an answer is the status by which Kubernetes confirms a deletion."""
    return isinstance(answer, dict) and (answer.get("kind"), answer.get("status")) == ("Status", "Success")


def require_list(answer: Any, address: str) -> dict[str, Any]:
    """Refuse an answer that is not a list of resources.

    Raises:
        ClusterError: If it is something else.
    """
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _not_kubernetes(answer, address, "with a list")
    resources: dict[str, Any] = answer
    return resources


def _not_kubernetes(answer: Any, address: str, wanted: str) -> ClusterError:
    is_page = isinstance(answer, str) and "<" in answer[:_LONGEST]
    got = "a web page" if is_page else "something else"
    return ClusterError(
        f"the Kubernetes API at {address} does not answer {wanted}, but with {got}",
        hint="A proxy or a login page may have answered in its place. Log in again, or correct the address "
        "of the cluster; 'kubectl cluster-info' shows it.",
        reason="unreachable",
    )


def outcome_unknown(error: Exception) -> bool:
    """Check whether an error leaves open what happened to a request."""
    from urllib3.exceptions import HTTPError

    return isinstance(error, HTTPError) or getattr(error, "status", None) in _TRANSIENT


def explain(error: Exception, request: Request) -> ClusterError:
    """Make one clear line and a hint of what the client raised."""
    status = getattr(error, "status", None)
    if not status:
        return _explain_silence(error, request)
    body = _read_body(error)
    message = _shorten(str(body.get("message") or getattr(error, "reason", "") or status))
    rules = {401: _explain_unknown, 403: _explain_forbidden, 404: _explain_missing, 409: _explain_conflict}
    rule = rules.get(status, _explain_refusal if status in (400, 413, 422) else _explain_failure)
    return rule(request, message, body)


def _explain_silence(error: Exception, request: Request) -> ClusterError:
    reason = _shorten(str(getattr(error, "reason", None) or error).replace("\n", ": "))
    return ClusterError(
        f"the Kubernetes API at {request.address} does not answer: {reason}",
        hint="Is the cluster up, its network reachable, and the kubeconfig's context the one you mean? "
        "'kubectl cluster-info' asks it too.",
        reason="unreachable",
    )


def _explain_unknown(request: Request, message: str, _body: dict[str, Any]) -> ClusterError:
    return ClusterError(
        f"the Kubernetes API at {request.address} does not know who you are: {message}",
        hint="Log in to the cluster again; 'kubectl auth whoami' says whether it worked.",
        reason="unauthorized",
    )


def _explain_forbidden(request: Request, message: str, body: dict[str, Any]) -> ClusterError:
    if _ANONYMOUS in message:  # the kubeconfig's own way to log in gave no credentials
        return _explain_unknown(request, message, body)
    denied = _FORBIDDEN.search(message)
    if denied is None:  # a policy or webhook, which says what it has against it
        return _explain_refusal(request, message, body)
    return ClusterError(
        f"you are not allowed to {denied['verb']} {denied['resource']} in namespace {request.namespace!r}",
        hint="Have someone who may apply 'argo-rbac.yml' (which 'kedro argo init' writes) and bind its role "
        "'argo-submitter' to you.",
        reason="forbidden",
    )


def _explain_missing(request: Request, message: str, body: dict[str, Any]) -> ClusterError:
    details = body.get("details") or {}
    if details.get("kind") == "namespaces":
        return ClusterError(
            f"the cluster has no namespace {request.namespace!r}",
            config_path="argo: namespace",
            hint="Correct the name, or have the namespace made.",
            reason="namespace",
        )
    if request.name is not None and details.get("name") == request.name:
        return ClusterError(
            f"there is no {request.resource.removesuffix('s')} {request.name!r} "
            f"in namespace {request.namespace!r}",
            hint=f"'kubectl get {request.resource} -n {request.namespace}' lists them.",
            reason="missing",
        )
    return ClusterError(
        f"the cluster at {request.address} does not know '{request.resource}': {message}",
        hint="Is Argo Workflows installed there? Its custom resource definitions are part of it.",
        reason="not-installed",
    )


def _explain_conflict(request: Request, message: str, _body: dict[str, Any]) -> ClusterError:
    if request.verb == "create":
        return name_taken(request.resource.removesuffix("s"), request.name or "", request.namespace)
    return ClusterError(
        f"{request.name!r} was changed in the cluster meanwhile: {message}",
        hint="Try again.",
        reason="conflict",
    )


def name_taken(what: str, name: str, namespace: str, more: str = "") -> ClusterError:
    """Say that there is something of a name already."""
    return ClusterError(
        f"the name is taken: there is a {what} {name!r} in namespace {namespace!r}{more}",
        hint="Give another '--workflow-name'.",
        reason="conflict",
    )


def _explain_refusal(request: Request, message: str, body: dict[str, Any]) -> ClusterError:
    """Say which fields the cluster does not admit, and why."""
    causes = (body.get("details") or {}).get("causes") or []
    told = [f"{cause['field']}: {cause.get('message', '')}" for cause in causes if cause.get("field")]
    unknown = [
        f"{match}: Argo in this cluster knows no such field" for match in _UNKNOWN_FIELD.findall(message)
    ]
    return ClusterError(
        f"the cluster does not admit {request.name!r}: {_shorten('; '.join(told or unknown) or message)}",
        hint="Nothing was submitted. 'kedro argo submit --dry-run' writes the manifest to look at.",
        reason="refused",
    )


def _explain_failure(request: Request, message: str, _body: dict[str, Any]) -> ClusterError:
    return ClusterError(
        f"the Kubernetes API at {request.address} failed to {request.verb} {request.resource}: {message}",
        hint="Try again in a while.",
        reason="unreachable",
    )


def _read_body(error: Exception) -> dict[str, Any]:
    try:
        body = json.loads(getattr(error, "body", None) or "{}")
    except ValueError:
        return {"message": str(getattr(error, "body", "")).strip()}
    return body if isinstance(body, dict) else {}


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."

"""A stand-in for a cluster's Kubernetes API, and for the Argo server, on loopback.

It admits by the strict schemas of Argo's resources where they are there, stores, and answers as the real one
does. It can be set to refuse, to be slow, and to cut connections before or after it has stored something.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import yaml
from tests.argo.cluster.api_answers import Body, make_status, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Fault", "KubernetesApi", "Seen", "serve_kubernetes_api", "write_kubeconfig"]

_RESOURCE = re.compile(
    r"/apis/argoproj\.io/v1alpha1/namespaces/(?P<namespace>[^/]+)/(?P<plural>\w+)(?:/(?P<name>[^/]+))?"
)
_PODS = re.compile(r"/api/v1/namespaces/(?P<namespace>[^/]+)/pods")
_LOG = re.compile(r"/api/v1/namespaces/[^/]+/pods/(?P<name>[^/]+)/log")
_RETRY = re.compile(r"/api/v1/workflows/(?P<namespace>[^/]+)/(?P<name>[^/]+)/retry")
_CREATED = "2030-01-31T12:00:00Z"


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Body | None
    authorization: str | None


@dataclass
class Fault:
    """What goes wrong with the next requests of a kind.

    Attributes:
        method: Of the requests it befalls.
        path: A pattern found in their path.
        answer: Status and body to answer with, instead of doing anything.
        delay: Seconds to wait before anything is done.
        cut: Close the connection ``before`` or ``after`` the request is done.
        times: How many requests it befalls.
        dry: Whether it befalls dry runs too.
    """

    method: str
    path: str
    answer: tuple[int, Body | str] | None = None
    delay: float = 0.0
    cut: str | None = None
    times: int = 1
    dry: bool = False


@dataclass
class KubernetesApi:
    """The stand-in's state, which tests look at and change.

    Attributes:
        address: Where it listens.
        schemas: Per kind a validator; none where the public schemas are not there.
        objects: What is stored, by resource and name.
        pods: The pods; one without a phase is listed in every phase.
        logs: What the pods printed, by name.
        statuses: Per workflow the statuses it has from one look to the next; the last one stays.
        play: Gives such statuses for a workflow that is created.
        faults: What goes wrong, the next first.
        seen: All requests.
    """

    schemas: Mapping[str, Any]
    address: str = ""
    objects: dict[tuple[str, str], Body] = field(default_factory=dict)
    pods: list[Body] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, deque[Body]] = field(default_factory=dict)
    play: Callable[[Body], list[Body]] | None = None
    faults: list[Fault] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def calls(self, method: str, pattern: str = "") -> list[Seen]:
        """List the requests of a method whose path a pattern is found in."""
        return [seen for seen in self.seen if seen.method == method and re.search(pattern, seen.path)]

    def workflow(self, name: str | None = None) -> Body:
        """Give a stored workflow; the only one where no name is given."""
        if name is None:
            (name,) = (each for plural, each in self.objects if plural == "workflows")
        return self.objects["workflows", name]

    def end(self, workflow: str, succeeded: tuple[str, ...], failed: Mapping[str, str]) -> None:
        """Have a workflow end with some tasks done and others failed."""
        phase = "Failed" if failed else "Succeeded"
        status = make_status(phase, succeeded=succeeded, failed=failed)
        _set_status(self.objects["workflows", workflow], status)

    def answer(self, seen: Seen) -> tuple[int, Body | str]:
        """Do what a request asks for."""
        with self.lock:
            if found := _RETRY.fullmatch(seen.path):
                return self._retry(found["name"], seen)
            if found := _PODS.fullmatch(seen.path):
                phase = seen.query["fieldSelector"].removeprefix("status.phase=")
                items = [pod for pod in self.pods if pod["status"].get("phase", phase) == phase]
                return 200, {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items}
            if found := _LOG.fullmatch(seen.path):
                lines = self.logs[found["name"]].splitlines(keepends=True)
                return 200, "".join(lines[-int(seen.query["tailLines"]) :])
            found = _RESOURCE.fullmatch(seen.path)
            if found is None:
                return 404, "404 page not found\n"
            if found["name"] is None:
                return self._create_or_list(found["plural"], seen)
            return self._get_or_replace(found["plural"], found["name"], seen)

    def _create_or_list(self, plural: str, seen: Seen) -> tuple[int, Body]:
        if seen.method == "GET":
            selector = seen.query.get("labelSelector", "")
            items = [
                each for (of, _), each in self.objects.items() if of == plural and _matches(each, selector)
            ]
            return 200, {"apiVersion": "argoproj.io/v1alpha1", "kind": "List", "metadata": {}, "items": items}
        body = dict(seen.body or {})
        name = body["metadata"]["name"]
        if (plural, name) in self.objects:
            message = f'{plural}.argoproj.io "{name}" already exists'
            return refusal(409, "AlreadyExists", message, name=name, group="argoproj.io", kind=plural)
        return self._admit(body, seen) or self._store(plural, body, seen, version="1")

    def _get_or_replace(self, plural: str, name: str, seen: Seen) -> tuple[int, Body]:
        stored = self.objects.get((plural, name))
        if stored is None:
            message = f'{plural}.argoproj.io "{name}" not found'
            return refusal(404, "NotFound", message, name=name, group="argoproj.io", kind=plural)
        if seen.method == "GET":
            waiting = self.statuses.get(name)
            if waiting:
                _set_status(stored, waiting.popleft() if len(waiting) > 1 else waiting[0])
            return 200, stored
        if seen.method == "DELETE":
            del self.objects[plural, name]
            return 200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
        body = dict(seen.body or {})
        version = stored["metadata"]["resourceVersion"]
        if body["metadata"].get("resourceVersion") != version:
            message = f'cannot be fulfilled on {plural}.argoproj.io "{name}": the object has been modified'
            return refusal(409, "Conflict", message, name=name, group="argoproj.io", kind=plural)
        return self._admit(body, seen) or self._store(plural, body, seen, version=str(int(version) + 1))

    def _admit(self, body: Body, seen: Seen) -> tuple[int, Body] | None:
        """Refuse what the schema does not allow, as strict validation does."""
        assert seen.query.get("fieldValidation") == "Strict"
        validator = self.schemas.get(body["kind"])
        if validator is None:
            return None
        described = {key: body[key] for key in body if key != "status"}
        for error in validator.iter_errors(described):
            place = _render_path(error.instance_path)
            unknown = re.search(r"\('(\w+)' was unexpected\)", error.message)
            if unknown:
                field_name = ".".join(part for part in (place, unknown[1]) if part)
                return refusal(400, "BadRequest", f'strict decoding error: unknown field "{field_name}"')
            cause = {
                "reason": "FieldValueInvalid",
                "message": f"Invalid value: {error.message}",
                "field": place,
            }
            message = f'{body["kind"]}.argoproj.io "{body["metadata"]["name"]}" is invalid'
            return refusal(422, "Invalid", message, name=body["metadata"]["name"], causes=[cause])
        return None

    def _store(self, plural: str, body: Body, seen: Seen, *, version: str) -> tuple[int, Body]:
        own = {"uid": f"uid-{len(self.objects)}", "resourceVersion": version, "creationTimestamp": _CREATED}
        stored = {**body, "metadata": {**own, **body["metadata"], "resourceVersion": version}}
        if seen.query.get("dryRun") != "All":
            self.objects[plural, body["metadata"]["name"]] = stored
            if self.play is not None:
                self.statuses[body["metadata"]["name"]] = deque(self.play(stored))
        return (201 if version == "1" else 200), stored

    def _retry(self, name: str, seen: Seen) -> tuple[int, Body]:
        """Do what the Argo server does: keep what succeeded, change parameters, run again."""
        stored = self.objects.get(("workflows", name))
        if stored is None:
            return 404, {"code": 5, "message": f'workflows.argoproj.io "{name}" not found'}
        if stored["status"]["phase"] not in ("Failed", "Error"):
            return 400, {"code": 3, "message": "Workflow must be Failed/Error to retry"}
        new = dict(text.split("=", 1) for text in (seen.body or {}).get("parameters", []))
        for parameter in stored["spec"]["arguments"]["parameters"]:
            parameter["value"] = new.get(parameter["name"], parameter["value"])
        stored["status"]["phase"] = "Running"
        return 200, stored


def _set_status(workflow: Body, status: Body) -> None:
    """Note a status as Argo's controller does: the phase becomes a label too."""
    workflow["status"] = status
    if status.get("phase"):
        workflow["metadata"]["labels"]["workflows.argoproj.io/phase"] = status["phase"]


def _matches(stored: Body, selector: str) -> bool:
    """Match labels with what a selector asks for: ``name``, ``name=value`` or ``name in (one,two)``."""
    labels = stored["metadata"].get("labels", {})
    asked = re.findall(r"([\w./-]+)(?:=([\w.-]+)| in \(([^)]*)\))?(?:,|$)", selector)
    return all(
        name in labels and labels[name] in (one or many or labels[name]).split(",")
        for name, one, many in asked
    )


def _render_path(parts: list[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body of an answer in one packet, or the client's TCP waits for the second
    api: KubernetesApi

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        seen = Seen(self.command, parts.path, query, body, self.headers.get("Authorization"))
        with self.api.lock:
            self.api.seen.append(seen)
            fault = self._next_fault(seen)
        if fault:
            time.sleep(fault.delay)
        if fault and fault.cut == "before":
            self._hang_up()
            return
        status, answer = fault.answer if fault and fault.answer else self.api.answer(seen)
        if fault and fault.cut == "after":
            self._hang_up()
            return
        self._send(status, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815  http.server's names

    def _next_fault(self, seen: Seen) -> Fault | None:
        for fault in self.api.faults:
            dry = seen.query.get("dryRun") == "All"
            fits = fault.method == seen.method and re.search(fault.path, seen.path) and fault.dry >= dry
            if fits and fault.times:
                fault.times -= 1
                return fault
        return None

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()
        self.rfile.close()

    def _send(self, status: int, answer: Body | str) -> None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        self.send_response(status)
        kind = "text/plain" if isinstance(answer, str) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is not an error of the stand-in."""


@contextmanager
def serve_kubernetes_api(schemas: Mapping[str, Any]) -> Iterator[KubernetesApi]:
    """Serve a cluster on a free port of loopback until the block ends."""
    api = KubernetesApi(schemas)
    server = _Server(("127.0.0.1", 0), type("_Bound", (_Handler,), {"api": api}))
    api.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_kubeconfig(file: Path, address: str) -> Path:
    """Write a kubeconfig with two contexts, the second of which leads nowhere."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "kind-shop",
        "clusters": [
            {"name": "shop", "cluster": {"server": address}},
            {"name": "nowhere", "cluster": {"server": "http://127.0.0.1:9"}},
        ],
        "users": [{"name": "ann", "user": {"token": "secret-of-ann"}}],
        "contexts": [
            {"name": "kind-shop", "context": {"cluster": "shop", "user": "ann"}},
            {"name": "nowhere", "context": {"cluster": "nowhere", "user": "ann"}},
        ],
    }
    file.write_text(yaml.safe_dump(config))
    return file

"""Create a manifest in the cluster: a dry run first, then one creation, even if the answer is lost."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.cluster.client import RESOURCES
from kedro_matrix_ext.argo.cluster.requests import ask_client, explain, name_taken, outcome_unknown, send
from kedro_matrix_ext.argo.cluster.submission_record import CONTINUES, compare_origins
from kedro_matrix_ext.argo.constants import PREFIX
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.cluster.client import Cluster
    from kedro_matrix_ext.argo.cluster.requests import Request
    from kedro_matrix_ext.argo.constants import Manifest

__all__ = [
    "OURS",
    "create_manifest",
    "dry_run_manifest",
    "find_renamed",
    "keep_suspension",
    "mark_submission",
    "pin_image",
    "remove_renamed",
]

# The label of everything we make; argo.yml may set another label for who manages it.
OURS = f"{PREFIX}/pipeline"
_SUBMISSION = f"{PREFIX}/submission"


def mark_submission(manifest: Manifest) -> Manifest:
    """Label a manifest with this one submission, by which it is known again if the answer is lost."""
    metadata = manifest["metadata"]
    labels = {**metadata["labels"], _SUBMISSION: uuid.uuid4().hex}
    return {**manifest, "metadata": {**metadata, "labels": labels}}


def pin_image(manifest: Manifest, image: str) -> Manifest:
    """Set the workflow parameter that says which image tasks run in."""
    spec = manifest["spec"]
    if manifest["kind"] == "CronWorkflow":
        return {**manifest, "spec": {**spec, "workflowSpec": _pin(spec["workflowSpec"], image)}}
    return {**manifest, "spec": _pin(spec, image)}


def _pin(spec: Manifest, image: str) -> Manifest:
    parameters = [
        {**parameter, "value": image} if parameter["name"] == "image" else parameter
        for parameter in spec["arguments"]["parameters"]
    ]
    return {**spec, "arguments": {**spec["arguments"], "parameters": parameters}}


def dry_run_manifest(cluster: Cluster, manifest: Manifest) -> Manifest | None:
    """Have the cluster check a manifest without storing it, unknown fields refused.

    Raises:
        ClusterError: If the cluster would not take it, or its name is taken.
    """
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    existing = _find_ours(cluster, kind, name, manifest)
    request = cluster.request("update" if existing else "create", RESOURCES[kind], name)
    if existing is None:
        try:
            send(lambda: cluster.post(kind, manifest, dry_run=True), request)
        except ClusterError as error:
            if error.reason != "conflict":
                raise
            raise _explain_taken(cluster, manifest) from error
    else:
        replaced = _replace(existing, manifest)
        send(lambda: cluster.put(kind, replaced, dry_run=True), request)
    return existing


def create_manifest(cluster: Cluster, manifest: Manifest) -> Manifest:
    """Create what a manifest describes; a template or schedule of ours by that name is replaced.

    Raises:
        ClusterError: If the cluster refuses it, does not answer, or the name is taken.
    """
    pauses = iter(cluster.pauses)
    while True:
        try:
            return _store(cluster, manifest)
        except _AnswerLostError as lost:
            stored = _look_up(cluster, manifest, lost)
            pause = next(pauses, None)
            if stored is None and pause is None:
                raise _tell_unknown(cluster, manifest, lost) from lost.__cause__
        if stored is not None:
            return stored
        time.sleep(pause or 0)


class _AnswerLostError(Exception):
    """The request may have been stored, or not."""

    def __init__(self, explained: ClusterError) -> None:
        super().__init__(explained.message)
        self.explained = explained


def _store(cluster: Cluster, manifest: Manifest) -> Manifest:
    """Send a manifest once."""
    from kubernetes.client import ApiException
    from urllib3.exceptions import HTTPError

    kind, name = manifest["kind"], manifest["metadata"]["name"]
    existing = _find_ours(cluster, kind, name, manifest)
    try:
        if existing is None:
            stored = ask_client(lambda: cluster.post(kind, manifest))
        else:
            stored = ask_client(lambda: cluster.put(kind, _replace(existing, manifest)))
    except ClusterError as error:  # an answer, but not with what was sent
        raise _AnswerLostError(error) from error
    except (ApiException, HTTPError) as error:
        explained = explain(error, cluster.request("update" if existing else "create", RESOURCES[kind], name))
        if outcome_unknown(error) or explained.reason == "conflict":
            raise _AnswerLostError(explained) from error
        raise explained from error
    if _labels(stored).get(_SUBMISSION) != manifest["metadata"]["labels"][_SUBMISSION]:
        request = cluster.request("create", RESOURCES[kind], name)
        raise _AnswerLostError(_other_submission(request, kind))
    return stored


def _other_submission(request: Request, kind: str) -> ClusterError:
    return ClusterError(
        f"the Kubernetes API at {request.address} answers with another {kind} of this name",
        reason="conflict",
    )


def _look_up(cluster: Cluster, manifest: Manifest, lost: _AnswerLostError) -> Manifest | None:
    """Find out whether a manifest was stored although the answer did not come."""
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    try:
        stored = cluster.find(kind, name)
    except ClusterError as error:
        raise _tell_unknown(cluster, manifest, lost) from error
    if stored is None:
        return None
    if _labels(stored).get(_SUBMISSION) == manifest["metadata"]["labels"][_SUBMISSION]:
        return stored
    if kind == "Workflow":
        raise _explain_taken(cluster, manifest)
    return None  # another's change of a template: it is looked at again before it is replaced


def _explain_taken(cluster: Cluster, manifest: Manifest) -> ClusterError:
    """Explain that a workflow of this name is there, which may be one that continues the same workflow."""
    name, continued = manifest["metadata"]["name"], manifest["metadata"]["labels"].get(CONTINUES)
    if continued is None:
        return name_taken("workflow", name, cluster.namespace)
    return ClusterError(
        f"workflow {name!r} continues {continued!r} already, with the same run id",
        hint="It was submitted meanwhile. Wait until it ends; two workflows would write the same versions.",
        reason="conflict",
    )


def _tell_unknown(cluster: Cluster, manifest: Manifest, lost: _AnswerLostError) -> ClusterError:
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    return ClusterError(
        f"it is not known whether {kind} {name!r} was submitted: {lost.explained.message}",
        hint=f"Look before you submit again: kubectl get {RESOURCES[kind]} -n {cluster.namespace} {name}",
        reason=lost.explained.reason,
    )


def _find_ours(cluster: Cluster, kind: str, name: str, manifest: Manifest) -> Manifest | None:
    """Find the template or schedule to replace, which has to be one that we made of the same."""
    existing = cluster.find(kind, name) if kind != "Workflow" else None
    if existing is None:
        return None
    if OURS not in _labels(existing):
        raise name_taken(kind, name, cluster.namespace, f" that {PREFIX} did not make")
    differences = compare_origins(existing, manifest)
    if differences:
        raise name_taken(kind, name, cluster.namespace, f", {' and '.join(differences)}")
    return existing


def find_renamed(cluster: Cluster, manifest: Manifest, old_name: str) -> Manifest | None:
    """Find the schedule of ours that an older release made of the same under another name."""
    kind = manifest["kind"]
    if kind != "CronWorkflow" or old_name == manifest["metadata"]["name"]:
        return None
    found = cluster.find(kind, old_name)
    same = found and OURS in _labels(found) and not compare_origins(found, manifest)
    return found if same else None


def remove_renamed(cluster: Cluster, renamed: Manifest) -> None:
    """Delete a schedule whose successor is there.

    Raises:
        ClusterError: If the cluster does not delete it, so that both run.
    """
    name = renamed["metadata"]["name"]
    try:
        cluster.delete("CronWorkflow", name)
    except ClusterError as error:
        raise ClusterError(
            f"the schedule runs twice: CronWorkflow {name!r} of an older release is still there: "
            f"{error.message}",
            hint=f"kubectl delete cronworkflows -n {cluster.namespace} {name}",
            reason=error.reason,
        ) from error


def _replace(existing: Manifest, manifest: Manifest) -> Manifest:
    """Put a manifest in place of what is there, whose version, status and suspension stay."""
    metadata = {
        **existing["metadata"],
        "labels": manifest["metadata"]["labels"],
        "annotations": manifest["metadata"]["annotations"],
    }
    return {**existing, "metadata": metadata, "spec": keep_suspension(manifest, existing)["spec"]}


def keep_suspension(manifest: Manifest, existing: Manifest) -> Manifest:
    """Suspend a schedule where the one that it replaces is suspended."""
    if manifest["kind"] != "CronWorkflow" or not existing["spec"].get("suspend"):
        return manifest
    return {**manifest, "spec": {**manifest["spec"], "suspend": True}}


def _labels(stored: Manifest) -> dict[str, Any]:
    labels = stored["metadata"].get("labels")
    return labels if isinstance(labels, dict) else {}

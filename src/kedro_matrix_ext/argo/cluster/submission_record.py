"""What a workflow in the cluster remembers of how it was submitted, in labels and annotations."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._variables import PARAMETERS_VARIABLE
from kedro_matrix_ext.argo.cluster.status import stored_spec
from kedro_matrix_ext.argo.constants import CODE, CODE_DIGEST, PREFIX, RUN_ID
from kedro_matrix_ext.argo.manifest.options import CodeAddress
from kedro_matrix_ext.argo.template_tags.run_id import fill_run_id
from kedro_matrix_ext.argo.template_tags.run_params import encode_parameters
from kedro_matrix_ext.config.runtime_params import decode_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.constants import Manifest
    from kedro_matrix_ext.argo.plan.model import Plan, Task

__all__ = [
    "COMMIT",
    "CONTINUES",
    "PLAN_DIGEST",
    "compare_origins",
    "digest_task",
    "read_annotation",
    "read_code",
    "read_image",
    "read_params",
    "read_run_id",
    "read_selection",
    "read_task_digests",
    "record_submission",
]

COMMIT = f"{PREFIX}/commit"
CONTINUES = f"{PREFIX}/continues"
PLAN_DIGEST = f"{PREFIX}/plan-digest"
_PROJECT = f"{PREFIX}/project"
# The part of a selection that says which nodes run.
_NODE_FILTERS = ("namespaces", "tags", "nodes", "from_nodes", "to_nodes", "from_inputs", "to_outputs")
_SELECTION = f"{PREFIX}/selection"
_TASK_DIGESTS = f"{PREFIX}/task-digests"
_DIGITS = 8
_LARGEST = 128 * 1024  # Kubernetes takes 256 KiB of annotations, ours are not alone


def record_submission(
    manifest: Manifest, plan: Plan, selection: Mapping[str, Any], *, project: str
) -> Manifest:
    """Note in a manifest what it takes to submit the rest of it again."""
    metadata = manifest["metadata"]
    digests = _pack({task.name: digest_task(task) for task in plan.tasks})
    annotations = {
        **metadata["annotations"],
        PLAN_DIGEST: plan.digest,
        _PROJECT: project,
        _SELECTION: encode_parameters(selection),
        **({_TASK_DIGESTS: digests} if len(digests) <= _LARGEST else {}),
    }
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}


def compare_origins(stored: Manifest, manifest: Manifest) -> list[str]:
    """List in what a stored template or schedule comes from elsewhere; what one does not say is not compared.

    Examples:
        >>> one, other = ({"metadata": {"annotations": {f"{PREFIX}/env": env}}} for env in ("test", "cloud"))
        >>> compare_origins(one, other), compare_origins(one, one)
        (["of env 'test', not 'cloud'"], [])
    """
    theirs, ours = _read_origin(stored), _read_origin(manifest)
    return [
        f"of {name} {theirs[name] or 'all'!r}, not {ours[name] or 'all'!r}"
        for name in theirs
        if name in ours and theirs[name] != ours[name]
    ]


def _read_origin(manifest: Manifest) -> dict[str, str]:
    names = ("project", "pipeline", "env")
    found = {name: read_annotation(manifest, f"{PREFIX}/{name}") for name in names}
    origin = {name: value for name, value in found.items() if value is not None}
    selection = read_annotation(manifest, _SELECTION)
    if selection is None:
        return origin
    chosen = decode_parameters(selection)
    return {**origin, **{name: ",".join(sorted(chosen.get(name) or ())) for name in _NODE_FILTERS}}


def digest_task(task: Task) -> str:
    """Fingerprint what a task runs, reads and writes; what it runs on and after does not count."""
    parts = [task.nodes, task.inputs, task.outputs, task.memory_datasets]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:_DIGITS]


def read_annotation(workflow: Manifest, name: str) -> str | None:
    """Give an annotation of a workflow, or nothing where it has none."""
    value: str | None = (workflow["metadata"].get("annotations") or {}).get(name)
    return value


def read_selection(workflow: Manifest) -> dict[str, Any]:
    """Give what was asked for on the command line when a workflow was submitted."""
    text = read_annotation(workflow, _SELECTION)
    if text is not None:
        return decode_parameters(text)
    names = {"pipeline": "pipeline", "env": "env", "group_by": "group-by"}
    found = {name: read_annotation(workflow, f"{PREFIX}/{key}") for name, key in names.items()}
    return {name: value for name, value in found.items() if value is not None}


def read_task_digests(workflow: Manifest) -> dict[str, str] | None:
    """Give the fingerprints of all tasks of the plan that a workflow was made from, if it has them."""
    text = read_annotation(workflow, _TASK_DIGESTS)
    if text is None:
        return None
    digests: dict[str, str] = json.loads(zlib.decompress(base64.b64decode(text)))
    return digests


def read_run_id(workflow: Manifest) -> str:
    """Give the id of a workflow's run: as it was given, or by its creation time.

    Examples:
        >>> stored = {"metadata": {"creationTimestamp": "2030-01-31T12:00:00Z"}, "spec": {}}
        >>> read_run_id(stored)
        '2030-01-31T12.00.00.000Z'
    """
    created = datetime.strptime(workflow["metadata"]["creationTimestamp"], "%Y-%m-%dT%H:%M:%S%z")
    given = _read_parameter(workflow, RUN_ID)
    if given is None:
        return created.strftime("%Y-%m-%dT%H.%M.%S.000Z")
    return fill_run_id(given, created=created, uid=workflow["metadata"].get("uid", ""))


def read_image(workflow: Manifest) -> str | None:
    """Give the image that a workflow's tasks run in, if it is a parameter."""
    return _read_parameter(workflow, "image")


def read_code(workflow: Manifest) -> CodeAddress | None:
    """Give the code package of a workflow; None where its image holds the code."""
    address, digest = _read_parameter(workflow, CODE), _read_parameter(workflow, CODE_DIGEST)
    return CodeAddress(address, digest) if address and digest else None


def read_params(workflow: Manifest) -> dict[str, Any]:
    """Give the parameters that were given at submit, from the environment of the first task that has them."""
    for template in stored_spec(workflow).get("templates") or []:
        for variable in (template.get("container") or {}).get("env") or []:
            if variable["name"] == PARAMETERS_VARIABLE:
                return decode_parameters(variable["value"])
    return {}


def _read_parameter(workflow: Manifest, name: str) -> str | None:
    parameters = (stored_spec(workflow).get("arguments") or {}).get("parameters") or []
    return next((each.get("value") for each in parameters if each["name"] == name), None)


def _pack(digests: Mapping[str, str]) -> str:
    """Write fingerprints as short as they go: of 10,000 tasks some 100 KiB."""
    text = json.dumps(digests, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()

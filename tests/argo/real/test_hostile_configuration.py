"""Whatever value a field of `argo.yml` has: our checks refuse it, or Argo accepts the manifest."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node, Pipeline
from tests.argo.real.complete_file import COMPLETE, HOSTILE
from tests.argo.real.pods import list_pods

from kedro_matrix_ext.argo import build_manifest, build_plan
from kedro_matrix_ext.argo.configuration.loading import parse_argo_config
from kedro_matrix_ext.argo.template_tags.syntax import is_templated
from kedro_matrix_ext.argo.validation import find_faults
from kedro_matrix_ext.errors import KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.argo.real.validator import ArgoValidator, PodValidator


def list_fields(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List the paths of all values that hold no others."""
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else None
    if entries is None:
        yield path
        return
    for key, value in entries:
        yield from list_fields(value, (*path, key))


def replace_field(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Put another value into one field."""
    changed = copy.deepcopy(COMPLETE)
    *parents, last = path
    parent: Any = changed
    for key in parents:
        parent = parent[key]
    parent[last] = value
    return changed


def train(_data: object = None) -> int:
    """Stand for a node's function."""
    return 1


# One node by the default machine, one by the first rule, one in a template of the file.
PIPELINE = Pipeline(
    [
        Node(train, None, "a", name="plain"),
        Node(train, "a", "b", name="ruled"),
        Node(train, "b", "c", name="templated"),
    ]
)


ACCEPTED: set[str] = set()  # pods that Kubernetes accepts, since most fields change few of them


def accept(data: dict[str, Any]) -> dict[str, Any] | None:
    """Make the manifest, or return none where we refuse the file or the manifest."""
    try:
        config = parse_argo_config(data)
        plan = build_plan(PIPELINE, config=config)
        manifest = build_manifest(plan, config=config, kind="CronWorkflow", schedule=config.schedule)
    except KedroMatrixError:
        return None
    return None if find_faults(manifest) else manifest


def refuse(
    manifest: dict[str, Any],
    argo: list[ArgoValidator],
    kubernetes: PodValidator | None,
    schemas: dict[str, Any],
) -> str:
    """Return why a version of Argo, the strict schema or Kubernetes refuses a manifest."""
    if schemas and not schemas[manifest["kind"]].is_valid(manifest):
        return next(str(error.message) for error in schemas[manifest["kind"]].iter_errors(manifest))
    text = json.dumps(manifest)
    reasons = [validator.refuse(text) for validator in argo]
    if kubernetes is not None and not any(reasons):
        pods = {json.dumps(pod): pod for pod in list_pods(manifest)}
        for key in pods.keys() - ACCEPTED:
            reasons.append(kubernetes.refuse(*pods[key]))
            if not reasons[-1]:
                ACCEPTED.add(key)
    return next(filter(None, reasons), "")


def test_the_complete_file_is_accepted(admit: Callable[[dict[str, Any]], None]) -> None:
    """What the other test changes has every kind of field and is right itself."""
    manifest = accept(COMPLETE)
    assert manifest is not None
    admit(manifest)


@pytest.mark.filterwarnings("ignore:.*Is that the unit you meant")
@pytest.mark.parametrize("path", [*list_fields(COMPLETE)], ids=lambda path: ".".join(map(str, path)))
def test_what_we_accept_argo_accepts(
    argo: list[ArgoValidator],
    kubernetes: PodValidator | None,
    schemas: dict[str, Any],
    path: tuple[Any, ...],
) -> None:
    """One field at a time, with every hostile value."""
    wrong = {}
    for value in HOSTILE:
        manifest = accept(replace_field(path, value))
        of_pods = (
            None if is_templated(str(value)) else kubernetes
        )  # the value that Argo fills in is not known
        reason = refuse(manifest, argo, of_pods, schemas) if manifest else ""
        if reason:
            wrong[repr(value)] = reason
    assert wrong == {}

"""Whatever value a field of `argo.yml` has: our checks refuse it, or Argo accepts the manifest."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.written_plan import example_plan

from kedro_matrix_ext.argo import build_manifest, dump_manifest
from kedro_matrix_ext.argo.configuration.loading import parse_argo_config
from kedro_matrix_ext.argo.validation import find_faults
from kedro_matrix_ext.errors import KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.argo.real.validator import ArgoValidator

COMPLETE: dict[str, Any] = {
    "namespace": "jobs",
    "deployment": {"image": "registry.example/shop", "tag": "v1", "image_pull_policy": "Always"},
    "labels": {"team": "a"},
    "annotations": {"note": "a"},
    "node_selector": {"pool": "a"},
    "tolerations": [{"key": "gpu", "value": "a", "effect": "NoExecute", "seconds": 5}],
    "image_pull_secrets": ["a"],
    "service_account": "a",
    "retries": {
        "limit": 2,
        "expression": "lastRetry.exitCode == '1'",
        "backoff": {"duration": 5, "factor": 2},
    },
    "deadlines": {"workflow": "1h", "task": "5m"},
    "parallelism": 3,
    "pod_gc": {"strategy": "OnPodSuccess", "delay": "5m"},
    "ttl": {"after_completion": "1d"},
    "schedule": {"cron": "0 6 * * *", "timezone": "Europe/Berlin", "starting_deadline": 5},
    "mlflow": True,
    "template": {
        "environment": [
            {"name": "PLAIN", "value": "a"},
            {"name": "SECRET", "secret_ref": {"name": "a", "key": "b"}},
        ],
        "init_templates": ["first"],
        "exit_template": "last",
        "templates": [
            {
                "name": "t",
                "container": {
                    "command": ["run", "{{inputs.parameters.kedro_nodes}}"],
                    "args": ["a"],
                    "image": "i:1",
                    "env": [{"name": "A", "value": "b"}],
                    "volume_mounts": [{"name": "v", "mount_path": "/v"}],
                },
                "sidecars": [{"name": "proxy", "image": "p:1", "args": ["a"]}],
                "volumes": [{"name": "v", "secret_ref": {"name": "s", "key": "k", "path": "p"}}],
            },
            {
                "name": "first",
                "container": {"command": "x"},
                "outputs": {"parameters": [{"name": "out", "path": "/out/value"}]},
            },
            {"name": "last", "container": {"command": "x"}},
        ],
    },
}
HOSTILE: list[Any] = [
    *(
        "",
        " ",
        "a b",
        "A",
        "1",
        "-a",
        "a-",
        "a_b",
        "a.b",
        "a/b",
        "ä",
        "a" * 64,
        "a" * 300,
        "true",
        "not",
        "nil",
    ),
    *(
        "{{workflow.foo}}",
        "{{workflow.name}}",
        "{{inputs.parameters}}",
        "{{inputs.parameters.nope}}",
        "{{",
        "}}",
    ),
    *("{{tasks.a.status}}", "{{item}}", "{{=1 +}}", "{{=workflow.name}}", "{{workflow.parameters.image}}"),
    *("{{workflow.labels.x}}", "{{workflow.creationTimestamp.Y}}", "{{retries}}", "{{lastRetry.exitCode}}"),
    *(
        "/",
        "/a",
        "//a/",
        "/a/../b",
        "0",
        "0s",
        "1.5s",
        "lastRetry.exitCode ==",
        "asInt(",
        "$(HOME)",
        "a:b",
        "a@b",
    ),
    *(0, -1, 1.5, 2**31, 2**63, True, None, [], {}),
]


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


def accept(data: dict[str, Any]) -> dict[str, Any] | None:
    """Make the manifest, or return none where we refuse the file or the manifest."""
    try:
        config = parse_argo_config(data)
        manifest = build_manifest(
            example_plan(), config=config, kind="CronWorkflow", schedule=config.schedule
        )
    except KedroMatrixError:
        return None
    return None if find_faults(manifest) else manifest


def refuse(manifest: dict[str, Any], argo: list[ArgoValidator], schemas: dict[str, Any]) -> str:
    """Return why a version of Argo or the strict schema refuses a manifest."""
    if schemas and not schemas[manifest["kind"]].is_valid(manifest):
        return next(str(error.message) for error in schemas[manifest["kind"]].iter_errors(manifest))
    text = dump_manifest(manifest)
    return next((reason for validator in argo if (reason := validator.refuse(text))), "")


def test_the_complete_file_is_accepted(admit: Callable[[dict[str, Any]], None]) -> None:
    """What the other test changes has every kind of field and is right itself."""
    manifest = accept(COMPLETE)
    assert manifest is not None
    admit(manifest)


@pytest.mark.parametrize("path", [*list_fields(COMPLETE)], ids=lambda path: ".".join(map(str, path)))
def test_what_we_accept_argo_accepts(
    argo: list[ArgoValidator], schemas: dict[str, Any], path: tuple[Any, ...]
) -> None:
    """One field at a time, with every hostile value."""
    wrong = {}
    for value in HOSTILE:
        manifest = accept(replace_field(path, value))
        reason = refuse(manifest, argo, schemas) if manifest else ""
        if reason:
            wrong[repr(value)] = reason
    assert wrong == {}

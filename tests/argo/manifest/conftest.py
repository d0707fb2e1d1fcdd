"""Plans made by hand, and the content of a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = ArgoResourceConfig(
    cpu_request=1, cpu_limit=1, memory_request=4, memory_limit=4, ephemeral_storage_limit=10
)


@pytest.fixture
def make_config() -> Callable[..., ArgoConfig]:
    """Models of an `argo.yml` that names an image: ``make_config(hardening=True)``."""

    def make(**sections: Any) -> ArgoConfig:
        deployment = {"image": "registry.example/shop", "tag": "v1"}
        return ArgoConfig.model_validate({"deployment": deployment, **sections})

    return make


@pytest.fixture
def make_plan() -> Callable[..., Plan]:
    """A plan of small tasks by name and dependencies: ``make_plan({"a": [], "b": ["a"]})``.

    Further arguments are fields of all tasks.
    """

    def make(
        graph: dict[str, list[str]], *, env: str = "cloud", pipeline: str = "__default__", **fields: Any
    ) -> Plan:
        defaults = {"resources": SMALL, "pipelines": ("__default__",), **fields}
        tasks = tuple(
            Task(**{"name": name, "nodes": (name.replace("-", "_"),), "depends_on": tuple(above), **defaults})
            for name, above in graph.items()
        )
        return Plan(pipeline=pipeline, env=env, group_by="node", tasks=tasks)

    return make


@pytest.fixture
def find_template() -> Callable[[dict[str, Any], str], dict[str, Any]]:
    """Find a template of a manifest by its name."""

    def find(manifest: dict[str, Any], name: str) -> dict[str, Any]:
        spec = manifest["spec"].get("workflowSpec", manifest["spec"])
        found: dict[str, Any] = next(part for part in spec["templates"] if part["name"] == name)
        return found

    return find


@pytest.fixture
def read_environment() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """List the environment variables of a template: per name the value, or where it comes from."""

    def read(template: dict[str, Any]) -> dict[str, Any]:
        return {
            entry["name"]: entry.get("value", entry.get("valueFrom"))
            for entry in template["container"]["env"]
        }

    return read

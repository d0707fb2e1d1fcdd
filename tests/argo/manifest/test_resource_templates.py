"""Tasks on another engine: a resource template receives a task's command, image, size and environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pydantic import ValidationError
from tests.argo.manifest.conftest import SMALL

from kedro_matrix_ext.argo import ArgoConfig, Plan, Task, build_manifest
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable

_APPLICATION = """
apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {generateName: shop-}
spec:
  image: "{{inputs.parameters.image}}"
  mainApplicationFile: local:///app/run_kedro.py
  arguments: {{inputs.parameters.args}}
  driver:
    memory: "{{ inputs.parameters.mem }}g"
    env: {{inputs.parameters.env}}
  node: "{{inputs.parameters.kedro_nodes}}"
  program: {{inputs.parameters.command}}
"""
_MAKE_RUN = {
    "name": "make-run",
    "container": {"command": ["make-run"]},
    "outputs": {"parameters": [{"name": "tracking_id", "path": "/id"}]},
}


def write_templates(manifest: str = _APPLICATION, **fields: Any) -> dict[str, Any]:
    """Sections of argo.yml with a resource template and an init template."""
    resource = {"manifest": manifest, "successCondition": "status.state == DONE", "setOwnerReference": True}
    spark = {"name": "spark", "resource": resource, **fields}
    environment = [
        {"name": "TOKEN", "secret_ref": {"name": "secret", "key": "token"}},
        {"name": "GREETING", "value": 'é "quoted" $(HOME)'},
    ]
    return {
        "template": {
            "templates": [spark, _MAKE_RUN],
            "init_templates": ["make-run"],
            "environment": environment,
        }
    }


def plan_tasks() -> Plan:
    """Return a plan of one task on Spark and one in a container; names need escapes."""
    common: dict[str, Any] = {"resources": SMALL, "pipelines": ("__default__",)}
    tasks = (
        Task(name="join", nodes=('join "all"', "sum"), template="spark", memory_datasets=("rows",), **common),
        Task(name="train", nodes=("train",), depends_on=("join",), **common),
    )
    return Plan(pipeline="__default__", env="cloud", group_by="node", tasks=tasks)


def expand(template: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """Replace the tags of a resource's manifest once, as Argo does, and read it."""
    parameters = [*template["inputs"]["parameters"], *task["arguments"]["parameters"]]
    values = {f"inputs.parameters.{each['name']}": each.get("value") for each in parameters}
    values |= {
        "workflow.parameters.image": "shop:v1",
        "workflow.parameters.run-id": "id",
        "tasks.name": "join",
    }
    read: dict[str, Any] = yaml.safe_load(fill_tags(template["resource"]["manifest"], values.get))
    return read


@pytest.mark.parametrize("extra", [{}, {"hardening": True}, {"spot": "gke", "retries": "spot"}], ids=str)
def test_a_resource_receives_what_a_container_would_have(
    make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any, extra: dict[str, Any]
) -> None:
    """Its inputs are those of the built-in template; the rest is as written."""
    sections = write_templates() | extra
    manifest = build_manifest(plan_tasks(), config=make_config(**sections))
    admit(manifest)
    tasks = find_template(manifest, "pipeline")["dag"]["tasks"]
    task = next(each for each in tasks if each["name"] == "join")
    leaf = find_template(manifest, "spark")
    assert "container" not in leaf
    assert leaf["resource"]["action"] == "create"
    assert leaf["resource"]["setOwnerReference"] is True
    spec = expand(leaf, task)["spec"]
    assert spec["image"] == "shop:v1"
    assert spec["driver"]["memory"] == "4g"
    assert spec["program"] == ["kedro"]
    assert spec["arguments"] == [
        *["argo", "task", "--pipelines", "__default__", "--nodes", "join %22all%22,sum", "--env", "cloud"],
        *["--memory-datasets", "rows"],
    ]
    assert spec["node"] == "join %22all%22,sum"
    environment = {each["name"]: each.get("value", each.get("valueFrom")) for each in spec["driver"]["env"]}
    assert environment["KEDRO_MATRIX_TASK"] == "join"
    assert environment["GREETING"] == 'é "quoted" $$(HOME)'
    assert environment["TOKEN"] == {"secretKeyRef": {"name": "secret", "key": "token"}}
    tag = "{{tasks.make-run.outputs.parameters.tracking_id}}"
    assert environment["TRACKING_ID"] == tag


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"container": {"command": ["run"]}}, "no 'container'"),
        ({"sidecars": [{"name": "s", "image": "i"}]}, "no 'sidecars'"),
        ({"outputs": {"parameters": [{"name": "a", "path": "/a"}]}}, "no 'outputs'"),
        ({"resource": {"action": "create", "manifests": "{}"}}, "Did you mean 'manifest'"),
        ({"resource": {"action": "craete", "manifest": "{}"}}, "'create'"),
        ({"resource": None}, "'container', or 'resource'"),
    ],
)
def test_mistakes_in_a_resource_are_found(
    make_config: Callable[..., ArgoConfig], fields: dict[str, Any], words: str
) -> None:
    """A resource has no parts of a pod; unknown fields and actions are named."""
    with pytest.raises(ValidationError, match=words):
        make_config(**write_templates(**fields))


@pytest.mark.parametrize("place", [{"init_templates": ["spark"]}, {"exit_template": "spark"}])
def test_a_resource_runs_tasks_only(make_config: Callable[..., ArgoConfig], place: dict[str, Any]) -> None:
    """What runs before or after all tasks is a container."""
    section = write_templates()["template"] | place
    with pytest.raises(ValidationError, match="'spark' has 'resource', which only tasks can use"):
        make_config(template=section)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{inputs.parameters.arg}}", "inputs.parameters.arg.*Did you mean 'args'"),
        ("{{=toJson(inputs.parameters.args)}}", "'args' in an expression"),
        ("{{=inputs.parameters['env']}}", "'env' in an expression"),
    ],
)
def test_inputs_that_a_resource_cannot_use_are_errors(
    make_config: Callable[..., ArgoConfig], text: str, words: str
) -> None:
    """A mistyped input; and one of ours in an expression, where Argo would see tags instead of values."""
    with pytest.raises(ArgoError, match=words):
        build_manifest(plan_tasks(), config=make_config(**write_templates(manifest=f"a: {json.dumps(text)}")))


def test_a_resource_may_come_from_elsewhere(make_config: Callable[..., ArgoConfig], admit: Any) -> None:
    """An artifact holds the manifest, or a flag; then nothing is filled in."""
    source = {"artifact": {"name": "app", "path": "/app", "raw": {"data": "kind: ConfigMap"}}}
    resource = {"action": "delete", "manifestFrom": source, "flags": ["--wait=false"]}
    manifest = build_manifest(plan_tasks(), config=make_config(**write_templates(resource=resource)))
    admit(manifest)
    (leaf,) = (each for each in manifest["spec"]["templates"] if "resource" in each)
    assert leaf["resource"] == resource

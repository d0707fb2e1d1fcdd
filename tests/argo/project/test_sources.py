"""Where commands of `kedro argo` take configuration, pipelines and the commit from."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
import yaml
from kedro.framework.project import pipelines
from tests.argo.image_tools import commit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject
    from tests.object_storage import ObjectStorage

pytestmark = pytest.mark.project

REGISTRY = """
from kedro.pipeline import Node, Pipeline


def register_pipelines():
    return {"__default__": Pipeline([Node(lambda rate: rate, "params:rate", "rates", name="load")])}
"""
ARGO = "deployment: {{image: shop, tag: v1}}\nmachine_types: {{default: {{mem: {mem}, cpu: 1}}}}\n"
ENTRY = 'rates: {{type: json.JSONDataset, filepath: "{place}/rates.json"}}\n'


def write_configuration(project: KedroProject, folder: str, *, place: str, mem: int) -> None:
    """Write a configuration that saves at a place and requests some memory."""
    project.write(f"{folder}/base/catalog.yml", ENTRY.format(place=place))
    project.write(f"{folder}/base/argo.yml", ARGO.format(mem=mem))
    project.write(f"{folder}/base/parameters.yml", f"rate: {mem}\n")
    project.write(f"{folder}/local/.gitkeep", "")


def test_configuration_may_be_an_archive_or_in_a_bucket(
    project: KedroProject, object_storage: ObjectStorage
) -> None:
    """Commands read it, and the tasks too; a file of this machine cannot be submitted."""
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    write_configuration(project, "conf", place="inside", mem=1)
    bucket = object_storage.create_bucket("conf-source")
    write_configuration(project, "elsewhere", place=f"s3://{bucket}/outside", mem=3)
    archive = shutil.make_archive(str(project.path / "conf"), "zip", project.path, "elsewhere")
    client, url = object_storage.client(), f"s3://{bucket}/conf.zip"
    client.upload_file(archive, bucket, "conf.zip")
    variables = object_storage.variables
    common = ("-e", "base", "--conf-source")

    for source in ("conf.zip", url):
        project.kedro("argo", "plan", *common, source, "--format", "json", "-o", "plan.json", env=variables)
        (task,) = json.loads(project.read("plan.json"))["tasks"]
        assert task["resources"]["memory_limit"] == 3
        checked = project.kedro("argo", "check", *common, source, env=variables)
        assert "nothing found" in checked.stdout
        passed = [f"--pass-env={name}" for name in variables]
        project.kedro("argo", "rehearse", *common, source, "--yes", *passed, env=variables)
        body = client.get_object(Bucket=bucket, Key="outside/rates.json")["Body"].read()
        assert json.loads(body) == 3
        client.delete_object(Bucket=bucket, Key="outside/rates.json")
    assert not (project.path / "inside").exists()

    refused = project.kedro("argo", "submit", "--dry-run", *common, "conf.zip", env=variables, check=False)
    assert refused.returncode == 2
    assert "'conf.zip' is on this machine" in refused.stderr
    project.kedro("argo", "submit", "--dry-run", *common, url, "-o", "workflow.yml", env=variables)
    (leaf,) = (
        each["container"]
        for each in yaml.safe_load(project.read("workflow.yml"))["spec"]["templates"]
        if "container" in each
    )
    assert leaf["args"][-2:] == ["--conf-source", url]


@pytest.mark.parametrize(
    ("folder", "names"),
    [("conf", "'base', 'local'"), ("a", "'b'"), (".", "'a', 'conf', "), ("conf/base", "'argo.yml', ")],
)
def test_an_archive_without_one_folder_of_environments_is_refused(
    project: KedroProject, tmp_path: Path, folder: str, names: str
) -> None:
    """Kedro looks in the last folder; the error says what is at the top and what to pack."""
    write_configuration(project, "conf", place=str(tmp_path), mem=1)
    write_configuration(project, "a/b/conf", place=str(tmp_path), mem=1)
    shutil.make_archive(str(tmp_path / "packed"), "zip", project.path / folder)
    archive = str(tmp_path / "packed.zip")
    refused = project.kedro("argo", "plan", "-e", "base", "--conf-source", archive, check=False)
    assert refused.returncode == 1
    assert archive in refused.stderr
    assert f"at its top are {names}" in refused.stderr
    assert "'conf/base/...'" in refused.stderr


def test_defaults_in_settings_are_the_sizes_of_tasks(project: KedroProject) -> None:
    """The plan names them as their source; `argo.yml` comes before them, another type is an error."""
    settings = "from kedro_matrix_ext.argo import ArgoResourceConfig\n\nARGO_DEFAULTS = {}\n"
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write(
        "src/shop/settings.py", settings.format("ArgoResourceConfig(memory_request=3, memory_limit=3)")
    )
    project.write("conf/base/catalog.yml", ENTRY.format(place="s3://bucket"))
    project.write("conf/base/argo.yml", "deployment: {image: shop}\n")
    planned = project.kedro("argo", "plan", "-e", "base")
    assert "sizes from: ARGO_DEFAULTS of settings.py (1 task)" in planned.stdout
    assert " 3Gi " in planned.stdout
    project.write(
        "conf/base/argo.yml",
        "resource_defaults: {memory_request: 5, memory_limit: 5}\ndeployment: {image: shop}\n",
    )
    planned = project.kedro("argo", "plan", "-e", "base")
    assert "sizes from: resource_defaults (1 task)" in planned.stdout
    assert " 5Gi " in planned.stdout
    project.write("conf/base/argo.yml", "deployment: {image: shop}\n")
    project.write("src/shop/settings.py", settings.format("{'memory_request': 3}"))
    refused = project.kedro("argo", "plan", "-e", "base", check=False)
    assert refused.returncode == 1
    assert "ARGO_DEFAULTS = ArgoResourceConfig(...)" in refused.stderr


@pytest.mark.parametrize(
    "command",
    ["check -e locl", "task --nodes load -e locl", "submit --no-build --allow-dirty --yes -e local"],
)
def test_an_environment_that_tasks_lack_is_refused(project: KedroProject, command: str) -> None:
    """One without a folder, and `local`, which the image does not hold."""
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    write_configuration(project, "conf", place="s3://bucket", mem=1)
    refused = project.kedro("argo", *command.split(), check=False)
    assert refused.returncode == 1
    assert ("'locl'" in refused.stderr) or ("environment-not-in-image" in refused.stderr)
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(not hasattr(pipelines, "set_requested"), reason="before Kedro 1.5, every run loads all")
def test_a_plan_of_one_pipeline_imports_no_other(project: KedroProject) -> None:
    """As `kedro run --pipeline` does: packages that only others need may be missing."""
    node = "from kedro.pipeline import Node, Pipeline\n\n\ndef create_pipeline(**_):\n    {body}\n"
    body = "return Pipeline([Node(len, 'rows', 'count', name='count')])"
    project.write("src/shop/pipelines/__init__.py", "")
    project.write("src/shop/pipelines/ready/__init__.py", node.format(body=body))
    project.write(
        "src/shop/pipelines/heavy/__init__.py", "import not_installed_anywhere\n" + node.format(body=body)
    )
    project.write(
        "src/shop/pipeline_registry.py",
        """
        from kedro.framework.project import find_pipelines


        def register_pipelines():
            return find_pipelines(raise_errors=True)
        """,
    )
    project.write("conf/base/argo.yml", ARGO.format(mem=1))
    entry = '"{name}": {type: json.JSONDataset, filepath: "s3://bucket/{name}.json"}\n'
    project.write("conf/base/catalog.yml", entry)
    planned = project.kedro("argo", "plan", "-e", "base", "--pipeline", "ready")
    assert "ready in base, grouped by node: 1 task of 1 node" in planned.stdout
    refused = project.kedro("argo", "plan", "-e", "base", "--pipeline", "heavy", check=False)
    assert "not_installed_anywhere" in refused.stderr
    assert refused.returncode == 1


@pytest.mark.usefixtures("git_project")
def test_a_manifest_of_a_dry_run_names_its_commit(project: KedroProject, tmp_path: Path) -> None:
    """On the workflow and its pods, marked where files have changed since."""
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    write_configuration(project, "conf", place=str(tmp_path), mem=1)
    project.write(".gitignore", "__pycache__/\n")
    head = commit(project.path)
    labels = []
    for _ in range(2):
        project.kedro("argo", "submit", "--dry-run", "-e", "base", "-o", str(tmp_path / "workflow.yml"))
        written = yaml.safe_load((tmp_path / "workflow.yml").read_text())
        labels += [written["metadata"]["labels"], written["spec"]["podMetadata"]["labels"]]
        project.write("src/shop/nodes.py", "changed = True\n")
    assert [each["kedro-matrix-ext/commit"] for each in labels] == [
        head,
        head,
        f"{head}-dirty",
        f"{head}-dirty",
    ]

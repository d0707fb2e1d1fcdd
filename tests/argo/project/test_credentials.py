"""Credentials of pods: planned without secrets, given by the manifest, and used by a rehearsal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject
    from tests.object_storage import ObjectStorage

pytestmark = pytest.mark.project

LOADERS = {
    "kedro": "from kedro_matrix_ext import config_loader_args\nCONFIG_LOADER_ARGS = config_loader_args()\n",
    "layered": "from kedro_matrix_ext import LayeredConfigLoader, config_loader_args\n"
    "CONFIG_LOADER_CLASS = LayeredConfigLoader\nCONFIG_LOADER_ARGS = config_loader_args()\n",
}
CATALOG = """
raw: {type: json.JSONDataset, filepath: "s3://shop/raw.json", credentials: shop_s3}
made:
  type: json.JSONDataset
  filepath: s3://shop/made.json
  credentials: shop_s3
unused:
  type: json.JSONDataset
  filepath: s3://shop/unused.json
  credentials: shop_s3
"""
KEY, SECRET = "KEDRO_CREDENTIALS_SHOP_S3_KEY", "KEDRO_CREDENTIALS_SHOP_S3_SECRET"
DEPLOYMENT: dict[str, Any] = {"deployment": {"image": "registry.example/shop", "tag": "v1"}}


def _credentials(storage: ObjectStorage) -> dict[str, Any]:
    return {
        "shop_s3": {
            "key": {"secret_ref": {"name": "storage", "key": "access-key"}},
            "secret": {"secret_ref": {"name": "storage", "key": "secret-key"}},
            "client_kwargs": {"endpoint_url": storage.variables["AWS_ENDPOINT_URL"]},
        }
    }


@pytest.fixture(params=sorted(LOADERS))
def shop(request: pytest.FixtureRequest, project: KedroProject) -> KedroProject:
    """A project on object storage, with wrong credentials on this machine, under each loader."""
    project.write("src/shop/settings.py", LOADERS[request.param])
    project.write(
        "src/shop/pipeline_registry.py",
        """
        from kedro.pipeline import Node, Pipeline


        def register_pipelines():
            return {"__default__": Pipeline([Node(sorted, "raw", "made", name="sort")])}
        """,
    )
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/cloud/parameters.yml", "{}\n")
    project.write("conf/base/credentials.yml", "shop_s3: {key: wrong-on-purpose, secret: wrong-on-purpose}\n")
    return project


def _write_argo(project: KedroProject, **sections: Any) -> None:
    project.write("conf/base/argo.yml", yaml.safe_dump({**DEPLOYMENT, **sections}))


def _find(project: KedroProject, code: str) -> list[dict[str, Any]]:
    result = project.kedro("argo", "check", "-e", "cloud", "--format", "json", check=False)
    assert "{\n" in result.stdout, result.stderr
    findings = json.loads(result.stdout[result.stdout.index("{\n") :])["findings"]
    return [found for found in findings if found["code"] == code]


def test_credentials_reach_pods(shop: KedroProject, object_storage: ObjectStorage) -> None:
    """Checked without any; the manifest names the secrets, and a rehearsal takes them from the shell."""
    bucket = object_storage.create_bucket("shop")
    object_storage.client().put_object(Bucket=bucket, Key="raw.json", Body=b"[3, 1, 2]")
    _write_argo(shop, credentials=_credentials(object_storage))
    assert _find(shop, "credentials-not-in-pods") == []
    shown = shop.kedro("argo", "submit", "-e", "cloud", "--dry-run").stdout
    (manifest,) = yaml.safe_load_all(shown[shown.index("apiVersion") :])
    pods = [each["container"] for each in manifest["spec"]["templates"] if "container" in each]
    for container in pods:
        variables = {each["name"]: each for each in container["env"]}
        source = variables[KEY]["valueFrom"]["secretKeyRef"]
        assert source == {"name": "storage", "key": "access-key"}
    keys = {
        KEY: object_storage.variables["AWS_ACCESS_KEY_ID"],
        SECRET: object_storage.variables["AWS_SECRET_ACCESS_KEY"],
    }
    shop.kedro("argo", "rehearse", "-e", "cloud", "--yes", env=keys)
    made = object_storage.client().get_object(Bucket=bucket, Key="made.json")["Body"].read()
    assert json.loads(made) == [1, 2, 3]
    # What a custom template runs has the same variables.
    object_storage.client().delete_object(Bucket=bucket, Key="made.json")
    tree = next(each["value"] for each in pods[0]["env"] if each["name"] == "KEDRO_MATRIX_CREDENTIALS")
    shop.kedro("run", "-e", "cloud", env={**keys, "KEDRO_MATRIX_CREDENTIALS": tree})
    assert object_storage.client().get_object(Bucket=bucket, Key="made.json")["Body"].read()


def test_a_rehearsal_needs_each_secret(shop: KedroProject, object_storage: ObjectStorage) -> None:
    """Without a terminal, all that are missing are one error, by their variables."""
    _write_argo(shop, credentials=_credentials(object_storage))
    result = shop.kedro("argo", "rehearse", "-e", "cloud", "--yes", check=False)
    assert result.returncode
    assert KEY in result.stderr
    assert SECRET in result.stderr
    variables = {"KEDRO_MATRIX_CREDENTIALS": '{"shop_s3": {"key": {"from_variable": "ABSENT_ONE"}}}'}
    run = shop.kedro("run", "-e", "cloud", env=variables, check=False)
    assert "'ABSENT_ONE'" in run.stderr + run.stdout


def test_credentials_of_this_machine_are_not_those_of_pods(shop: KedroProject) -> None:
    """Found by check, for entries that no pipeline uses too, and a rehearsal does not begin."""
    _write_argo(shop)
    (found,) = _find(shop, "credentials-not-in-pods")
    assert (found["severity"], found["dataset"]) == ("error", "raw")
    assert (found["location"]["file"], found["location"]["line"]) == ("conf/base/catalog.yml", 1)
    assert "conf/base/credentials.yml" in found["message"]
    assert "wrong-on-purpose" not in json.dumps(found)
    assert shop.kedro("argo", "rehearse", "-e", "cloud", "--yes", check=False).returncode
    shop.write("conf/base/catalog.yml", "unused: {type: MemoryDataset, credentials: lost}\n")
    (found,) = _find(shop, "credentials-not-in-pods")
    assert (found["dataset"], "'lost'" in found["message"]) == ("unused", True)


def test_config_check_counts_them(shop: KedroProject, object_storage: ObjectStorage) -> None:
    """Credentials that argo.yml gives are not missing; others are."""
    (shop.path / "conf/base/credentials.yml").unlink()
    shop.write("conf/base/catalog.yml", CATALOG + "other: {type: MemoryDataset, credentials: lost}\n")
    _write_argo(shop, credentials=_credentials(object_storage))
    result = shop.kedro("matrix", "config", "check", "-e", "cloud", "--format", "json", check=False)
    findings = json.loads(result.stdout[result.stdout.index("{\n") :])["findings"]
    missing = [found for found in findings if found["code"] == "missing-credentials"]
    assert ["'lost'" in found["message"] for found in missing] == [True]


def test_secrets_in_clear_are_found(shop: KedroProject) -> None:
    """What argo.yml writes into the manifest as text is visible there."""
    clear = {"key": {"secret_ref": {"name": "storage", "key": "access-key"}}, "password": "hunter2hunter2"}
    _write_argo(shop, credentials={"shop_s3": clear})
    (found,) = _find(shop, "secret-in-clear")
    assert found["location"]["config_path"] == "argo: credentials.shop_s3.password"
    assert "hunter2" not in json.dumps(found)

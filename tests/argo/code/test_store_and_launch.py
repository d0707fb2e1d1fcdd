"""From the store to a running command: uploads happen once, and a pod runs what was submitted or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.waiting import PATIENCE, wait_until

from kedro_matrix_ext.argo.code.fingerprint import fingerprint_environment
from kedro_matrix_ext.argo.code.package import CodePackage, pack_project
from kedro_matrix_ext.argo.code.store import CodeStore, ImageRecord
from kedro_matrix_ext.argo.configuration.deployment import Deployment
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_storage import ObjectStorage

PROGRAM = """
import importlib.metadata, os, sys, shop
has_conf = os.path.exists("conf/base/catalog.yml")
print(shop.WORD, importlib.metadata.version("my-shop"), has_conf, *sys.argv[1:])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project."""
    folder = tmp_path / "shop"
    for path, text in {
        "pyproject.toml": '[project]\nname = "my-shop"\nversion = "1.2"\ndependencies = ["kedro"]\n',
        "Dockerfile": "FROM python",
        "src/shop/__init__.py": "WORD = 'packed'",
        "conf/base/catalog.yml": "{}",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def _pack(project: Path) -> CodePackage:
    return pack_project(project, Deployment(code="s3://a"), source="src", conf_source="conf", name="shop")


def _launch(variables: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kedro_matrix_ext.argo.code", *command],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _variables(address: str, digest: str) -> dict[str, str]:
    return {"KEDRO_MATRIX_CODE": address, "KEDRO_MATRIX_CODE_DIGEST": digest}


def test_a_command_runs_in_the_package(project: Path, tmp_path: Path) -> None:
    """Its code is first on the path, its metadata is known, its configuration is in the working directory."""
    store, package = CodeStore(f"file://{tmp_path}/store"), _pack(project)
    assert store.upload(package)
    ran = _launch(
        _variables(store.address(package), package.digest), sys.executable, "-c", PROGRAM, "one two", "{x}"
    )
    assert (ran.returncode, ran.stdout) == (0, "packed 1.2 True one two {x}\n"), ran.stderr


def test_without_a_package_the_command_runs_as_it_is() -> None:
    """A template of the project's own may always be written with this line."""
    ran = _launch({}, sys.executable, "-c", "import sys; print('as it is'); sys.exit(7)")
    assert (ran.returncode, ran.stdout) == (7, "as it is\n")


def test_an_upload_is_not_repeated(project: Path, object_storage: ObjectStorage) -> None:
    """When several submit one tree at the same time, all end with one whole object."""
    bucket = object_storage.create_bucket("code-of-teams")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in object_storage.variables.items():
            patch.setenv(name, value)
        store, package = CodeStore(f"s3://{bucket}/code/"), _pack(project)
        with ThreadPoolExecutor(4) as pool:
            assert any(pool.map(lambda _: store.upload(package), range(4)))
        assert not store.upload(package)
        listed = object_storage.client().list_objects_v2(Bucket=bucket)["Contents"]
        ran = _launch(_variables(store.address(package), package.digest), sys.executable, "-c", PROGRAM)
    assert [each["Key"] for each in listed] == [f"code/shop/{package.digest}.tar"]
    assert (ran.returncode, ran.stdout) == (0, "packed 1.2 True\n"), ran.stderr


def test_half_an_upload_is_replaced(project: Path, tmp_path: Path) -> None:
    """What an interrupted copy left under the name is not taken for the package."""
    store, package = CodeStore(f"file://{tmp_path}/store"), _pack(project)
    torn = tmp_path / "store/shop" / f"{package.digest}.tar"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(package.data[:100])
    assert store.upload(package)
    assert torn.read_bytes() == package.data


def test_a_wrong_digest_is_not_worth_retrying(project: Path, tmp_path: Path) -> None:
    """A package that somebody changed does not run."""
    store, package = CodeStore(f"file://{tmp_path}/store"), _pack(project)
    store.upload(package)
    file = tmp_path / "store/shop" / f"{package.digest}.tar"
    file.write_bytes(file.read_bytes() + b"\0")
    ran = _launch(_variables(store.address(package), package.digest), sys.executable, "-c", "print(1)")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "not the one that was submitted" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "address", ["file:///absent/a.tar", "s3://127.0.0.1/absent.tar", "http://127.0.0.1:9/a"]
)
def test_a_package_that_cannot_be_read_is_worth_retrying(address: str) -> None:
    """The exit status is that of a temporary failure, with one line of cause."""
    variables = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    ran = _launch({**variables, **_variables(address, "0" * 64)}, "kedro")
    assert (ran.returncode, "cannot fetch the code package" in ran.stderr) == (75, True)
    assert "Traceback" not in ran.stderr


def test_an_unknown_protocol_and_a_missing_program_are_errors(tmp_path: Path) -> None:
    """Neither gets better by waiting."""
    ran = _launch(_variables("nothing://a/b.tar", "0" * 64), "kedro")
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False)
    assert _launch({}, "no-such-program").returncode == 127
    assert _launch({}).returncode == 2


def test_the_command_replaces_the_process(tmp_path: Path) -> None:
    """A signal of Kubernetes reaches the command itself."""
    ready = tmp_path / "ready"
    code = f"import pathlib, time; pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"
    running = subprocess.Popen(
        [sys.executable, "-m", "kedro_matrix_ext.argo.code", sys.executable, "-c", code]
    )
    wait_until(ready.exists)
    running.terminate()
    assert running.wait(timeout=PATIENCE) == -signal.SIGTERM


def test_the_record_of_the_image_is_kept(tmp_path: Path) -> None:
    """Written by one, read by all; a damaged one is an error."""
    store = CodeStore(f"file://{tmp_path}/store")
    assert store.read_image("shop") is None
    record = ImageRecord(image="host/shop@sha256:0", fingerprint="abc")
    store.write_image("shop", record)
    assert store.read_image("shop") == record
    (tmp_path / "store/shop/image.json").write_text("{")
    with pytest.raises(ArgoError, match=r"image\.json"):
        store.read_image("shop")


def test_a_store_that_cannot_be_written_is_one_error(project: Path, tmp_path: Path) -> None:
    """The address, the cause, and what to look at."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ArgoError, match="cannot write the code package to"):
        CodeStore(f"file://{tmp_path}/file").upload(_pack(project))


@pytest.mark.parametrize(
    ("path", "text", "changes"),
    [
        ("src/shop/__init__.py", "WORD = 2", False),
        ("conf/base/catalog.yml", "{a: 1}", False),
        ("pyproject.toml", '[project]\nname = "my-shop"\nversion = "2"\ndependencies = ["kedro"]\n', False),
        ("pyproject.toml", '[project]\nname = "my-shop"\nversion = "1.2"\ndependencies = ["pandas"]\n', True),
        ("Dockerfile", "FROM other", True),
        ("uv.lock", "version = 1", True),
    ],
)
def test_only_what_the_image_is_made_of_changes_the_fingerprint(
    project: Path, path: str, text: str, *, changes: bool
) -> None:
    """Dependencies, lock file and Dockerfile count; code, configuration and the version do not."""
    deployment = Deployment(image="host/shop")
    before = fingerprint_environment(project, deployment)
    (project / path).write_text(text)
    assert (fingerprint_environment(project, deployment) != before) is changes

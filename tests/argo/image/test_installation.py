"""What the Dockerfile of `kedro argo init` installs is installed, by its own lines, and runs a task.

It needs uv, the package index and our wheel: `nox -s wheel` names the wheel that it built in INSTALLED_WHEEL.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.argo.image.unpacked_image import UnpackedImage
from tests.kedro_project import KedroProject

from kedro_matrix_ext.argo.scaffold import list_project_files, write_project_files

if TYPE_CHECKING:
    from collections.abc import Iterator

WHEEL = os.environ.get("INSTALLED_WHEEL", "")
pytestmark = [
    pytest.mark.project,
    pytest.mark.skipif(
        not WHEEL, reason="`nox -s wheel` installs images, since that needs the package index"
    ),
]

NEEDED = ["kedro", "kedro-datasets", "kedro-matrix-ext"]
METADATA = """
[project]
name = "shop"
version = "1"
requires-python = ">=3.10"
dependencies = {needed}

[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[tool.uv]
find-links = ["wheels"]
"""
SETTINGS = """
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args, load_environment_variables

load_environment_variables()
CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
"""
REGISTRY = """
from kedro.pipeline import Pipeline, node

from shop.nodes import double


def register_pipelines():
    return {"__default__": Pipeline([node(double, ["numbers", "params:factor"], "doubled", name="double")])}
"""
NODES = """
def double(numbers, factor):
    return [factor * number for number in numbers]
"""
CATALOG = """
numbers:
  type: json.JSONDataset
  filepath: ${globals:folder}/numbers.json

doubled:
  type: json.JSONDataset
  filepath: ${globals:folder}/doubled.json
"""


@pytest.fixture(scope="module")
def uv() -> str:
    """The program uv, which the test's environment has in ``nox -s wheel``."""
    return shutil.which("uv") or pytest.skip("uv is not installed")


@pytest.fixture(scope="module")
def cache(uv: str) -> Path:
    """The cache of uv, so that nothing is downloaded twice."""
    return Path(
        subprocess.run([uv, "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()
    )


@pytest.fixture
def project(tmp_path: Path) -> Iterator[KedroProject]:
    """A project of one node, with our wheel in a folder; what was installed is removed afterwards."""
    project = KedroProject.create(tmp_path / "shop", package="shop")
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write(
        "src/shop/nodes.py", "def double(numbers, factor):\n    return [factor * x for x in numbers]\n"
    )
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/globals.yml", "folder: ${oc.env:SHOP_FOLDER}\n")
    project.write("conf/base/parameters.yml", "factor: 2\n")
    project.write("conf/base/credentials.yml", "password: s3cr3t-in-the-image\n")
    (project.path / "wheels").mkdir()
    shutil.copy(WHEEL, project.path / "wheels")
    yield project
    shutil.rmtree(tmp_path)


def _build(project: KedroProject, cache: Path) -> UnpackedImage:
    files = list_project_files(
        project.path,
        base_conf=project.path / "conf/base",
        package=project.package,
        python=".".join(map(str, sys.version_info[:2])),
    )
    write_project_files(files, replace=lambda _: True)
    folder = project.path.parent / "image"
    return UnpackedImage(folder, project.path, project.path / "Dockerfile", cache).build()


def _judge(image: UnpackedImage) -> None:
    """The image holds the packages and the project; no cache, no secret, no uv."""
    found = {path.name for path in image.root.iterdir()}
    assert found == {"app", "bin", "etc", "opt", "root", "tmp"}, found
    for folder in ("bin", "root", "tmp"):
        assert not [path for path in (image.root / folder).rglob("*") if not path.is_dir()]
    files = [path for path in (image.root / "app").rglob("*") if path.is_file()]
    assert not [path for path in files if b"s3cr3t" in path.read_bytes()]
    sources = list((image.root / "app/src").rglob("*.py"))
    assert sources
    assert all(list(path.parent.glob(f"__pycache__/{path.stem}.*.pyc")) for path in sources)


@pytest.mark.parametrize("form", ["uv.lock", "pyproject.toml", "requirements.txt"])
def test_an_image_runs_a_task_wherever_the_dependencies_are_listed(
    form: str, project: KedroProject, cache: Path, uv: str, tmp_path: Path
) -> None:
    """Its lines install the project's packages, the self-test passes, and a task saves its result."""
    if form == "requirements.txt":
        project.write("requirements.txt", "\n".join(["--find-links wheels", *NEEDED, ""]))
    else:
        project.write("pyproject.toml", METADATA.format(needed=NEEDED) + project.read("pyproject.toml"))
    if form == "uv.lock":
        subprocess.run([uv, "lock", "--quiet"], cwd=project.path, check=True)
    image = _build(project, cache)
    _judge(image)
    project.write("data/numbers.json", "[1, 2]")
    image.run(["kedro", "argo", "task", "--nodes", "double"], env={"SHOP_FOLDER": str(project.path / "data")})
    assert project.read("data/doubled.json") == "[\n  2,\n  4\n]"

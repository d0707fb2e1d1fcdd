"""What the Dockerfile of `kedro argo init` installs is installed, by its own lines, and runs a task.

It needs uv, the package index and our wheel: `nox -s wheel` names the wheel that it built in INSTALLED_WHEEL.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.argo.image.unpacked_image import UnpackedImage
from tests.conftest import ROOT
from tests.documentation_page import Page, PageRun
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

MAKING = re.compile(r"^\$ kedro (new|matrix init)", re.MULTILINE)
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
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder; what was installed in it is removed afterwards."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture
def project(folder: Path) -> KedroProject:
    """A project of one node, with our wheel in a folder."""
    project = KedroProject.create(folder / "repository/my apps/shop", package="shop")
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write(
        "src/shop/nodes.py", "def double(numbers, factor):\n    return [factor * x for x in numbers]\n"
    )
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/globals.yml", "folder: ${oc.env:SHOP_FOLDER}\n")
    project.write("conf/base/parameters.yml", "factor: 2\n")
    project.write("conf/base/credentials.yml", "password: s3cr3t-in-the-image\n")
    _add_wheel(project)
    return project


def _add_wheel(project: KedroProject) -> None:
    (project.path / "wheels").mkdir()
    shutil.copy(WHEEL, project.path / "wheels")


def _build(project: KedroProject, folder: Path, cache: Path, context: Path | None = None) -> UnpackedImage:
    files = list_project_files(
        project.path,
        base_conf=project.path / "conf/base",
        package=project.package,
        python=".".join(map(str, sys.version_info[:2])),
    )
    write_project_files(files, replace=lambda _: True)
    context = context or project.path
    args = {"PROJECT": project.path.relative_to(context).as_posix()}
    return UnpackedImage(folder / "image", context, project.path / "Dockerfile", cache, args).build()


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
    form: str, project: KedroProject, folder: Path, cache: Path, uv: str
) -> None:
    """Its lines install the project's packages, the self-test passes, and a task saves its result.

    The requirement file is that of a project in a monorepo, of which the builder gets the root.
    """
    context = None
    if form == "requirements.txt":
        project.write("requirements.txt", "\n".join(["--find-links wheels", *NEEDED, ""]))
        context = project.path.parents[1]
    else:
        project.write("pyproject.toml", METADATA.format(needed=NEEDED) + project.read("pyproject.toml"))
    if form == "uv.lock":
        subprocess.run([uv, "lock", "--quiet"], cwd=project.path, check=True)
    image = _build(project, folder, cache, context)
    _judge(image)
    project.write("data/numbers.json", "[1, 2]")
    image.run(["kedro", "argo", "task", "--nodes", "double"], env={"SHOP_FOLDER": str(project.path / "data")})
    assert project.read("data/doubled.json") == "[\n  2,\n  4\n]"


@pytest.mark.usefixtures("uv")
def test_a_build_that_installs_neither_kedro_nor_us_fails(
    project: KedroProject, folder: Path, cache: Path
) -> None:
    """The message names both, and where to list them."""
    project.write("pyproject.toml", METADATA.format(needed=[]) + project.read("pyproject.toml"))
    with pytest.raises(AssertionError, match=r"kedro and kedro-matrix-ext: list both in pyproject\.toml"):
        _build(project, folder, cache)


def test_the_image_of_the_tutorials_project_runs_tasks(folder: Path, cache: Path) -> None:
    """Its files and dependencies as the page lists them; synthetic data is made and cleaned in the image."""
    page = Page.read(ROOT / "docs/tutorial.md", "tutorial")
    making = [block for block in page.blocks if block.title or MAKING.search(block.text)]
    PageRun(replace(page, blocks=tuple(making)), KedroProject(folder)).run()
    project = KedroProject(folder / "garage")
    _add_wheel(project)
    project.write("pyproject.toml", project.read("pyproject.toml") + '[tool.uv]\nfind-links = ["wheels"]\n')
    image = _build(project, folder, cache)
    image.run(["kedro", "argo", "task", "--env", "test", "--pipelines", "fabricate"])
    image.run(["kedro", "argo", "task", "--env", "test", "--nodes", "clean"])
    assert (image.root / "app/data/test/02_intermediate/cars.parquet").is_file()
    packages = next(image.root.glob("opt/venv/lib/python3*/site-packages"))
    assert not list(packages.glob("pandas/**/tests"))  # nobody imports them

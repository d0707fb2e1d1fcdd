"""A real builder makes the image of the example project; `nox -s image` asks for it, as it takes minutes.

IMAGE_BUILD_ARGS holds arguments of the Dockerfile as JSON (base image and uv image, where no registry can be
reached), IMAGE_BUILD_OPTIONS further options of the builder, IMAGE_CERTIFICATES a file of certificates.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import EXAMPLES, LEFTOVERS, ROOT

from kedro_matrix_ext.argo.configuration.deployment import Deployment
from kedro_matrix_ext.argo.image import build as image_build
from kedro_matrix_ext.argo.image.build import ImageBuild, plan_build
from kedro_matrix_ext.argo.scaffold import list_project_files, write_project_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not os.environ.get("BUILD_IMAGES"), reason="nox -s image builds images; it needs docker or podman"
)
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with our wheel next to it, and secrets that must not reach the image."""
    folder = tmp_path_factory.mktemp("image") / "flights"
    shutil.copytree(EXAMPLES / "spaceflights", folder, ignore=shutil.ignore_patterns(*LEFTOVERS))
    wheel = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "wheels")]
    subprocess.run(wheel, cwd=ROOT, check=True, capture_output=True)
    pyproject = folder / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + '\n[tool.uv]\nfind-links = ["wheels"]\n')
    for name in ("conf/base/credentials.yml", "conf/cloud/Credentials.yaml", ".env", "src/tls.key"):
        (folder / name).write_text("password: s3cr3t-in-the-image\n")
    python = ".".join(map(str, sys.version_info[:2]))
    files = list_project_files(folder, base_conf=folder / "conf/base", package="flights", python=python)
    write_project_files(files, replace=lambda _: True)
    return folder


def _plan(project: Path) -> ImageBuild:
    certificates = os.environ.get("IMAGE_CERTIFICATES")
    deployment = {
        "image": "localhost/flights",
        "tag": "test",
        "build_args": json.loads(os.environ.get("IMAGE_BUILD_ARGS", "{}")),
        "build_options": shlex.split(os.environ.get("IMAGE_BUILD_OPTIONS", "")),
        "build_secrets": [{"id": "certificates", "file": certificates}] if certificates else [],
    }
    return plan_build(Deployment.model_validate(deployment), project, suffix="test", commit=None)


def _build(project: Path) -> tuple[ImageBuild, str]:
    """Build into the builder's own store, not into a registry."""
    build = _plan(project)
    command = image_build._list_commands(build, project / "digest")[0]
    if build.tool == "docker":
        place = command.index("--push")
        command[place : place + 3] = ["--load"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return build, done.stdout + done.stderr


def _inspect(build: ImageBuild) -> dict[str, Any]:
    command = [build.tool, "image", "inspect", build.reference]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    (image,) = json.loads(shown.stdout)
    return dict(image)


def test_an_image_holds_no_secret_and_a_change_of_code_makes_one_small_layer(
    project: Path, tmp_path: Path
) -> None:
    """The first build tries every node; the second shares all layers but those of the project."""
    build, printed = _build(project)
    assert "the image can run" in printed
    first = _inspect(build)
    archive = tmp_path / "image.tar"
    subprocess.run([build.tool, "save", "-o", str(archive), build.reference], check=True, capture_output=True)
    assert _holds(archive, b"s3cr3t-in-the-image") is False
    archive.unlink()

    nodes = next(project.glob("src/*/pipelines/*/nodes.py"))
    nodes.write_text(nodes.read_text() + "\n# a comment\n")
    build, _ = _build(project)
    second = _inspect(build)
    layers = [image["RootFS"]["Layers"] for image in (first, second)]
    shared = sum(one == other for one, other in zip(*layers, strict=True))
    assert 0 < len(layers[1]) - shared <= 8
    sizes = [int(size) for size in re.findall(r"^\d+$", _layer_sizes(build), re.MULTILINE)]
    assert sum(sizes[: len(layers[1]) - shared]) < 20 * MEGABYTE


def _layer_sizes(build: ImageBuild) -> str:
    command = [build.tool, "history", "--human=false", "--format", "{{.Size}}", build.reference]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _holds(file: Path, text: bytes) -> bool:
    with file.open("rb") as stream:
        before = b""
        while block := stream.read(1 << 24):
            if text in before + block:
                return True
            before = block[-len(text) :]
    return False

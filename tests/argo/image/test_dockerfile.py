"""The Dockerfile of a project: each instruction is judged, dependencies are found wherever listed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.conftest import EXAMPLES

from kedro_matrix_ext.argo.image.dependencies import read_dependencies
from kedro_matrix_ext.argo.scaffold import list_project_files
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

STATIC = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["kedro"]\n'
KEDRO_019 = """
[project]
name = "shop"
dynamic = ["dependencies", "version"]
readme = "README.md"
license = {file = "LICENSE"}

[tool.setuptools.dynamic]
dependencies = {file = "requirements.txt"}
version = {file = ["VERSION"]}
"""


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _dockerfile(project: Path, conf: str = "conf", source: str = "src") -> list[tuple[str, str]]:
    """Parse the Dockerfile of a project: instructions and what follows them, comments left out."""
    files = list_project_files(
        project, base_conf=project / conf / "base", package="shop", python="3.11", source=source
    )
    (text,) = [file.text for file in files if file.path.name == "Dockerfile"]
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    parsed = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(word, rest) for word, rest in parsed]


def _stages(instructions: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    stages: dict[str, list[tuple[str, str]]] = {}
    name = "head"
    for word, rest in instructions:
        if word == "FROM":
            name = rest.split()[-1] if " AS " in rest else "project"
        stages.setdefault(name, []).append((word, rest))
    return stages


def _shell(stage: list[tuple[str, str]]) -> str:
    return "\n".join(rest for word, rest in stage if word == "RUN")


def test_a_change_of_code_reaches_the_last_stage_alone(tmp_path: Path) -> None:
    """Packages are installed before the project is copied, so that their layer is kept."""
    stages = _stages(_dockerfile(_write(tmp_path, **{"pyproject.toml": STATIC})))
    assert list(stages) == ["head", "uv", "packages", "environment", "project"]
    for name in ("packages", "environment"):
        copied = [rest for word, rest in stages[name] if word == "COPY"]
        assert not any("/src" in rest or "conf" in rest for rest in copied)
    assert "--no-install-project" in _shell(stages["packages"])
    assert "--no-deps --editable ." in _shell(stages["project"])
    assert "compileall -q src" in _shell(stages["project"])
    assert [rest for word, rest in stages["project"] if word == "FROM"] == ["environment"]


def test_every_instruction_is_one_that_builders_know_and_every_command_parses(tmp_path: Path) -> None:
    """No line for another frontend, no placeholder left, valid shell, no secret kept in a layer."""
    instructions = _dockerfile(_write(tmp_path, **{"pyproject.toml": STATIC}))
    known = {"ARG", "FROM", "COPY", "RUN", "ENV", "WORKDIR", "USER", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in instructions} <= known
    assert "@" not in "".join(rest for _, rest in instructions)
    for word, rest in instructions:
        if word == "RUN":
            script = " ".join(
                part for part in shlex.split(rest, posix=False) if not part.startswith("--mount")
            )
            subprocess.run(["sh", "-n", "-c", script], check=True)  # noqa: S607  any POSIX shell
    assert instructions[-2][1] == "1000:1000"
    assert "self_test" in instructions[-1][1]


def test_arguments_take_a_mirror_a_base_and_a_company_in(tmp_path: Path) -> None:
    """Index, Python builds, uv's image and the base are arguments; certificates come as a build secret."""
    instructions = _dockerfile(_write(tmp_path, **{"pyproject.toml": STATIC}))
    arguments = {rest.split("=")[0] for word, rest in instructions if word == "ARG"}
    assert {"BASE_IMAGE", "UV_IMAGE", "UV_DEFAULT_INDEX", "UV_PYTHON_INSTALL_MIRROR", "PROGRAMS"} <= arguments
    shell = _shell(instructions)
    assert shell.count("id=certificates") == 2
    assert "mkdir -p /opt/python" in shell  # a base that has Python leaves it empty


@pytest.mark.parametrize(
    ("files", "sync", "requirements", "needed"),
    [
        ({"pyproject.toml": STATIC}, "--no-dev", "-r pyproject.toml", ()),
        (
            {"pyproject.toml": KEDRO_019, "requirements.txt": "kedro\n-r more.txt\n", "more.txt": "pandas"},
            "--no-dev",
            "-r requirements.txt",
            ("requirements.txt", "more.txt"),
        ),
        (
            {
                "pyproject.toml": "[tool.kedro]\n",
                "src__requirements.txt": "kedro\n--find-links ../wheels\n",
                "wheels__a.whl": "",
            },
            "--no-dev",
            "-r src/requirements.txt",
            ("src/requirements.txt", "wheels"),
        ),
        (
            {"pyproject.toml": STATIC + "[dependency-groups]\npods = ['kedro']\n"},
            "--only-group pods",
            "--group pods",
            (),
        ),
        (
            {"pyproject.toml": STATIC + "[project.optional-dependencies]\npods = ['s3fs']\n"},
            "--no-dev --extra pods",
            "-r pyproject.toml --extra pods",
            (),
        ),
        (
            {
                "pyproject.toml": STATIC + "[tool.uv.sources]\nown = {path = 'libs/own.whl'}\n",
                "libs__own.whl": "",
            },
            "--no-dev",
            "-r pyproject.toml",
            ("libs/own.whl",),
        ),
    ],
)
def test_dependencies_are_found_wherever_a_project_lists_them(
    tmp_path: Path, files: dict[str, str], sync: str, requirements: str, needed: tuple[str, ...]
) -> None:
    """In pyproject.toml, in files that it names, in requirements.txt alone, in a group or extra for pods."""
    found = read_dependencies(_write(tmp_path, **files))
    assert (found.sync, found.requirements, found.files) == (sync, requirements, needed)
    copied = [rest for word, rest in _dockerfile(tmp_path) if word == "COPY"]
    assert all(any(f"${{PROJECT}}/{path}" in rest for rest in copied) for path in needed)


def test_files_that_the_metadata_refers_to_are_copied_with_the_project(tmp_path: Path) -> None:
    """Readme, licence and version file of Kedro's older templates; what is absent is left out."""
    _write(tmp_path, **{"pyproject.toml": KEDRO_019, "README.md": "", "LICENSE": "", "VERSION": "1"})
    copied = [rest for word, rest in _stages(_dockerfile(tmp_path))["project"] if word == "COPY"]
    for name in ("README.md", "LICENSE", "VERSION"):
        assert f"--chown=1000:1000 ${{PROJECT}}/{name} ./" in copied
    assert not any("requirements.txt" in rest for rest in copied)


def test_other_folders_for_configuration_and_code_are_copied(tmp_path: Path) -> None:
    """CONF_SOURCE and source_dir of the project, names with spaces too."""
    _write(tmp_path, **{"pyproject.toml": STATIC})
    copied = [rest for word, rest in _dockerfile(tmp_path, conf="my conf", source="code") if word == "COPY"]
    assert '--chown=1000:1000 ["${PROJECT}/my conf", "./my conf/"]' in copied
    assert "--chown=1000:1000 ${PROJECT}/code ./code/" in copied


def test_a_project_file_that_cannot_be_read_is_reported_with_its_place(tmp_path: Path) -> None:
    """The file and the line, not a traceback."""
    _write(tmp_path, **{"pyproject.toml": "[project\n"})
    with pytest.raises(ArgoError, match="line 1") as caught:
        read_dependencies(tmp_path)
    assert caught.value.file == str(tmp_path / "pyproject.toml")


@pytest.mark.project
def test_the_self_test_names_what_the_image_lacks(tmp_path: Path) -> None:
    """The example passes; a module that is not installed does not, nor one that fails in find_pipelines."""
    project = tmp_path / "flights"
    shutil.copytree(EXAMPLES / "spaceflights", project, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "kedro_matrix_ext.argo.image.self_test"]
    passed = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert passed.returncode == 0, passed.stderr
    assert "the image can run" in passed.stdout
    registry = next(project.glob("src/*/pipeline_registry.py"))
    nodes = next(project.glob("src/*/pipelines/*/nodes.py"))  # deferred in the project, and not here
    nodes.write_text(nodes.read_text() + "\nimport not_in_the_image\n")
    failed = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "'not_in_the_image' is not installed in the image" in failed.stderr
    registry.write_text(
        "from kedro.framework.project import find_pipelines\n\n\n"
        "def register_pipelines():\n    return find_pipelines()\n"
    )
    shutil.rmtree(registry.parent / "pipelines")
    (registry.parent / "pipelines" / "broken").mkdir(parents=True)
    (registry.parent / "pipelines" / "broken" / "__init__.py").write_text("import also_missing\n")
    swallowed = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert swallowed.returncode == 1
    assert "also_missing" in swallowed.stderr.splitlines()[-1]

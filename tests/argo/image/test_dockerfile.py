"""The Dockerfile of a project: each instruction is judged, dependencies are found wherever listed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.argo.image.parsed_dockerfile import parse_dockerfile
from tests.conftest import EXAMPLES

from kedro_matrix_ext.argo.image.context import list_context_files
from kedro_matrix_ext.argo.image.dependencies import read_dependencies
from kedro_matrix_ext.argo.scaffold import list_project_files, write_project_files
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.argo.image.parsed_dockerfile import Stage
    from tests.kedro_project import KedroProject

VARIABLE = re.compile(r"\$\{?(\w+)")
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


def _stages(project: Path, conf: str = "conf", source: str = "src") -> dict[str, Stage]:
    """Parse the Dockerfile of a project into its stages; the last one is called ``project``."""
    files = list_project_files(
        project, base_conf=project / conf / "base", package="shop", python="3.11", source=source
    )
    (text,) = [file.text for file in files if file.path.name == "Dockerfile"]
    assert "syntax=" not in text  # the engine's own frontend is enough
    stages = parse_dockerfile(text)
    return {stage.name or ("project" if stage.base else "head"): stage for stage in stages}


def _list_copied(stage: Stage) -> list[str]:
    return [" ".join((*copy.options, copy.text)) for copy in stage.named("COPY")]


@pytest.fixture
def stages(tmp_path: Path) -> dict[str, Stage]:
    """The stages of an ordinary project."""
    return _stages(_write(tmp_path, **{"pyproject.toml": STATIC}))


def test_a_change_of_code_reaches_the_last_stage_alone(stages: dict[str, Stage]) -> None:
    """Packages are installed before the project is copied, so that their layer is kept."""
    assert list(stages) == ["head", "uv", "packages", "environment", "project"]
    for name in ("packages", "environment"):
        assert not any("/src" in copied or "conf" in copied for copied in _list_copied(stages[name]))
    assert "--no-install-project" in stages["packages"].shell
    assert "--no-deps --editable ." in stages["project"].shell
    assert "compileall -q src" in stages["project"].shell
    assert stages["project"].base == "environment"


def test_every_instruction_is_one_that_builders_know_and_every_command_parses(
    stages: dict[str, Stage],
) -> None:
    """No line for another frontend, no placeholder left, valid shell, the user without rights at the end."""
    known = {"ARG", "COPY", "RUN", "ENV", "WORKDIR", "USER", "ENTRYPOINT", "CMD"}
    instructions = [instruction for stage in stages.values() for instruction in stage.instructions]
    assert {instruction.word for instruction in instructions} <= known
    assert "@" not in "".join(instruction.text for instruction in instructions)
    for stage in stages.values():
        for run in stage.named("RUN"):
            subprocess.run(["sh", "-n", "-c", run.text], check=True)  # noqa: S607  any POSIX shell
    for name in ("packages", "environment"):  # the base may have another user
        assert stages[name].named("USER")[0].text == "0:0"
        assert stages[name].instructions[0].word == "USER"
    assert stages["project"].named("USER")[-1].text == "1000:1000"
    assert "self_test" in stages["project"].instructions[-1].text


def test_every_variable_is_declared_in_its_stage_and_every_stage_exists(stages: dict[str, Stage]) -> None:
    """An argument is unknown after the next FROM; COPY and mounts name an earlier stage."""
    assigned = re.compile(r"\b(?:for )?(\w+)(?:=| in )")
    heads = {argument.text.partition("=")[0] for argument in stages["head"].named("ARG")}
    before: set[str] = set()
    for name, stage in list(stages.items())[1:]:
        known = {"PATH"} | {argument.text.partition("=")[0] for argument in stage.named("ARG")}
        assert set(VARIABLE.findall(stage.base)) <= heads
        for instruction in stage.instructions:
            used = set(VARIABLE.findall(instruction.text))
            assert used <= known | set(assigned.findall(instruction.text)), instruction
            sources = {instruction.option("from"), *(mount.get("from") for mount in instruction.mounts)}
            assert sources - {None} <= before
        before.add(name)


def test_every_stage_that_installs_uses_the_companys_index_and_login(stages: dict[str, Stage]) -> None:
    """The index is declared; login and cache are mounted where uv looks, so no layer keeps them."""
    home, installing = "what the base image has", []
    for name, stage in stages.items():
        for instruction in stage.instructions:
            if instruction.word == "ENV":
                home = dict(word.split("=", 1) for word in instruction.words).get("HOME", home)
            if instruction.word != "RUN" or not re.search(r"\buv (sync|pip|venv)", instruction.text):
                continue
            own = re.search(r"\bHOME=(\S+) uv", instruction.text)
            here = own[1] if own else home
            targets = {(mount["type"], mount.get("target")) for mount in instruction.mounts}
            assert {("cache", f"{here}/.cache/uv"), ("secret", f"{here}/.netrc")} <= targets, name
            assert "UV_DEFAULT_INDEX" in [argument.text for argument in stage.named("ARG")], name
            installing.append(name)
    assert installing == ["packages", "project"]


def test_arguments_take_a_mirror_a_base_and_a_company_in(stages: dict[str, Stage]) -> None:
    """Index, Python builds, uv's image and the base are arguments; certificates come as a build secret."""
    arguments = {argument.text.split("=")[0] for stage in stages.values() for argument in stage.named("ARG")}
    assert {"BASE_IMAGE", "UV_IMAGE", "UV_DEFAULT_INDEX", "UV_PYTHON_INSTALL_MIRROR", "PROGRAMS"} <= arguments
    for name in ("packages", "environment"):
        mounts = [mount for run in stages[name].named("RUN") for mount in run.mounts]
        assert {"type": "secret", "id": "certificates"} in mounts
    assert "mkdir -p /opt/python" in stages["packages"].shell  # a base that has Python leaves it empty


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
        (
            {"pyproject.toml": STATIC.replace('"kedro"', '"own @ git+https://git.example.com/own@v1"')},
            "--no-dev",
            "-r pyproject.toml",
            (),
        ),
        (
            {
                "pyproject.toml": STATIC
                + "[tool.uv.sources]\nkedro = {git = 'https://git.example.com/kedro'}\n"
            },
            "--no-dev",
            "-r pyproject.toml",
            (),
        ),
        (
            {
                "requirements.txt": "git+https://git.example.com/own@v1#egg=own\n",
                "pyproject.toml": "[tool.kedro]\n",
            },
            "--no-dev",
            "-r requirements.txt",
            ("requirements.txt",),
        ),
    ],
)
def test_dependencies_are_found_wherever_a_project_lists_them(
    tmp_path: Path, files: dict[str, str], sync: str, requirements: str, needed: tuple[str, ...]
) -> None:
    """In pyproject.toml, in files that it names, in requirements.txt alone, in a group or extra for pods."""
    found = read_dependencies(_write(tmp_path, **files))
    assert (found.sync, found.requirements, found.files) == (sync, requirements, needed)
    stage = _stages(tmp_path)["packages"]
    copied, shell = _list_copied(stage), stage.shell
    assert "ca-certificates git" in shell[: shell.index("uv pip install")]  # for dependencies at a git URL
    assert all(any(f"${{PROJECT}}/{path}" in rest for rest in copied) for path in needed)


def test_files_that_the_metadata_refers_to_are_copied_with_the_project(tmp_path: Path) -> None:
    """Readme, licence and version file of Kedro's older templates; what is absent is left out."""
    _write(tmp_path, **{"pyproject.toml": KEDRO_019, "README.md": "", "LICENSE": "", "VERSION": "1"})
    copied = _list_copied(_stages(tmp_path)["project"])
    for name in ("README.md", "LICENSE", "VERSION"):
        assert f"--chown=1000:1000 ${{PROJECT}}/{name} ./" in copied
    assert not any("requirements.txt" in rest for rest in copied)


def test_other_folders_for_configuration_and_code_are_copied(tmp_path: Path) -> None:
    """CONF_SOURCE and source_dir of the project, names with spaces too."""
    _write(tmp_path, **{"pyproject.toml": STATIC})
    copied = _list_copied(_stages(tmp_path, conf="my conf", source="code")["project"])
    assert '--chown=1000:1000 ["${PROJECT}/my conf", "./my conf/"]' in copied
    assert "--chown=1000:1000 ${PROJECT}/code ./code/" in copied


def test_data_stays_out_where_the_code_is_in_the_projects_own_folder(tmp_path: Path) -> None:
    """With ``source_dir = "."`` a pattern that brings folders of packages back would bring all back."""
    _write(tmp_path, **{"pyproject.toml": STATIC, "data__cars.csv": "", "shop__nodes.py": ""})
    files = list_project_files(
        tmp_path, base_conf=tmp_path / "conf/base", package="shop", python="3.11", source="."
    )
    write_project_files(files, replace=lambda _: True)
    sent = list(list_context_files(tmp_path / "Dockerfile", tmp_path))
    assert "shop/nodes.py" in sent
    assert "data/cars.csv" not in sent


@pytest.mark.project
@pytest.mark.parametrize("source", ["/etc/conf", "../conf", "s3://bucket/conf"])
def test_configuration_outside_of_the_project_is_reported(
    make_project: Callable[..., KedroProject], source: str
) -> None:
    """The image would not hold it; nothing is written."""
    project = make_project()
    project.write("src/shop/settings.py", f"CONF_SOURCE = {source!r}\n")
    done = project.kedro("argo", "init", check=False)
    assert done.returncode == 1
    assert f"the configuration is in {source!r}, outside of the project" in done.stderr
    assert not (project.path / "Dockerfile").exists()


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

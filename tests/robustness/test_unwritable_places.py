"""Every command that writes says in one error what it cannot write, and leaves what was there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

WRITERS = (
    ("argo", "plan"),
    ("argo", "check"),
    ("argo", "submit", "--dry-run"),
    ("argo", "resources", "--from", "tasks.jsonl"),
    ("matrix", "variants"),
    ("matrix", "hooks"),
    ("matrix", "config", "show"),
    ("matrix", "config", "explain", "parameters", "a"),
    ("matrix", "config", "diff", "base", "local"),
    ("matrix", "config", "check"),
    ("matrix", "schema"),
)
# A path under a file, a folder that takes no files even from root, and a full disk.
PLACES = ("pyproject.toml/under/out", "/proc/none", "/dev/full")
RUN = """
import errno, json, tempfile
from pathlib import Path
from click.testing import CliRunner
from kedro.framework.cli.cli import KedroCLI
from kedro_matrix_ext import _atomic_file

def refuse(*_, dir, **__):
    raise OSError(errno.EROFS, "Read-only file system", str(dir))

shown = []
for words, is_read_only in json.load(open("commands.json")):
    _atomic_file.tempfile = type("ReadOnly", (), {"mkstemp": refuse}) if is_read_only else tempfile
    result = CliRunner().invoke(KedroCLI(project_path=Path.cwd()), words)
    failed = None if isinstance(result.exception, SystemExit) else repr(result.exception)
    shown.append([words, result.exit_code, result.output, failed])
Path("shown.json").write_text(json.dumps(shown))
"""
FILES = {
    "src/shop/settings.py": """
        from kedro_matrix_ext import LayeredConfigLoader, config_loader_args, dynamic_pipeline_mapping

        CONFIG_LOADER_CLASS = LayeredConfigLoader
        CONFIG_LOADER_ARGS = config_loader_args()
        DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping({"prices": ["base"]})
        """,
    "src/shop/pipeline_registry.py": """
        from kedro.pipeline import Node, Pipeline


        def register_pipelines():
            return {"__default__": Pipeline([Node(sorted, "params:a", None, name="one")])}
        """,
    "conf/base/parameters.yml": "a: [1]\n",
    "conf/base/catalog.yml": "{}\n",
    "conf/cloud/globals.yml": "{}\n",
    "conf/base/argo.yml": "deployment: {image: registry.example/shop, tag: v1}\n",
    "tasks.jsonl": '{"node": "one", "status": "succeeded", "seconds": 1.0, "cpu_seconds": 1.0, '
    '"peak_memory_bytes": 5}\n',
}


def run(
    project: KedroProject, commands: list[tuple[list[str], bool]]
) -> list[tuple[list[str], int, str, str | None]]:
    """Run commands one after the other, some with a disk that refuses every new file."""
    project.write("commands.json", json.dumps(commands))
    project.python(RUN)
    shown: list[tuple[list[str], int, str, str | None]] = json.loads(project.read("shown.json"))
    return shown


def read_all(folder: Path) -> dict[str, str]:
    """Read the files of a project that commands must not touch."""
    files = [path for name in ("conf", "src", "pyproject.toml", "schemas") for path in [folder / name]]
    every = [each for path in files for each in (path.rglob("*") if path.is_dir() else [path])]
    return {str(path): path.read_text() for path in every if path.is_file() and path.suffix != ".pyc"}


@pytest.fixture
def shop(project: KedroProject) -> KedroProject:
    """A project that every command loads."""
    for name, text in FILES.items():
        project.write(name, text)
    return project


def test_a_file_that_cannot_be_written_is_named(shop: KedroProject) -> None:
    """By ``-o`` of each command, in each kind of place; no command ends with a traceback."""
    before = read_all(shop.path)
    commands = [([*words, "-o", place], False) for words in WRITERS for place in PLACES]
    wrong = [
        (words, code, failed, output[-600:])
        for words, code, output, failed in run(shop, commands)
        if failed or not code or words[-1] not in output or "Error" not in output
    ]
    assert wrong == []
    assert read_all(shop.path) == before


def test_a_read_only_disk_is_one_error_that_names_the_path(shop: KedroProject) -> None:
    """Of commands that write into the project: what is there stays whole, and nothing is added."""
    for name in ("out.txt", "schemas/argo.schema.json"):
        shop.write(name, "the old one\n")
    before = read_all(shop.path)
    commands = [([*words, "-o", "out.txt"], True) for words in WRITERS if words != ("matrix", "schema")]
    commands += [
        (["matrix", "schema", "-o", "schemas"], True),
        (["matrix", "init", "--yes"], True),
        (["argo", "init", "--force"], True),
        (["argo", "rehearse", "--env", "base", "--yes"], True),
    ]
    named = ("out.txt", "schemas", "conf/", "settings.py", "Dockerfile", ".kedro_matrix")
    wrong = [
        (words, code, failed, output[-600:])
        for words, code, output, failed in run(shop, commands)
        if failed or not code or "Read-only file system" not in output or not any(x in output for x in named)
    ]
    assert wrong == []
    assert read_all(shop.path) == before
    assert shop.read("out.txt") == "the old one\n"


def test_a_file_in_place_of_a_folder_is_one_error(shop: KedroProject) -> None:
    """Of the rehearsals; it is named."""
    shop.write(".kedro_matrix", "")
    ((_, code, output, failed),) = run(shop, [(["argo", "rehearse", "--env", "base", "--yes"], False)])
    assert (failed, code) == (None, 1), output
    assert ".kedro_matrix" in output

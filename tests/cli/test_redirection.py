"""Results in files that standard output is redirected to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click import ClickException

import kedro_matrix_ext
from kedro_matrix_ext.cli.output import write_output

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

KEDRO = (
    "[11/28/26 10:00:00] INFO     Using                 __init__.py:1\n   '/a/rich_logging.yml' as logging\n"
)
SCRIPT = """
import sys
from kedro_matrix_ext.cli.output import write_output
sys.stdout.write(sys.argv[1])
sys.stdout.flush()
write_output("result: 1", None)
"""


def _run(logged: str, file: Path, mode: str) -> str:
    with file.open(mode) as stdout:
        subprocess.run([sys.executable, "-c", SCRIPT, logged], stdout=stdout, check=True)
    return file.read_text()


def test_file_has_the_result_alone(tmp_path: Path) -> None:
    """What Kedro logged before the command is not in the file."""
    assert _run(KEDRO, tmp_path / "wf.yml", "w") == "result: 1\n"


@pytest.mark.parametrize("logged", ["", "a header\n", KEDRO + KEDRO, f"a header\n{KEDRO}"])
def test_other_content_stays(tmp_path: Path, logged: str) -> None:
    """A file with anything else, also the log of an earlier command, keeps its content."""
    assert _run(logged, tmp_path / "wf.yml", "w") == f"{logged}result: 1\n"


def test_file_that_is_appended_to_keeps_its_content(tmp_path: Path) -> None:
    """With ``>>`` nothing is removed."""
    file = tmp_path / "wf.yml"
    file.write_text(KEDRO)
    assert _run("", file, "a") == f"{KEDRO}result: 1\n"


def test_pipe_is_not_touched() -> None:
    """What went into a pipe cannot be taken back."""
    ran = subprocess.run([sys.executable, "-c", SCRIPT, KEDRO], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{KEDRO}result: 1\n"


@pytest.mark.parametrize("closed", [False, True])
def test_output_that_cannot_be_written_is_one_error(monkeypatch: pytest.MonkeyPatch, *, closed: bool) -> None:
    """A full disk, also one that shows only when what was printed is flushed, and a closed file."""
    with Path("/dev/full").open("w") as full:
        if closed:
            full.close()
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(ClickException) as raised:
            write_output("result: 1", None)
        reason = "closed file" if closed else "No space left on device"
        assert raised.value.message.startswith("cannot write to standard output: ")
        assert reason in raised.value.message
        monkeypatch.undo()
        if not closed:
            with suppress(OSError):
                full.close()


def test_a_reader_that_has_read_enough_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kedro ... | head`: click ends the command without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    pipe = os.fdopen(writing, "w")
    monkeypatch.setattr("sys.stdout", pipe)
    with pytest.raises(BrokenPipeError):
        write_output("result: 1", None)
    monkeypatch.undo()
    with suppress(BrokenPipeError):
        pipe.close()


@pytest.mark.project
@pytest.mark.parametrize(
    "words", ["matrix hooks", "matrix schema", "matrix schema argo", "matrix init", "argo init"]
)
def test_kedro_on_a_full_disk_ends_with_one_error(project: KedroProject, words: str) -> None:
    """No traceback of the command, and none at Python's end; the lines about logging are Kedro's own."""
    command = [sys.executable, "-m", "kedro", *words.split()]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            command,
            cwd=project.path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 1
    assert ran.stderr.endswith("Error: cannot write to standard output: No space left on device\n")


@pytest.mark.project
def test_kedro_command_writes_json_to_a_file(project: KedroProject) -> None:
    """``kedro matrix config show --format json > file`` is JSON, with Kedro's own logging configuration."""
    project.write("conf/base/parameters.yml", "rate: 2\n")
    command = [sys.executable, "-m", "kedro", "matrix", "config", "show", "parameters", "--format", "json"]
    with (project.path / "out.json").open("w") as stdout:
        subprocess.run(command, cwd=project.path, stdout=stdout, env={**os.environ}, check=True)
    assert json.loads(project.read("out.json")) == {"rate": 2}


def test_every_command_prints_by_one_function() -> None:
    """The one that knows of full disks; what goes to standard error does not need it."""
    commands = Path(kedro_matrix_ext.__file__).parent / "cli"
    printing = {
        f"{file.relative_to(commands)}: {line.strip()}"
        for file in commands.rglob("*.py")
        for line in file.read_text().splitlines()
        if "click.echo" in line and "err=True" not in line
    }
    assert printing == {"output.py: click.echo(text)"}

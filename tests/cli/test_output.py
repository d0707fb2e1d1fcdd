"""What commands put out: with `--format` goes `-o`, and a file that cannot be written is one error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from kedro_matrix_ext.cli.argo import argo
from kedro_matrix_ext.cli.matrix import matrix
from kedro_matrix_ext.cli.output import format_option, output_option, write_output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@click.command()
@format_option("text", "json")
@output_option("the answer")
def answer(*, output_format: str, output: Path | None) -> None:
    """Give the format in colour."""
    write_output(click.style(output_format, bold=True), output, what="an answer")


def _list_commands(group: click.Group) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _list_commands(command)
        elif command is not None:
            yield command


@pytest.mark.parametrize("group", [argo, matrix], ids=["argo", "matrix"])
def test_what_has_a_format_can_go_to_a_file(group: click.Group) -> None:
    """Kedro logs on standard output before any command, so JSON needs a way around it."""
    options = [
        {name for option in command.params for name in option.opts} for command in _list_commands(group)
    ]
    assert any("--format" in names for names in options)
    assert all({"--output", "-o"} <= names for names in options if "--format" in names)


def test_a_file_is_plain_text_in_a_folder_that_is_made(tmp_path: Path) -> None:
    """Standard output stays empty; standard error says what was written where."""
    file = tmp_path / "deep" / "answer.txt"
    result = CliRunner().invoke(answer, ["--format", "json", "-o", str(file)])
    assert (result.stdout, result.stderr) == ("", f"wrote an answer to {file}\n")
    assert file.read_text() == "json\n"


@pytest.mark.parametrize(("place", "status"), [("taken/answer.txt", 1), (".", 2)])
def test_a_file_that_cannot_be_written_is_one_error(tmp_path: Path, place: str, status: int) -> None:
    """A file is where a folder is needed, or the other way round."""
    (tmp_path / "taken").touch()
    result = CliRunner().invoke(answer, ["-o", str(tmp_path / place)])
    assert (result.exit_code, result.stdout) == (status, "")
    assert str(tmp_path / place) in result.stderr
    assert isinstance(result.exception, SystemExit)

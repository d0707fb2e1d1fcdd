"""The help of all commands, and colours."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from kedro_matrix_ext.cli.argo import argo
from kedro_matrix_ext.cli.examples import EXAMPLES
from kedro_matrix_ext.cli.matrix import matrix
from kedro_matrix_ext.cli.output import colour_findings, write_output

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_WORKFLOWS_ONLY = ("argo mlflow-run", "argo workflow-hooks")
FINDING = "error[unknown-key]: there is no key 'x'\n  fix: Remove it."


def _list_commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _list_commands(f"{path} {name}", found)


COMMANDS = dict([*_list_commands("matrix", matrix), *_list_commands("argo", argo)])


def test_every_command_of_users_has_examples() -> None:
    """Commands that only a workflow runs have none."""
    assert set(EXAMPLES) == {name for name in COMMANDS if not name.startswith(BY_WORKFLOWS_ONLY)}


@pytest.mark.parametrize(("name", "example"), [(n, e) for n, examples in EXAMPLES.items() for e in examples])
def test_example_is_a_call_of_its_command(name: str, example: str) -> None:
    """The options of an example exist, and their values are allowed."""
    kedro, *words = shlex.split(example.partition(" > ")[0])
    path = name.split()
    assert (kedro, words[: len(path)]) == ("kedro", path)
    command = COMMANDS[name]
    for parameter in command.params:
        if isinstance(getattr(parameter, "type", None), click.Path):
            parameter.type = click.Path()  # the files of examples do not exist
    with command.make_context(path[-1], words[len(path) :]):
        pass


def test_examples_end_the_help() -> None:
    """Each on a line that can be copied."""
    result = CliRunner().invoke(argo, ["plan", "--help"], prog_name="kedro argo")
    assert result.output.endswith(
        "Examples:\n    kedro argo plan --group-by memory\n    kedro argo plan --format html -o plan.html\n"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    """No option has a name only."""
    options = [each for each in COMMANDS[name].params if isinstance(each, click.Option)]
    assert [option.opts for option in options if not option.help] == []


def test_findings_are_coloured_in_terminals_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Severities have colours; a pipe gets none, nor does a terminal with NO_COLOR."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = colour_findings(FINDING)
    assert coloured != FINDING
    assert click.unstyle(coloured) == FINDING
    write_output(coloured, None)
    assert capsys.readouterr().out == f"{FINDING}\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert colour_findings(FINDING) == FINDING

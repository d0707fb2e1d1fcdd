"""The site holds all pages, and says what is true of the package."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from tests.public_api.exported_objects import PUBLIC_MODULES

from kedro_matrix_ext.cli.argo import argo
from kedro_matrix_ext.cli.matrix import matrix

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WORKFLOW_COMMANDS = ("argo task", "argo mlflow-run", "argo workflow-hooks")
LINK = re.compile(r"\]\((?P<target>[\w-]+\.md)\)")


def test_every_public_module_has_its_page_of_reference() -> None:
    """A page renders the docstrings of each public module, and of no other."""
    rendered = re.findall(
        r"^::: (kedro_matrix_ext\S*)$",
        "\n".join(page.read_text() for page in (DOCS / "reference").glob("*.md")),
        re.MULTILINE,
    )
    assert sorted(rendered) == sorted(PUBLIC_MODULES)


def test_index_of_how_tos_names_every_page() -> None:
    """A how-to that no one finds is none: `docs/how-to/index.md` has a row for each."""
    named = LINK.findall((DOCS / "how-to" / "index.md").read_text())
    pages = [page.name for page in (DOCS / "how-to").glob("*.md") if page.name != "index.md"]
    assert sorted(named) == sorted(pages)


def test_architecture_shows_the_layers_of_the_contract() -> None:
    """The layers that the page shows are those that CI checks."""
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    page = (DOCS / "explanation" / "architecture.md").read_text()
    shown = page.partition("## Imports point downward only")[2].partition("```text\n")[2].partition("```")[0]
    assert shown.splitlines() == layers


def test_every_command_is_run_by_a_page() -> None:
    """A page shows each command at work, which also tries that it needs no network.

    Those that only a workflow runs are tried by rehearsals.
    """
    pages = "\n".join(page.read_text() for page in DOCS.rglob("*.md"))
    run = set(re.findall(r"^\s*\$ .*\bkedro ((?:matrix|argo)(?: [a-z-]+)+)", pages, re.MULTILINE))
    names = {*_list_commands("matrix", matrix), *_list_commands("argo", argo)}
    names = {name for name in names if not name.startswith(WORKFLOW_COMMANDS)}
    assert {name for name in names if not any(f"{one} ".startswith(f"{name} ") for one in run)} == set()


def _list_commands(path: str, command: click.Command) -> list[str]:
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    found = {name: command.get_command(context, name) for name in command.list_commands(context)}
    return [each for name, one in found.items() if one for each in _list_commands(f"{path} {name}", one)]


def test_architecture_names_every_package() -> None:
    """Each package at the top of the source has its row."""
    page = (DOCS / "explanation" / "architecture.md").read_text()
    packages = {path.parent.name for path in (ROOT / "src" / "kedro_matrix_ext").glob("*/__init__.py")}
    assert packages == set(re.findall(r"\| `(\w+)/` \|", page))

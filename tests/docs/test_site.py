"""The site has all pages, and they agree with the package."""

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
SOURCE = ROOT / "src" / "kedro_matrix_ext"
ARCHITECTURE = DOCS / "explanation" / "architecture.md"
TEXT_BLOCK = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WORKFLOW_COMMANDS = ("argo task", "argo mlflow-run", "argo workflow-hooks")
LINK = re.compile(r"\]\((?P<target>[\w-]+\.md)\)")


def test_every_public_module_has_its_page_of_reference() -> None:
    """The reference has one page for each public module."""
    rendered = re.findall(
        r"^::: (kedro_matrix_ext\S*)$",
        "\n".join(page.read_text() for page in (DOCS / "reference").glob("*.md")),
        re.MULTILINE,
    )
    assert sorted(rendered) == sorted(PUBLIC_MODULES)


def test_index_of_how_tos_names_every_page() -> None:
    """`docs/how-to/index.md` has a row for each page."""
    named = LINK.findall((DOCS / "how-to" / "index.md").read_text())
    pages = [page.name for page in (DOCS / "how-to").glob("*.md") if page.name != "index.md"]
    assert sorted(named) == sorted(pages)


def test_architecture_shows_the_layers_of_each_contract() -> None:
    """The page shows the layers that CI checks: of the package, of config, of argo."""
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 cannot read TOML")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = {contract["id"]: contract["layers"] for contract in contracts if contract["type"] == "layers"}
    shown = [block.splitlines() for block in TEXT_BLOCK.findall(ARCHITECTURE.read_text())[1:4]]
    assert shown == [layers["layers"], layers["config"], layers["argo"]]


def test_architecture_shows_every_folder() -> None:
    """The page's first block is the tree of packages, each with a description."""
    listed, parents = [], [""] * 9
    for line in TEXT_BLOCK.findall(ARCHITECTURE.read_text())[0].splitlines():
        name, description = line.split(maxsplit=1)
        depth = (len(line) - len(line.lstrip())) // 2
        parents[depth] = name
        listed.append("/".join(parents[: depth + 1]))
        assert description[0].isupper() or description.startswith(("argo.yml", "kedro matrix"))
    packages = [path.parent.relative_to(SOURCE) for path in SOURCE.rglob("__init__.py")]
    data = SOURCE / "cli/matrix/templates"  # files that are copied, no code
    folders = [path for path in packages if path.parts and not (SOURCE / path).is_relative_to(data)]
    assert listed == [path.as_posix() for path in sorted(folders)]


def test_every_command_is_run_by_a_page() -> None:
    """A page runs each command, without network; rehearsals run those that only a workflow needs."""
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

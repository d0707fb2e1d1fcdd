"""Numbers and booleans where a node's type hint expects text: one finding each, with the quotes it needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kedro.pipeline import Node, Pipeline
from pydantic import BaseModel

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.checks import Project, check_environments

if TYPE_CHECKING:
    from kedro_matrix_ext.findings import Finding


class Release(BaseModel):
    """Text in several forms, and a number."""

    version: str = ""
    either: str | list[str] = ""
    file: Path | None = None
    tags: list[str] = []
    names: dict[str, str] = {}
    count: int = 0


def _use(release: Release) -> None: ...


def _check(folder: Path, text: str, *, name: str = "parameters.yml") -> list[Finding]:
    (folder / "base").mkdir(exist_ok=True)
    (folder / "base" / "catalog.yml").touch()
    (folder / "base" / name).write_text(text)
    project = Project(
        conf_source=str(folder),
        loader_class=LayeredConfigLoader,
        loader_arguments=config_loader_args(),
        pipelines={"__default__": Pipeline([Node(_use, "params:r", None, name="use")])},
    )
    return check_environments(project, ["base"])


@pytest.mark.parametrize("field", ["version", "either", "file"])
@pytest.mark.parametrize(
    "written",
    [
        "1.10",
        "1.0",
        "1_000",
        "0x10",
        "1e3",
        "0755",
        "22:30",
        "12e4567",
        "3",
        "no",
        "true",
        "+1",
        "0b11",
        ".5",
    ],
)
def test_text_that_yaml_reads_as_a_number_or_boolean_is_shown_in_quotes(
    tmp_path: Path, field: str, written: str
) -> None:
    """One finding for the fault, and what it advises is right."""
    (found,) = _check(tmp_path, f"r:\n  count: 1\n  {field}: {written}\n")
    assert (found.code, found.location.line) == ("typed-parameter-refused", 3)
    assert found.location.config_path == f"parameters: r.{field}"
    assert f"YAML reads {written} as the " in found.fix
    advised = re.search(r"in quotes: (\S+)\.$", found.fix)
    assert advised is not None
    assert _check(tmp_path, f"r:\n  count: 1\n  {field}: {advised[1]}\n") == []


def test_each_item_of_a_list_is_one_finding(tmp_path: Path) -> None:
    """Also where several are on one line; what another key has on it is still noted."""
    found = _check(tmp_path, "r: {tags: [01, a, 0x2], count: 010}\n")
    assert [(each.code, each.location.config_path) for each in found] == [
        ("text-read-otherwise", "parameters"),
        ("typed-parameter-refused", "parameters: r.tags[0]"),
        ("typed-parameter-refused", "parameters: r.tags[2]"),
    ]
    assert "010" in found[0].message
    assert ["'01'" in found[1].fix, "'0x2'" in found[2].fix] == [True, True]


@pytest.mark.parametrize("text", ["v: 1.10\nr: {version: '${v}'}\n", "r: {version: &v 1.10, either: *v}\n"])
def test_a_number_written_elsewhere_is_to_be_quoted_there(tmp_path: Path, text: str) -> None:
    """Where a reference or alias gives it."""
    last = _check(tmp_path, text)[-1]
    assert "YAML reads it as the number 1.1: put it in quotes where it is written." in last.fix


def test_json_has_its_own_quotes(tmp_path: Path) -> None:
    """JSON does not have single quotes."""
    (found,) = _check(tmp_path, '{"r": {"version": 1.10}}', name="parameters.json")
    assert 'in quotes: "1.10".' in found.fix


@pytest.mark.parametrize(
    "text", ["r: {count: many}\n", "r: {version: [1]}\n", "r: {version: null}\n", "r: {names: 1.10}\n"]
)
def test_other_mistakes_have_the_general_remedy(tmp_path: Path, text: str) -> None:
    """Quotes would not help there."""
    (found,) = _check(tmp_path, text)
    assert found.code == "typed-parameter-refused"
    assert "quotes" not in found.fix


def test_numbers_in_parameters_without_a_type_are_left(tmp_path: Path) -> None:
    """A rate of 1.0 lost nothing."""
    assert _check(tmp_path, "r: {}\nrate: 1.0\nlimit: 1_000\nsmall: 1e-3\nmask: 0x10\n") == []

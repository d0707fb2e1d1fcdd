"""The same fault of an environment is reported once, at its root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.config import OmegaConfigLoader
from tests.config_folder import quiet_kedro

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.checks import Project
from kedro_matrix_ext.checks.loading import load_environment

if TYPE_CHECKING:
    from pathlib import Path

GLOBALS = """
paths:
  base: data
bucket: ${bukket}
raw: ${bucket}/raw
store: s3://${oc.env:KM_STORE}
"""
CATALOG = """
_root: ${globals:paths.bas}
_sub: ${_root}/sub
a: {type: MemoryDataset, metadata: "${_sub}/a"}
b: {type: MemoryDataset, metadata: "${globals:paths.bas}/b"}
c: {type: MemoryDataset, metadata: "${_roo}/c"}
d: {type: MemoryDataset, metadata: "${_roo}/d"}
e: {type: MemoryDataset, metadata: "${_roo}/e"}
f: {type: MemoryDataset, metadata: "${runtime_params:day}"}
g: {type: MemoryDataset, metadata: "${nobody:1}"}
h: {type: MemoryDataset, metadata: "${nobody:1}"}
i: {type: MemoryDataset, metadata: "${merge:1,2}"}
j: {type: MemoryDataset, metadata: "${merge:1,2}"}
k: {type: MemoryDataset, metadata: ["${oc.env:KM_TOKEN}", "${oc.env:KM_TOKEN}"]}
m: {type: MemoryDataset, metadata: "${vault:user}/${vault:token}"}
n: {type: MemoryDataset, metadata: ["${vault:token}", "${vault:}"]}
l: {type: MemoryDataset, metadata: "${.sub}/k", sub: "${globals:store}"}
"""
PARAMETERS = """
day: ${runtime_params:day}
place: ${globals:paths.bas}
own: ${_roo}
bucket: ["${globals:bucket}", "${globals:raw}"]
again: ${bucket}
store: ["${globals:store}", "${oc.env:KM_STORE}", "${oc.decode:${oc.env:KM_STORE}}"]
user: ${oc.env:KM_USER}
vault: ${vault:user}
"""


def ask_vault(name: str) -> str:
    """Raise what a broken resolver of a project raises, and something else without a name."""
    raise ConnectionError("the vault is closed") if name else ValueError("a name is missing")


def test_a_top_level_key_that_is_no_text_is_named_for_kedros_loader(tmp_path: Path) -> None:
    """Kedro's loader ends with an AttributeError, which says neither which key nor where; ours takes it."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base/globals.yml").write_text("a: 1\nno: 5\n")
    (tmp_path / "base/parameters.yml").write_text("2024: 1\n")
    for loader, expected in ((LayeredConfigLoader, []), (OmegaConfigLoader, [("False", 2)])):
        project = Project(
            conf_source=str(tmp_path), loader_class=loader, loader_arguments=config_loader_args()
        )
        with quiet_kedro():
            _, findings = load_environment(project, "base")
        assert [(found.message.split()[2], found.location.line) for found in findings] == expected


@pytest.mark.parametrize("loader", [LayeredConfigLoader, OmegaConfigLoader])
def test_a_mistyped_name_is_one_finding_with_its_root_and_the_number_of_others(
    tmp_path: Path, loader: Any
) -> None:
    """Per missing key, global, variable, runtime parameter and resolver, and per what a resolver raises.

    Two wrong calls of our resolvers are two findings.
    """
    base = tmp_path / "base"
    base.mkdir()
    for name, text in (("globals", GLOBALS), ("catalog", CATALOG), ("parameters", PARAMETERS)):
        (base / f"{name}.yml").write_text(text)
    arguments = config_loader_args(custom_resolvers={"vault": ask_vault})
    project = Project(conf_source=str(tmp_path), loader_class=loader, loader_arguments=arguments)
    with quiet_kedro():
        _, findings = load_environment(project, "base")
    reported = {str(found.location.config_path): found.message for found in findings}
    assert len(reported) == len(findings)
    assert sorted(reported) == [
        "catalog: _root",
        "catalog: c.metadata",
        "catalog: f.metadata",
        "catalog: g.metadata",
        "catalog: i.metadata",
        "catalog: j.metadata",
        "catalog: k.metadata[0]",
        "catalog: m.metadata",
        "catalog: n.metadata[1]",
        "globals: bucket",
        "globals: store",
        "parameters: own",
        "parameters: user",
    ]
    root = reported["catalog: _root"]
    assert "'paths.bas'" in root
    assert "4 other places need it" in root  # _sub, a, b, and place
    assert "next catalog: b.metadata" in root
    assert "catalog.yml:5" in root
    assert "2 other places" in reported["catalog: c.metadata"]
    assert "1 other place needs it, next parameters: day" in reported["catalog: f.metadata"]
    assert "1 other place needs it" in reported["catalog: g.metadata"]
    assert reported["globals: bucket"].endswith("; 5 other places need it")  # raw, and four parameters
    assert (
        "'KM_TOKEN' is not set; 1 other place needs it, next catalog: k.metadata[1]"
        in (reported["catalog: k.metadata[0]"])
    )
    assert (
        "'KM_STORE' is not set; 5 other places need it, next parameters: store[1]"
        in (
            reported["globals: store"]  # two values of l, three of parameters
        )
    )
    for alone in ("catalog: i.metadata", "catalog: j.metadata", "parameters: own", "parameters: user"):
        assert "other place" not in reported[alone]
    assert {found.location.line for found in findings if "_root" in str(found.location)} == {2}

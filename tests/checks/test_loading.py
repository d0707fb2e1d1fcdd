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

GLOBALS = "paths:\n  base: data\nbucket: ${bukket}\nraw: ${bucket}/raw\n"
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
"""
PARAMETERS = """
day: ${runtime_params:day}
place: ${globals:paths.bas}
own: ${_roo}
bucket: ["${globals:bucket}", "${globals:raw}"]
again: ${bucket}
"""


@pytest.mark.parametrize("loader", [LayeredConfigLoader, OmegaConfigLoader])
def test_a_mistyped_name_is_one_finding_with_its_root_and_the_number_of_others(
    tmp_path: Path, loader: Any
) -> None:
    """Per missing key, global, runtime parameter and resolver; two calls that fail are two findings."""
    base = tmp_path / "base"
    base.mkdir()
    for name, text in (("globals", GLOBALS), ("catalog", CATALOG), ("parameters", PARAMETERS)):
        (base / f"{name}.yml").write_text(text)
    project = Project(conf_source=str(tmp_path), loader_class=loader, loader_arguments=config_loader_args())
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
        "globals: bucket",
        "parameters: own",
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
    for alone in ("catalog: i.metadata", "catalog: j.metadata", "parameters: own"):
        assert "other place" not in reported[alone]
    assert {found.location.line for found in findings if "_root" in str(found.location)} == {2}

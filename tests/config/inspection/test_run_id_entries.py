"""Catalog entries that contain the run's id are found through any references, with both loaders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kedro.config import OmegaConfigLoader

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.config.inspection.run_id_entries import find_run_id_entries

if TYPE_CHECKING:
    from pathlib import Path

GLOBALS = """
raw: s3://bucket/raw
base: s3://bucket/${oc.env:WORKFLOW_ID, dummy}
other: s3://bucket/${run:id}
third: s3://bucket/${oc.env:KEDRO_MATRIX_RUN_ID, null, true}
bucket: ${oc.env:RUN_BUCKET, b}
"""
CATALOG = """
outside: {type: x.X, filepath: "${globals:raw}/a"}
by_workflow: {type: x.X, filepath: "${globals:base}/a"}
by_run: {type: x.X, filepath: "${globals:other}/a"}
by_variable: {type: x.X, filepath: "${globals:third}/a"}
direct: {type: x.X, filepath: "a/${oc.env:WORKFLOW_ID, x}"}
"{name}.pattern": {type: x.X, filepath: "${globals:base}/{name}"}
wrapped: {type: CachedDataset, dataset: {type: x.X, filepath: "${globals:other}/a"}}
merged: "${merge:{type: x.X}, {filepath: '${globals:base}/b'}}"
noted: {type: x.X, filepath: a, metadata: {run: "${run:id}"}}
bucket: {type: x.X, filepath: "${globals:bucket}/a"}
"""
FOUND = {"by_workflow", "by_run", "by_variable", "direct", "{name}.pattern", "wrapped", "merged"}


@pytest.mark.filterwarnings("ignore:register_new_resolver")
@pytest.mark.parametrize("globals_text", ["no: 1\n", "a: ${b}\n", "a: [\n"])
def test_nothing_is_found_where_the_configuration_does_not_load(tmp_path: Path, globals_text: str) -> None:
    """Whatever the loader raises: Kedro's has an AttributeError for a top-level key that is not text."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base/globals.yml").write_text(globals_text)
    (tmp_path / "base/catalog.yml").write_text(CATALOG)
    made = []

    def make_loader() -> OmegaConfigLoader:
        made.append(globals_text)
        return OmegaConfigLoader(str(tmp_path), env="base", **config_loader_args())

    assert find_run_id_entries(make_loader) == frozenset()
    assert made


@pytest.mark.filterwarnings("ignore:register_new_resolver")
@pytest.mark.parametrize("loader_class", [OmegaConfigLoader, LayeredConfigLoader])
def test_entries_of_one_run_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader_class: type[OmegaConfigLoader]
) -> None:
    """Whatever the default, through globals, patterns, wrappers and merges; not in metadata."""
    for variable in ("WORKFLOW_ID", "KEDRO_MATRIX_RUN_ID"):
        monkeypatch.delenv(variable, raising=False)
    for name, text in (("globals", GLOBALS), ("catalog", CATALOG)):
        (tmp_path / "base").mkdir(exist_ok=True)
        (tmp_path / "base" / f"{name}.yml").write_text(text)

    def make_loader() -> OmegaConfigLoader:
        return loader_class(str(tmp_path), env="base", **config_loader_args())

    assert find_run_id_entries(make_loader) == FOUND
    monkeypatch.setenv("WORKFLOW_ID", "2030-01-01T00.00.00.000Z")
    assert find_run_id_entries(make_loader) == frozenset()

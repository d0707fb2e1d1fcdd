from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.config import OmegaConfigLoader
from tests.config_folder import ConfFolder, quiet_kedro

from kedro_matrix_ext import LayeredConfigLoader
from kedro_matrix_ext.cli.matrix.loading_changes import LoaderChoice, list_loading_changes, loader_after

if TYPE_CHECKING:
    from pathlib import Path

_ADDED = ("LayeredConfigLoader", "config_loader_args")
_ARGUMENTS = {"base_env": "base", "default_run_env": "local"}


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A configuration whose cloud environment overrides in every way that matters."""
    files = {
        "base/parameters.yml": "model: {depth: 6, eta: 0.1}\nrate: 1\nsame: {a: 1}\n",
        "base/globals.yml": "bucket: data\nraw: ${bucket}/raw\n",
        "base/catalog.yml": "cars: {type: MemoryDataset}\n",
        "cloud/parameters.yml": "model: {depth: 9}\nsame: {a: 2}\n",
        "cloud/globals.yml": "bucket: s3://b\n",
        "local/credentials.yml": "key: ${no_such_key}\n",
        ".hidden/parameters.yml": "rate: 2\n",
    }
    return ConfFolder(tmp_path).write(files).path


def _changes(conf: Path, arguments: dict[str, Any], added: tuple[str, ...] = _ADDED) -> list[str]:
    before = LoaderChoice(OmegaConfigLoader, arguments)
    with quiet_kedro():
        return list_loading_changes(conf, before, loader_after(before, added))


def test_values_that_would_load_differently_are_named(conf: Path) -> None:
    """Merging softly keeps keys, and an override reaches what refers to it; all else loads as before."""
    assert _changes(conf, _ARGUMENTS) == ["cloud: globals: raw", "cloud: parameters: model.eta"]
    destructive = {**_ARGUMENTS, "merge_strategy": {"parameters": "destructive"}}
    assert _changes(conf, destructive) == ["cloud: globals: raw"]


def test_without_another_loader_nothing_differs(conf: Path) -> None:
    """Where settings keep their loader and its arguments, there is nothing to compare."""
    assert _changes(conf, _ARGUMENTS, added=()) == []


def test_what_fails_only_with_the_new_loader_is_told(conf: Path) -> None:
    """An environment that inherits a missing one is ignored by Kedro's loader; ours refuses it."""
    (conf / "cloud/environment.yml").write_text("inherits: [clod]\n")
    changes = _changes(conf, _ARGUMENTS)
    assert changes[0].startswith("cloud: catalog would not load: ")
    assert "'clod'" in changes[0]
    (conf / "base/parameters.yml").write_text("broken: ${no_such_key}\n")
    assert not any("parameters" in change for change in _changes(conf, _ARGUMENTS))


def test_arguments_we_do_not_know_stay(conf: Path) -> None:
    """A dictionary with other keys than ours is merged over our arguments as a whole."""
    before = LoaderChoice(OmegaConfigLoader, {**_ARGUMENTS, "ignore_hidden": False})
    after = loader_after(before, _ADDED)
    assert after.kind is LayeredConfigLoader
    assert after.arguments["ignore_hidden"] is False
    assert "merge" in after.arguments["custom_resolvers"]

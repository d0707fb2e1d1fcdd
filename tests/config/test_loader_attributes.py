"""Attributes of the loader that are set after it is built count, as with Kedro's loader."""

from __future__ import annotations

import inspect
import shutil
from typing import Any

import pytest
from kedro.config import MissingConfigException, OmegaConfigLoader

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.errors import InterpolationError, UnknownEnvironmentError

FILES = {
    "base/globals.yml": "where: base\n",
    "base/parameters.yml": "a: base\nwhere: '${globals:where}'\n",
    "cloud/globals.yml": "where: cloud\n",
    "cloud/parameters.yml": "a: cloud\n",
    "local/parameters.yml": "a: local\n",
    "other/parameters.yml": "a: other\n",
}


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("env", "cloud", {"a": "cloud", "where": "cloud"}),
        ("env", "base", {"a": "base", "where": "base"}),
        ("default_run_env", "other", {"a": "other", "where": "base"}),
        ("base_env", "other", {"a": "local"}),
    ],
)
def test_an_attribute_set_after_building_counts(conf: Any, attribute: str, value: str, expected: Any) -> None:
    """Also after a first load; the globals follow."""
    loader = conf.write(FILES).layered()
    assert loader["parameters"] == {"a": "local", "where": "base"}
    setattr(loader, attribute, value)
    assert loader["parameters"] == expected
    assert value in [layer.name for layer in loader.environments.layers]


def test_another_place_of_the_files_counts(conf: Any) -> None:
    """As notebooks do it that read a copy of the configuration."""
    loader = conf.write(FILES).layered()
    copy = conf.path.parent / "copy"
    shutil.copytree(conf.path, copy)
    (copy / "local/parameters.yml").write_text("a: copy\n")
    loader.conf_source = str(copy)
    assert loader["parameters"]["a"] == "copy"


def test_patterns_and_strategies_set_after_building_count(conf: Any) -> None:
    """Both are looked up at each load."""
    loader = conf.write({**FILES, "base/other.yml": "b: 1\n"}).layered()
    loader.config_patterns["others"] = ["other*"]
    assert loader["others"] == {"b": 1}
    loader.merge_strategy["parameters"] = "destructive"
    assert loader["parameters"]["a"] == "local"


def test_an_unknown_environment_set_after_building_is_an_error_at_the_next_load(conf: Any) -> None:
    """It names the environment, and the nearest one."""
    loader = conf.write(FILES).layered()
    loader.env = "clod"
    with pytest.raises(UnknownEnvironmentError, match="'clod'") as caught:
        loader["parameters"]
    assert "'cloud'" in str(caught.value.hint)


def test_a_missing_base_environment_is_an_error(conf: Any) -> None:
    """A run on `local` alone would silently lack all that base declares."""
    conf.write(FILES)
    shutil.rmtree(conf.path / "base")
    with pytest.raises(UnknownEnvironmentError, match="'base'"):
        conf.layered()
    with pytest.raises(MissingConfigException):
        conf.omegaconf()["parameters"]


def test_the_arguments_of_both_loaders_are_offered(conf: Any) -> None:
    """`config_loader_args` takes what a loader takes, except what Kedro itself passes."""
    given = {"self", "conf_source", "env", "runtime_params"}
    for loader in (LayeredConfigLoader, OmegaConfigLoader):
        taken = inspect.signature(loader.__init__).parameters.keys()
        assert taken - given <= inspect.signature(config_loader_args).parameters.keys()
    conf.write({"base/.parameters.yml": "h: 1\n", "base/catalog.yml": "x: {type: '${runtime_params:t}'}\n"})
    arguments = config_loader_args(ignore_hidden=False, restrict_runtime_params_type_selection=True)
    arguments["config_patterns"]["parameters"].append(".parameters*")
    restricted = LayeredConfigLoader(conf.path, None, {"t": "T"}, **arguments)
    assert restricted["parameters"] == {"h": 1, "t": "T"}
    with pytest.raises(InterpolationError, match="comes from a runtime parameter"):
        restricted["catalog"]
    assert "restrict_runtime_params_type_selection" not in config_loader_args()

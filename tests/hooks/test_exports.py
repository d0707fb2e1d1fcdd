"""The names that ``kedro_matrix_ext.hooks`` exports, and what importing them loads."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import kedro_matrix_ext.hooks


def test_dir_lists_exactly_what_is_exported() -> None:
    """Every exported name can be imported, and the two spellings of MLflowHooks are one class."""
    assert dir(kedro_matrix_ext.hooks) == sorted(kedro_matrix_ext.hooks.__all__)
    exported = {getattr(kedro_matrix_ext.hooks, name) for name in kedro_matrix_ext.hooks.__all__}
    assert len(exported) == len(kedro_matrix_ext.hooks.__all__) - 1
    with pytest.raises(AttributeError, match="no attribute 'MLHooks'"):
        _ = kedro_matrix_ext.hooks.MLHooks


@pytest.mark.parametrize("name", ["NodeTiming", "read_node_timings"])
def test_the_old_import_path_works_and_names_the_new_one(name: str) -> None:
    """``kedro_matrix_ext.hooks.timing_record`` is deprecated; importing it alone does not warn."""
    old = importlib.import_module("kedro_matrix_ext.hooks.timing_record")
    with pytest.warns(DeprecationWarning, match=rf"0\.3\.0: import {name} from kedro_matrix_ext\.hooks"):
        assert getattr(old, name) is getattr(kedro_matrix_ext.hooks, name)
    assert not hasattr(old, "append_timing")


def test_naming_one_hook_imports_no_other_and_nothing_heavy() -> None:
    """A fresh process that creates a hook has one hook module, and neither MLflow, Spark nor pydantic."""
    code = """
import sys
from kedro_matrix_ext._import_path import import_object
import kedro.framework.hooks, kedro.framework.project
before = set(sys.modules)
import_object("kedro_matrix_ext.hooks.{name}")()
new = set(sys.modules) - before
heavy = {{"mlflow", "pyspark", "pydantic", "pandas", "numpy"}}
names = ("mlflow.hooks", "progress", "spark.hooks", "timing.hooks")
modules = {{f"kedro_matrix_ext.hooks.{{name}}" for name in names}}
print(*sorted(new & (heavy | modules)))
"""
    expected = {
        "MLFlowHooks": "mlflow.hooks",
        "NodeTimerHooks": "timing.hooks",
        "ProgressHooks": "progress",
        "SparkHooks": "spark.hooks",
    }
    for name, module in expected.items():
        command = [sys.executable, "-c", code.format(name=name)]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        assert result.stdout.splitlines()[-1].split() == [f"kedro_matrix_ext.hooks.{module}"]

"""What naming a hook in settings.py costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import kedro_matrix_ext.hooks


def test_dir_lists_exactly_what_is_exported() -> None:
    """Every exported hook can be had by its import path, and the two spellings of one are one."""
    assert dir(kedro_matrix_ext.hooks) == sorted(kedro_matrix_ext.hooks.__all__)
    hooks = {getattr(kedro_matrix_ext.hooks, name) for name in kedro_matrix_ext.hooks.__all__}
    assert len(hooks) == len(kedro_matrix_ext.hooks.__all__) - 1
    with pytest.raises(AttributeError, match="no attribute 'MLHooks'"):
        _ = kedro_matrix_ext.hooks.MLHooks


def test_naming_one_hook_imports_no_other_and_nothing_heavy() -> None:
    """A fresh process that builds a hook has one hook module, and neither MLflow, Spark nor pydantic."""
    code = """
import sys
from kedro_matrix_ext._import_path import import_object
import kedro.framework.hooks, kedro.framework.project
before = set(sys.modules)
import_object("kedro_matrix_ext.hooks.{name}")()
new = set(sys.modules) - before
heavy = {{"mlflow", "pyspark", "pydantic", "pandas", "numpy"}}
modules = {{"mlflow_run", "node_timing", "progress", "spark_session"}}
print(*sorted(name for name in new if name in heavy or name.rpartition(".")[2] in modules))
"""
    expected = {"MLFlowHooks": "mlflow_run", "NodeTimerHooks": "node_timing", "SparkHooks": "spark_session"}
    for name, module in expected.items():
        command = [sys.executable, "-c", code.format(name=name)]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        assert result.stdout.splitlines()[-1].split() == [f"kedro_matrix_ext.hooks.{module}"]

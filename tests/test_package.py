"""The package as a whole: what it exports and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import kedro_matrix_ext


def test_dir_lists_exactly_what_is_exported() -> None:
    """`dir()` of the package is its `__all__`, and every name in it can be had."""
    assert dir(kedro_matrix_ext) == sorted(kedro_matrix_ext.__all__)
    assert all(getattr(kedro_matrix_ext, name) is not None for name in kedro_matrix_ext.__all__)


def test_importing_the_package_imports_nothing_heavy() -> None:
    """A fresh process that imports the package and all its exports has no heavy module in it."""
    code = """
import sys
import kedro_matrix_ext
for name in kedro_matrix_ext.__all__:
    getattr(kedro_matrix_ext, name)
heavy = {"mlflow", "pyspark", "kubernetes", "pandas", "numpy", "jinja2", "polars"}
print(*sorted(heavy & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""


def test_settings_import_no_pydantic() -> None:
    """What settings.py uses neither imports pydantic nor defines a model, whose first costs some 140 ms."""
    code = """
import sys
import kedro_matrix_ext as package
from kedro_matrix_ext import resolvers
package.load_environment_variables()
HOOKS = package.determine_hooks_to_execute({"node_timer": "kedro_matrix_ext.hooks.NodeTimerHooks"})
DISABLE_HOOKS_FOR_PLUGINS = package.plugins_to_disable(HOOKS, {"mlflow": "kedro-mlflow"})
DYNAMIC_PIPELINES_MAPPING = package.dynamic_pipeline_mapping({"price_predictor": ["base"]})
CONFIG_LOADER_CLASS = package.LayeredConfigLoader
CONFIG_LOADER_ARGS = package.config_loader_args()
print(*sorted(name for name in sys.modules if name.partition(".")[0].startswith("pydantic")))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""

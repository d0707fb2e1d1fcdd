"""Kedro's own tools see an entry per engine, of plain entries and of patterns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from kedro import __version__ as kedro_version

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project
for needed in ("pandas", "polars", "pyarrow"):
    pytest.importorskip(needed)

REGISTRY = """
from kedro.pipeline import Pipeline, node


def show(frame):
    print("read", len(frame), "rows in", type(frame).__module__.partition(".")[0])


def register_pipelines():
    return {
        "__default__": Pipeline(
            [
                node(lambda raw: raw, "raw@pandas", "base.features@pandas", name="copy"),
                node(show, "base.features@polars", None, name="show"),
            ]
        )
    }
"""
CATALOG = """
raw:
  transcode: [pandas, polars]
  format: csv
  filepath: data/raw.csv
"{variant}.features":
  transcode: [pandas, polars]
  format: parquet
  filepath: data/{variant}/features.parquet
"""
LOADERS = {
    "layered": """
        from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

        CONFIG_LOADER_CLASS = LayeredConfigLoader
        CONFIG_LOADER_ARGS = config_loader_args()
    """,
    "omegaconf": """
        from kedro.config import OmegaConfigLoader
        from kedro_matrix_ext import TranscodingMixin, config_loader_args

        class CONFIG_LOADER_CLASS(TranscodingMixin, OmegaConfigLoader):
            pass

        CONFIG_LOADER_ARGS = config_loader_args()
    """,
}
# One process for all of them: starting Kedro takes longer than what they do.
SCRIPT = """
import json
from pathlib import Path

import yaml
from click.testing import CliRunner
from kedro.framework.cli.cli import KedroCLI

commands, found = KedroCLI(project_path=Path.cwd()), {}
for command in ("list-patterns", "resolve-patterns", "describe-datasets"):
    result = CliRunner().invoke(commands, ["catalog", command])
    assert result.exit_code == 0, result.output
    found[command] = result.stdout

try:
    from kedro.inspection import get_project_snapshot
except ImportError:
    pass
else:
    snapshot = get_project_snapshot(Path.cwd())
    found["snapshot"] = {name: each.filepath for name, each in snapshot.datasets.items()}

result = CliRunner().invoke(commands, ["run"])
assert result.exit_code == 0, result.output
found["run"] = result.stdout
Path("found.json").write_text(json.dumps(found))
"""


@pytest.mark.parametrize("loader", LOADERS)
def test_every_tool_sees_an_entry_per_engine(project: KedroProject, loader: str) -> None:
    """The catalog commands, the snapshot for inspection and a run, under our loader and under Kedro's."""
    project.write("src/shop/settings.py", LOADERS[loader])
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("data/raw.csv", "a\n1\n2\n")
    project.python(SCRIPT)
    found: dict[str, Any] = json.loads(project.read("found.json"))
    for engine, kind in (("pandas", "PandasFrameDataset"), ("polars", "PolarsFrameDataset")):
        assert f"{{variant}}.features@{engine}" in found["list-patterns"]
        assert f"base.features@{engine}" in found["resolve-patterns"]
        assert kind in found["describe-datasets"]
    assert "file_format: parquet" in found["resolve-patterns"]
    assert "read 2 rows in polars" in found["run"]
    if tuple(map(int, kedro_version.split(".")[:2])) >= (1, 7):
        assert found["snapshot"] == {
            "raw@pandas": "data/raw.csv",
            "raw@polars": "data/raw.csv",
            "base.features@pandas": "data/base/features.parquet",
            "base.features@polars": "data/base/features.parquet",
        }

"""Fabricated data is written only in environments that allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pandas")
pytest.importorskip("kedro_datasets")

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

REGISTRY = """
from kedro_matrix_ext.fabrication import create_fabricator_pipeline


def register_pipelines():
    return {"__default__": create_fabricator_pipeline(["cars"])}
"""
PARAMETERS = """
fabricator:
  seed: 1
  cars:
    num_rows: 3
    columns:
      id: {type: generate_unique_id, prefix: car-}
"""
LAYERED = """
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
"""
CATALOG = "cars: {type: pandas.CSVDataset, filepath: cars.csv}\n"


@pytest.mark.project
@pytest.mark.parametrize("settings", ["", LAYERED], ids=["omegaconf", "layered"])
def test_fabricated_data_needs_an_environment_that_allows_it(project: KedroProject, settings: str) -> None:
    """``-e test``, which has ``fabricated: true``, is written; the default one is refused and not changed."""
    project.write("src/shop/settings.py", settings)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/parameters.yml", PARAMETERS)
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/test/environment.yml", "fabricated: true\n")
    refused = project.kedro("run", check=False)
    assert refused.returncode == 1
    assert "would write fabricated data in environment 'local'" in refused.stdout + refused.stderr
    assert not (project.path / "cars.csv").exists()
    project.kedro("run", "-e", "test")
    assert project.read("cars.csv").splitlines() == ["id", "car-00000000", "car-00000001", "car-00000002"]

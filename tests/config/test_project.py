from __future__ import annotations

import json
import tarfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

_FILES = {
    "src/shop/settings.py": """
        from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

        DYNAMIC_PIPELINES_MAPPING = {"prices": ["base", "candidate1"]}
        CONFIG_LOADER_CLASS = LayeredConfigLoader
        CONFIG_LOADER_ARGS = config_loader_args()
    """,
    "src/shop/pipeline_registry.py": """
        import json

        from kedro.pipeline import Pipeline, node


        def register_pipelines():
            def show(all_parameters, cars):
                return json.dumps({"parameters": all_parameters, "cars": cars})

            return {"__default__": Pipeline([node(show, ["parameters", "cars"], "shown", name="show")])}
    """,
    "conf/base/globals.yml": "folder: data\nraw: ${folder}/raw\n",
    "conf/cloud/globals.yml": "folder: bucket\n",
    "conf/prod/environment.yml": "inherits: [cloud]\n",
    "conf/base/catalog.yml": """
        _text: {type: none}
        cars: {type: kedro.io.MemoryDataset, data: '${globals:raw}'}
        shown: {type: shop.files.TextFile, filepath: shown.json}
    """,
    "conf/base/parameters.yml": """
        t: {a: 1, b: 2}
        merged: ${merge:${t},${runtime_params:more, null}}
        variant: ${setting:prices.1}
    """,
    "conf/prod/parameters.yml": "t: {c: 3}\n",
    "src/shop/files.py": """
        from pathlib import Path

        from kedro.io import AbstractDataset


        class TextFile(AbstractDataset):
            def __init__(self, filepath):
                self.path = Path(filepath)

            def load(self):
                return self.path.read_text()

            def save(self, data):
                self.path.write_text(data)

            def _describe(self):
                return {"path": self.path}
    """,
}


@pytest.fixture
def shop(project: KedroProject) -> KedroProject:
    """A project that shows what its one node is given."""
    for name, text in _FILES.items():
        project.write(name, text)
    return project


def test_kedro_runs_on_it(shop: KedroProject) -> None:
    """`kedro run -e prod --params` gives nodes the layered configuration, from folder and archive."""
    shop.kedro("run", "-e", "prod", "--params", "t.a=9")
    shown = json.loads(shop.read("shown.json"))
    assert shown["parameters"]["t"] == {"a": 9, "b": 2, "c": 3}
    assert shown["parameters"]["merged"] == shown["parameters"]["t"]
    assert shown["parameters"]["variant"] == "candidate1"
    assert shown["cars"] == "bucket/raw"
    with tarfile.open(shop.path / "conf.tar.gz", "w:gz") as archive:
        archive.add(shop.path / "conf", "conf")
    shop.write("conf/base/parameters.yml", "t: {a: broken}\n")
    shop.kedro("run", "--conf-source", "conf.tar.gz")
    shown = json.loads(shop.read("shown.json"))
    assert (shown["cars"], shown["parameters"]["t"]) == ("data/raw", {"a": 1, "b": 2})


def test_a_mistyped_environment_stops_kedro(shop: KedroProject) -> None:
    """`-e prd` is one error that suggests the environment."""
    result = shop.kedro("run", "-e", "prd", check=False)
    assert result.returncode
    assert "Did you mean 'prod'?" in (result.stdout + result.stderr).replace("\n", " ")


def test_catalog_commands_and_notebooks(shop: KedroProject) -> None:
    """`kedro catalog` lists the entries, and `%reload_kedro` gives a catalog and parameters of the layers."""
    assert "shown" in shop.kedro("catalog", "describe-datasets").stdout
    printed = shop.python(
        """
        from IPython.testing.globalipapp import start_ipython

        shell = start_ipython()
        shell.run_line_magic("load_ext", "kedro.ipython")
        shell.run_line_magic("reload_kedro", ". --env=prod --params=t.a=9")
        print("LOADED", shell.user_ns["catalog"].load("params:t"), shell.user_ns["catalog"].load("cars"))
        """
    )
    assert "LOADED {'a': 9, 'b': 2, 'c': 3} bucket/raw" in printed.stdout


def test_importing_the_settings_brings_no_pydantic_and_nothing_heavy(shop: KedroProject) -> None:
    """What settings.py imports of this package adds none of the heavy modules, nor pydantic."""
    printed = shop.python(
        """
        import sys

        import kedro.config
        before = set(sys.modules)
        sys.path.insert(0, "src")
        import shop.settings
        heavy = {"mlflow", "pyspark", "kubernetes", "pandas", "numpy", "jinja2", "polars", "pydantic"}
        print("HEAVY", sorted(heavy & (set(sys.modules) - before)))
        """
    )
    assert "HEAVY []" in printed.stdout
